// A picture: where it lies, its Gaussian, and the wipe against the truth.

const LEAST_LOG = -7; // of the variance on the slider, which stands for none

const PICTURE_ENTRIES = new Entries({
  variance: { usual: 1e-3, limits: [0, 1], always: true },
  minor: { usual: null, limits: [0, 1] },
  angle: { usual: 0, limits: [-360, 360] },
  x: { usual: 0, limits: [-10, 10] },
  y: { usual: 0, limits: [-10, 10] },
  zoom: { usual: 1, limits: [0.1, 1000] },
  wipe: { usual: 1, limits: [0, 1] },
  ellipse: { usual: 1, limits: [0, 1] },
}, (state) => ({ ...state, minor: state.minor === null ? null : Math.min(state.minor, state.variance) }));

// [xx, xy, yy] of the Gaussian: `variance` along its longer axis, which is turned by `angle` degrees, `minor` across.
function covarianceOf({ variance, minor, angle }) {
  if (minor === null || minor === variance) return [variance, 0, variance];
  const turn = (angle * Math.PI) / 180;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  return [variance * c * c + minor * s * s, (variance - minor) * c * s, variance * s * s + minor * c * c];
}

class PicturePage extends Page {
  constructor(header, shaders, data) {
    super(PICTURE_ENTRIES, header, shaders, data);
  }

  static async unpacked(header) {
    const truth = header.truth && header.truth.id ? await decoded(header.truth) : null;
    return { samples: await decoded(header.samples), truth };
  }

  newDrawing() {
    const drawing = new PictureDrawing(this.canvas, this.header, this.shaders, this.data);
    for (const part of document.querySelectorAll("[data-truth]")) part.toggleAttribute("hidden", !drawing.truth);
    return drawing;
  }

  paint() {
    this.drawing.draw(this.state, backgroundColour());
    this.ellipse.draw(this.state, this.drawing.place(this.state).unit / this.ratio());
  }

  showControls() {
    const { variance, minor, angle, wipe } = this.state;
    element("scale").value = variance > 0 ? Math.log10(variance) : LEAST_LOG;
    const across = minor ?? variance;
    element("stretch").value = across < variance ? 0.5 * Math.log10(variance / Math.max(across, 1e-9)) : 0;
    element("angle").value = angle;
    element("scale-value").textContent = variance > 0 ? `variance ${short(variance)}` : "not smoothed";
    element("stretch-value").textContent = across < variance ? `1 : ${short(Math.sqrt(variance / Math.max(across, 1e-9)))}` : "round";
    element("angle-value").textContent = `${Math.round(angle)}°`;
    element("wipe").value = wipe;
    element("wipe-line").setAttribute("x1", `${100 * wipe}%`);
    element("wipe-line").setAttribute("x2", `${100 * wipe}%`);
    element("ellipse-shown").checked = Boolean(this.state.ellipse);
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${element("scale-value").textContent}, zoom ${short(this.state.zoom)}`);
  }

  connectControls() {
    this.ellipse = new Ellipse(element("ellipse"), (change) => this.set(change));
    element("scale").addEventListener("input", (event) => this.setScale(Number(event.target.value)));
    element("stretch").addEventListener("input", (event) => {
      const ratio = 10 ** (2 * Number(event.target.value));
      this.set({ minor: ratio === 1 ? null : this.state.variance / ratio });
    });
    element("angle").addEventListener("input", (event) => this.set({ angle: Number(event.target.value) }));
    element("wipe").addEventListener("input", (event) => this.set({ wipe: Number(event.target.value) }));
    element("ellipse-shown").addEventListener("change", (event) => this.set({ ellipse: Number(event.target.checked) }));
    element("reset").addEventListener("click", () => this.showWhole());
  }

  // The ellipse keeps its shape.
  setScale(log) {
    const variance = log <= LEAST_LOG ? 0 : 10 ** log;
    const { minor, variance: before } = this.state;
    this.set({ variance, minor: minor === null ? null : before > 0 ? (minor * variance) / before : variance });
  }

  moved(from, to) {
    const unit = this.drawing.place(this.state).unit / this.ratio();
    this.set({ x: this.state.x - (to[0] - from[0]) / unit, y: this.state.y - (to[1] - from[1]) / unit });
  }

  // What lies under a point, in CSS pixels, stays there.
  zoomAt(px, py, factor) {
    const zoom = Math.min(Math.max(this.state.zoom * factor, 0.1), 1000);
    const ratio = this.ratio();
    const [x, y] = this.drawing.domainAt(this.state, px * ratio, py * ratio);
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
    const { zoom, x, y, variance } = this.state;
    const step = 0.1 / zoom;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const log = variance > 0 ? Math.log10(variance) : LEAST_LOG;
    return {
      ArrowLeft: () => this.set({ x: x - step }),
      ArrowRight: () => this.set({ x: x + step }),
      ArrowUp: () => this.set({ y: y - step }),
      ArrowDown: () => this.set({ y: y + step }),
      "+": () => this.zoomAt(width / 2, height / 2, 1.25),
      "=": () => this.zoomAt(width / 2, height / 2, 1.25),
      "-": () => this.zoomAt(width / 2, height / 2, 0.8),
      "0": () => this.showWhole(),
      "[": () => this.setScale(Math.max(log - 0.1, LEAST_LOG)),
      "]": () => this.setScale(Math.min(log + 0.1, 0)),
    };
  }

  showWhole() {
    this.glide({ x: 0, y: 0, zoom: 1 });
  }

  between(from, goal, share) {
    const zoom = from.zoom * (goal.zoom / from.zoom) ** share;
    return { ...super.between(from, goal, share), zoom };
  }
}

openPage(PicturePage);
