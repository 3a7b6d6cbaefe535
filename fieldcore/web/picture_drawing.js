// A picture as it is seen: values at the canvas's pixels, smoothed by one Gaussian.

class PictureDrawing extends PlaneDrawing {
  constructor(canvas, header, shaders, data) {
    super(canvas, header, shaders);
    const samples = samplesTexture(this.gpu, header.samples, data.samples);
    this.field = new Pyramid(this.gpu, header.levels, samples);
    const truth = header.truth === header.samples.id ? samples : data.truth && samplesTexture(this.gpu, header.truth, data.truth);
    this.truth = truth ? new Pyramid(this.gpu, header.levels.slice(0, 1), truth) : null;
  }

  valuesIn(state, box) {
    return this.smoothed(this.field, state, box);
  }

  otherIn(state, box) {
    return this.truth && this.smoothed(this.truth, state, box);
  }

  smoothed(pyramid, state, box) {
    return pyramid.onLattice(this.axes(state, box), this.covariance(state, this.place(state).unit), this.draft);
  }

  // Where samples are closer together than pixels, the pixel is averaged over as well.
  covariance(state, unit) {
    const cell = this.header.levels[0].lines[0].cell;
    const pixel = Math.max(unit ** -2 - cell ** 2 * 1.001, 0) / 4;
    const [xx, xy, yy] = covarianceOf(state);
    return [xx + pixel, xy, yy + pixel];
  }
}
