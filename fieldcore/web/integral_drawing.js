// A picture under a kernel of any size: one for all of it, exactly, or one that grows away from a gaze.

const BORDERS = { mirror: 0, repeat: 1, clamp: 2 };

class IntegralDrawing extends PlaneDrawing {
  constructor(canvas, header, shaders, data) {
    super(canvas, header, shaders);
    this.samples = samplesTexture(this.gpu, header.samples, data);
  }

  valuesIn(state, box) {
    return state.fovea ? this.foveated(state, box) : this.under(state, [state.half, state.half_y ?? state.half], box);
  }

  // The picture itself.
  otherIn(state, box) {
    return this.under(state, [0, 0], box);
  }

  // By which kernels are widened where samples are closer together than pixels.
  pixelVariance(state) {
    return Math.max(this.place(state).unit ** -2 - this.header.lines[0].cell ** 2 * 1.001, 0) / 4;
  }

  under(state, halfSizes, box) {
    const profile = profileOf(KERNELS[state.kernel]);
    const pixel = this.pixelVariance(state) / profile.variance;
    return this.axes(state, box).reduce((texture, positions, axis) => {
      const halfSize = Math.sqrt(halfSizes[axis] ** 2 + pixel);
      const maps = kernelMaps(this.header.lines[axis], positions, profile, halfSize);
      return maps.reduce((before, taps) => this.gpu.mapped(before, taps, axis), texture);
    }, this.samples);
  }

  foveated(state, box) {
    const profile = profileOf(KERNELS[state.kernel]);
    const ladder = this.ladder(state.kernel, profile);
    const axes = this.axes(state, box);
    const to = this.gpu.target(axes[0].length, axes[1].length);
    const [x, y] = this.header.lines.map(({ first, cell, count, border }) => [first, cell, count, BORDERS[border ?? "mirror"]]);
    const four = (values) => [...values, 0, 0].slice(0, 4);
    this.gpu.draw("ladder.frag", to, {
      samples: this.samples, atlas: ladder.atlas, table: ladder.table, count: ladder.count, least: ladder.least,
      log2_ratio: Math.log2(LADDER_RATIO), direct_size: LADDER_LEAST * x[1],
      knots: four(profile.knots), weights: four(profile.weights), degree: profile.degree, line_x: x, line_y: y,
      corner: [axes[0][0], axes[1][0]], step_size: 1 / this.place(state).unit,
      gaze: [state.gaze_x, state.gaze_y], radius: state.radius, falloff: state.falloff,
      own_variance: state.half ** 2 * profile.variance + this.pixelVariance(state), unit_variance: profile.variance,
    });
    return to;
  }

  // Of one kernel at a time: it is large.
  ladder(kernel, profile) {
    if (this.latest?.kernel !== kernel) {
      this.latest?.ladder.delete(this.gpu.gl);
      this.latest = { kernel, ladder: new Ladder(this.gpu, this.header.lines, this.samples, profile) };
    }
    return this.latest.ladder;
  }
}
