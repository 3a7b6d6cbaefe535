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
    const maps = this.axes(state, box).map((positions, axis) => {
      const halfSize = Math.sqrt(halfSizes[axis] ** 2 + pixel);
      return kernelMaps(this.header.lines[axis], positions, profile, halfSize, this.draft);
    });
    return alongBoth(this.gpu, this.samples, maps);
  }

  foveated(state, box) {
    const profile = profileOf(KERNELS[state.kernel]);
    const { shader, ...sizes } = this.sizes(state.kernel, profile); // first: making a ladder recycles targets
    const axes = this.axes(state, box);
    const to = this.gpu.target(axes[0].length, axes[1].length);
    const [x, y] = this.header.lines.map(({ first, cell, count, border }) => [first, cell, count, BORDERS[border ?? "mirror"]]);
    const four = (values) => [...values, 0, 0].slice(0, 4);
    this.gpu.draw(shader, to, {
      samples: this.samples, ...sizes, direct_size: DIRECT_MOST * x[1],
      knots: four(profile.knots), weights: four(profile.weights), degree: profile.degree, line_x: x, line_y: y,
      corner: [axes[0][0], axes[1][0]], step_size: 1 / this.place(state).unit,
      gaze: [state.gaze_x, state.gaze_y], radius: state.radius, falloff: state.falloff,
      own_variance: state.half ** 2 * profile.variance + this.pixelVariance(state), unit_variance: profile.variance,
    });
    return to;
  }

  // What the picture is under a kernel of any size read from, with the shader that does; of one kernel at a time, as it is large.
  sizes(kernel, profile) {
    if (this.latest?.kernel !== kernel) {
      this.latest?.made.delete(this.gpu.gl);
      const { lines } = this.header;
      // A box has edges, which show between two sizes; of it sums are enough, which half floats cannot hold.
      const isBySums = profile.degree === 0 && this.gpu.format.bits >= 32;
      this.latest = { kernel, isBySums, made: isBySums ? new RunningSums(this.gpu, lines, this.samples) : new Ladder(this.gpu, lines, this.samples, profile) };
    }
    const { isBySums, made } = this.latest;
    if (isBySums) return { shader: "ladder.frag SUMS", sums: made.texture, mean: made.mean };
    const { atlas, table, count, least } = made;
    return { shader: "ladder.frag", atlas, table, count, least, log2_ratio: Math.log2(LADDER_RATIO) };
  }
}
