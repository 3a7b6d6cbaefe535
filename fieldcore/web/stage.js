// A light stage: the light, its size, the exposure, and the wipe against the nearest photo.

const STAGE_ENTRIES = new Entries({
  u: { usual: -0.35, limits: [-1, 1], always: true },
  v: { usual: -0.35, limits: [-1, 1], always: true },
  ...GAUSSIAN_ENTRIES,
  ...PLANE_ENTRIES,
}, (state) => ({ ...minorWithin(state), ...inChart([state.u, state.v]) }));

const NUDGE = 0.02; // of the chart: what an arrow key moves the light by

class StagePage extends GaussianPage {
  constructor(header, shaders, data) {
    super(STAGE_ENTRIES, header, shaders, data);
  }

  static async unpacked(header) {
    return Promise.all(header.pictures.map((block) => decoded(block)));
  }

  newDrawing() {
    for (const part of document.querySelectorAll("[data-photos]")) part.toggleAttribute("hidden", !this.header.has_photos);
    return new StageDrawing(this.canvas, this.header, this.shaders, this.data);
  }

  paint() {
    this.drawing.draw(this.state, backgroundColour());
    return false;
  }

  // One standard deviation in degrees: near the zenith the chart's radius is the angle over the square root of 2.
  scaleWords(variance) {
    const degrees = (Math.sqrt(2 * variance) / this.header.scale) * (180 / Math.PI);
    return variance > 0 ? `${short(variance)}, ${degrees.toFixed(1)}°` : "a point";
  }

  showControls() {
    super.showControls();
    const { u, v } = this.state;
    const [x, y, z] = directionOf([u, v], this.header.scale);
    const degrees = (angle) => Math.round((angle * 180) / Math.PI);
    const words = `light at azimuth ${degrees(Math.atan2(y, x))}°, elevation ${degrees(Math.asin(Math.min(z, 1)))}°`;
    this.disc.draw(this.state, this.drawing.hats.inHull([u, v]), words);
    const beyond = this.drawing.degreesBeyond(this.state);
    const told = beyond > 0.5 ? `${Math.round(beyond)}° beyond the photos' lights` : "";
    if (element("beyond").textContent !== told) element("beyond").textContent = told;
    const { number, degrees: away } = this.drawing.nearest(this.state);
    element("nearest").textContent = `${this.header.photos[number]}, ${away.toFixed(1)}°`;
    element("photo").setAttribute("aria-pressed", String(this.state.wipe === 0));
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${words}, ${element("scale-value").textContent}`);
  }

  connectControls() {
    super.connectControls();
    this.disc = new Disc(element("disc"), this.header, (change) => this.set(change));
    this.disc.light.addEventListener("keydown", (event) => this.key(event));
    element("photo").addEventListener("click", () => this.togglePhoto());
  }

  togglePhoto() {
    if (this.header.has_photos) this.set({ wipe: this.state.wipe === 0 ? 1 : 0 });
  }

  // The chart lies over the picture, its horizon about the shorter side.
  lightAt(px, py) {
    const half = Math.min(...this.header.half_extent);
    this.set(inChart(this.domainAt(px, py).map((place) => place / half)));
  }

  pressed(px, py, event) {
    if (!event.shiftKey && event.pointerType !== "touch" && event.button === 0) this.lightAt(px, py);
  }

  moved(from, to, event) {
    if (event.shiftKey || this.pointers.size > 1 || event.buttons > 1) super.moved(from, to, event);
    else this.lightAt(...to);
  }

  keyActions(event) {
    const { u, v } = this.state;
    const nudge = (du, dv) => () => this.set(inChart([u + NUDGE * du, v + NUDGE * dv]));
    const lights = { ArrowLeft: nudge(-1, 0), ArrowRight: nudge(1, 0), ArrowUp: nudge(0, -1), ArrowDown: nudge(0, 1) };
    return {
      ...super.keyActions(event),
      ...(event.shiftKey ? {} : lights),
      j: () => this.togglePhoto(),
    };
  }
}

openPage(StagePage);
