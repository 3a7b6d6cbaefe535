// The picture as it is seen: smoothed values at the canvas's pixels, and these as colours.

class PictureDrawing {
  constructor(canvas, header, shaders, data) {
    this.canvas = canvas;
    this.header = header;
    this.gpu = new Gpu(canvas, shaders);
    const samples = samplesTexture(this.gpu, header.samples, data.samples);
    this.field = new Pyramid(this.gpu, header.levels, samples);
    const truth = header.truth === header.samples.id ? samples : data.truth && samplesTexture(this.gpu, header.truth, data.truth);
    this.truth = truth ? new Pyramid(this.gpu, header.levels.slice(0, 1), truth) : null;
  }

  // Where the picture lies on the canvas. Positions are pixels from its top left corner.
  place(state) {
    const { width, height } = this.canvas;
    const [halfX, halfY] = this.header.half_extent;
    const unit = state.zoom * Math.min(width / (2 * halfX), height / (2 * halfY)); // pixels
    const left = width / 2 - (state.x + halfX) * unit;
    const top = height / 2 - (state.y + halfY) * unit;
    return { unit, left, top, right: left + 2 * halfX * unit, bottom: top + 2 * halfY * unit };
  }

  domainAt(state, px, py) {
    const { unit } = this.place(state);
    return [state.x + (px - this.canvas.width / 2) / unit, state.y + (py - this.canvas.height / 2) / unit];
  }

  draw(state, background) {
    const { gl } = this.gpu;
    const { width, height } = this.canvas;
    const place = this.place(state);
    this.gpu.recycle();
    this.box = [Math.max(Math.floor(place.left), 0), Math.max(Math.floor(place.top), 0),
      Math.min(Math.ceil(place.right), width), Math.min(Math.ceil(place.bottom), height)];
    this.values = null;
    if (this.box[0] < this.box[2] && this.box[1] < this.box[3]) this.values = this.smoothed(this.field, state, this.box);
    const showsTruth = this.truth && state.wipe < 1 && this.values;
    const truth = showsTruth ? this.smoothed(this.truth, state, this.box) : null;
    this.gpu.bind(null);
    gl.clearColor(...background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.values) this.show(this.values, place, null);
    const from = Math.round(state.wipe * width);
    if (truth) this.show(truth, place, [from, 0, width - from, height]);
  }

  smoothed(pyramid, state, [left, top, right, bottom]) {
    const { unit } = this.place(state);
    const axes = [[left, right], [top, bottom]].map(([low, high], axis) => {
      const [middle, size] = axis === 0 ? [state.x, this.canvas.width] : [state.y, this.canvas.height];
      return evenlySpaced(middle + (low + 0.5 - size / 2) / unit, 1 / unit, high - low);
    });
    return pyramid.onLattice(axes, this.covariance(state, unit));
  }

  // Where samples are closer together than pixels, the pixel is averaged over as well.
  covariance(state, unit) {
    const cell = this.header.levels[0].lines[0].cell;
    const pixel = Math.max(unit ** -2 - cell ** 2 * 1.001, 0) / 4;
    const [xx, xy, yy] = covarianceOf(state);
    return [xx + pixel, xy, yy + pixel];
  }

  show(values, place, scissor) {
    const { gl } = this.gpu;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this.gpu.draw("picture.frag", null, {
      picture: values,
      pane_box: [0, 0, this.canvas.width, this.canvas.height],
      picture_box: [place.left, place.top, place.right, place.bottom],
      texture_box: this.box,
      black_value: this.header.value_range[0],
      white_value: this.header.value_range[1],
    }, scissor);
    gl.disable(gl.BLEND);
  }

  // The channels' values at a pixel, or null beside the picture.
  valueAt(px, py) {
    const [left, top, right, bottom] = this.box;
    if (!this.values || px < left || px >= right || py < top || py >= bottom) return null;
    const value = this.gpu.read(this.values, px - left, py - top, 1, 1);
    return Array.from(value.slice(0, Math.min(this.header.channels, 3)));
  }
}
