// A picture under a kernel of any size: one for all of it, exactly, or one that grows away from a gaze.

const BORDERS = { mirror: 0, repeat: 1, clamp: 2 };

class IntegralDrawing extends PlaneDrawing {
  constructor(canvas, header, shaders, data) {
    super(canvas, header, shaders);
    this.samples = samplesTexture(this.gpu, header.samples, data);
  }

  valuesIn(state, box) {
    const kernel = kernelOf(state.kernel);
    return hasFovea(state) ? this.foveated(kernel, state, box) : this.under(kernel, state, [state.half, state.half_y ?? state.half], box);
  }

  // The picture itself.
  otherIn(state, box) {
    return this.under(kernelOf("tent"), state, [0, 0], box);
  }

  // Values under a kernel whose parts cancel are about mid-grey.
  valueRange(state) {
    const [black, white] = super.valueRange(state);
    if (!kernelOf(state.kernel).hasMass) return [-0.5 * white / state.gain, 0.5 * white / state.gain];
    return [black / state.gain, white / state.gain];
  }

  otherRange(state) {
    return super.valueRange(state);
  }

  // By which kernels are widened where samples are closer together than pixels.
  pixelVariance(state) {
    return Math.max(this.place(state).unit ** -2 - this.header.lines[0].cell ** 2 * 1.001, 0) / 4;
  }

  under({ terms, variance }, state, halfSizes, box) {
    const { gpu } = this;
    const pixel = this.pixelVariance(state) / variance;
    const axes = this.axes(state, box);
    const products = terms.map((profiles) => alongBoth(gpu, this.samples, axes.map((positions, axis) => {
      const halfSize = Math.sqrt(halfSizes[axis] ** 2 + pixel);
      const unfiltered = terms.length > 1 ? profiles[axis].mass : 1;
      return kernelMaps(this.header.lines[axis], positions, profiles[axis], halfSize, unfiltered, this.draft);
    })));
    return products.reduce((one, other) => {
      const sum = gpu.target(one.width, one.height);
      gpu.draw("sum.frag", sum, { one, other });
      return sum;
    });
  }

  foveated({ name, numbers, variance }, state, box) {
    const { of: profile, made = "" } = KERNELS[name];
    const { shader, ...sizes } = this.sizes(profile); // first: making a ladder recycles targets
    const axes = this.axes(state, box);
    const to = this.gpu.target(axes[0].length, axes[1].length);
    const [x, y] = this.header.lines.map(({ first, cell, count, border }) => [first, cell, count, BORDERS[border ?? "mirror"]]);
    const four = (values) => [...values, 0, 0].slice(0, 4);
    const turn = ((numbers[0] ?? 0) * Math.PI) / 180;
    const scale = 2 * QUADRATIC.derivative.integral(0, 1);
    this.gpu.draw(`${shader} ${made}`.trim(), to, {
      samples: this.samples, ...sizes, direct_size: DIRECT_MOST * x[1],
      knots: four(profile.knots), weights: four(profile.weights), degree: profile.degree, line_x: x, line_y: y,
      corner: [axes[0][0], axes[1][0]], step_size: 1 / this.place(state).unit,
      gaze: [state.gaze_x, state.gaze_y], radius: state.radius, falloff: state.falloff,
      own_variance: state.half ** 2 * variance + this.pixelVariance(state), unit_variance: variance,
      direction: [Math.cos(turn) / scale, -Math.sin(turn) / scale], ratio: numbers[0] ?? USUAL_RATIO,
    });
    return to;
  }

  // What the picture is under a profile of any size read from, with the shader that does; of one at a time, as it is large.
  sizes(profile) {
    if (this.latest?.profile !== profile) {
      this.latest?.made.delete(this.gpu.gl);
      const { lines } = this.header;
      // A box has edges, which show between two sizes; of it sums are enough, which half floats cannot hold.
      const isBySums = profile.degree === 0 && this.gpu.format.bits >= 32;
      this.latest = { profile, isBySums, made: isBySums ? new RunningSums(this.gpu, lines, this.samples) : new Ladder(this.gpu, lines, this.samples, profile) };
    }
    const { isBySums, made } = this.latest;
    if (isBySums) return { shader: "ladder.frag SUMS", sums: made.texture, mean: made.mean };
    const { atlas, table, count, least } = made;
    return { shader: "ladder.frag", atlas, table, count, least, log2_ratio: Math.log2(LADDER_RATIO) };
  }
}

// Of a kernel that is drawn each pixel would read too much.
const hasFovea = ({ kernel, fovea }) => Boolean(fovea) && "of" in KERNELS[kernelOf(kernel).name];
