// A plane that is moved and zoomed: where it lies on the canvas, what is drawn of it, and the wipe against another one.

const PLANE_ENTRIES = {
  x: { usual: 0, limits: [-10, 10] },
  y: { usual: 0, limits: [-10, 10] },
  zoom: { usual: 1, limits: [0.1, 1000] },
  wipe: { usual: 1, limits: [0, 1] },
  exposure: { usual: 0, limits: [-10, 10] },
};

const EXPOSURE_STEP = 0.25; // stops a key

class PlaneDrawing {
  constructor(canvas, header, shaders) {
    this.canvas = canvas;
    this.header = header;
    this.gpu = new Gpu(canvas, shaders);
    this.gpu.prepare([along("axis.frag", 0), along("axis.frag", 1), "picture.frag"]);
  }

  // A kind of plane has these: textures of values at the pixels of a box of the canvas.
  valuesIn(state, box) { throw new Error("a plane has values"); }
  otherIn(state, box) { return null; } // what it is wiped against
  get hasExposure() { return this.header.encoding === "linear"; }

  // Of what is black and what is white.
  valueRange(state) {
    const [black, white] = this.header.value_range;
    return this.hasExposure ? [black, white * 2 ** -state.exposure] : [black, white];
  }

  otherRange(state) { return this.valueRange(state); }

  // Where it lies on the canvas. Positions are pixels from its top left corner.
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

  // The places of a box's pixels along each axis, in domain units.
  axes(state, [left, top, right, bottom]) {
    const { unit } = this.place(state);
    return [[left, right], [top, bottom]].map(([low, high], axis) => {
      const [middle, size] = axis === 0 ? [state.x, this.canvas.width] : [state.y, this.canvas.height];
      return evenlySpaced(middle + (low + 0.5 - size / 2) / unit, 1 / unit, high - low);
    });
  }

  // `draft`: values may be a little less exact, if that is quicker.
  draw(state, background, draft = false) {
    const { gl } = this.gpu;
    this.draft = draft;
    const { width, height } = this.canvas;
    const place = this.place(state);
    this.gpu.recycle();
    this.box = [Math.max(Math.floor(place.left), 0), Math.max(Math.floor(place.top), 0),
      Math.min(Math.ceil(place.right), width), Math.min(Math.ceil(place.bottom), height)];
    const isSeen = this.box[0] < this.box[2] && this.box[1] < this.box[3];
    this.values = isSeen ? this.valuesIn(state, this.box) : null;
    const other = isSeen && state.wipe < 1 ? this.otherIn(state, this.box) : null;
    this.gpu.bind(null);
    gl.clearColor(...background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.values) this.show(this.values, this.valueRange(state), place, null);
    const from = Math.round(state.wipe * width);
    if (other) this.show(other, this.otherRange(state), place, [from, 0, width - from, height]);
  }

  show(values, [black, white], place, scissor) {
    const { gl } = this.gpu;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this.gpu.draw("picture.frag", null, {
      picture: values,
      pane_box: [0, 0, this.canvas.width, this.canvas.height],
      picture_box: [place.left, place.top, place.right, place.bottom],
      texture_box: this.box,
      black_value: black,
      white_value: white,
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

class PlanePage extends Page {
  // No higher than the plane can fill.
  fit() {
    const [halfX, halfY] = this.header.half_extent;
    element("stage").style.maxHeight = `${(100 * halfY) / halfX}vw`;
    super.fit();
  }

  // Where a point of the canvas in CSS pixels lies, in domain units.
  domainAt(px, py) {
    const ratio = this.ratio();
    return this.drawing.domainAt(this.state, px * ratio, py * ratio);
  }

  moved(from, to) {
    const unit = this.drawing.place(this.state).unit / this.ratio();
    this.set({ x: this.state.x - (to[0] - from[0]) / unit, y: this.state.y - (to[1] - from[1]) / unit });
  }

  // What lies under a point, in CSS pixels, stays there.
  zoomAt(px, py, factor) {
    const zoom = Math.min(Math.max(this.state.zoom * factor, 0.1), 1000);
    const [x, y] = this.domainAt(px, py);
    const share = this.state.zoom / zoom;
    this.set({ zoom, x: x - (x - this.state.x) * share, y: y - (y - this.state.y) * share });
  }

  hovered(px, py) {
    if (px === null) {
      element("value").textContent = "";
      return;
    }
    const ratio = this.ratio();
    const [column, row] = [Math.floor(px * ratio), Math.floor(py * ratio)];
    const value = this.drawing.valueAt(column, row);
    const at = this.drawing.domainAt(this.state, column + 0.5, row + 0.5);
    element("value").textContent = value
      ? `${value.map((number) => number.toFixed(4)).join("  ")}   at ${at.map((number) => number.toFixed(3)).join(", ")}` : "";
  }

  keyActions() {
    const { zoom, x, y, exposure } = this.state;
    const expose = (stops) => () => this.set({ exposure: Math.min(Math.max(exposure + stops, -6), 6) });
    const step = 0.1 / zoom;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    return {
      ArrowLeft: () => this.set({ x: x - step }),
      ArrowRight: () => this.set({ x: x + step }),
      ArrowUp: () => this.set({ y: y - step }),
      ArrowDown: () => this.set({ y: y + step }),
      "+": () => this.zoomAt(width / 2, height / 2, 1.25),
      "=": () => this.zoomAt(width / 2, height / 2, 1.25),
      "-": () => this.zoomAt(width / 2, height / 2, 0.8),
      "0": () => this.showWhole(),
      ...(this.drawing.hasExposure ? { ",": expose(-EXPOSURE_STEP), ".": expose(EXPOSURE_STEP) } : {}),
    };
  }

  connectControls() {
    element("wipe").addEventListener("input", (event) => this.set({ wipe: Number(event.target.value) }));
    element("exposure").addEventListener("input", (event) => this.set({ exposure: Number(event.target.value) }));
    for (const part of document.querySelectorAll("[data-exposed]")) part.toggleAttribute("hidden", !this.drawing.hasExposure);
    element("reset").addEventListener("click", () => this.showWhole());
  }

  showControls() {
    element("wipe").value = this.state.wipe;
    element("wipe-line").setAttribute("x1", `${100 * this.state.wipe}%`);
    element("wipe-line").setAttribute("x2", `${100 * this.state.wipe}%`);
    element("wipe-line").style.opacity = this.state.wipe < 1 ? "" : "0";
    const { exposure } = this.state;
    element("exposure").value = exposure;
    element("exposure-value").textContent = `${exposure > 0 ? "+" : ""}${short(exposure)} stops`;
  }

  showWhole() {
    this.glide({ x: 0, y: 0, zoom: 1 });
  }

  between(from, goal, share) {
    const zoom = from.zoom * (goal.zoom / from.zoom) ** share;
    return { ...super.between(from, goal, share), zoom };
  }
}
