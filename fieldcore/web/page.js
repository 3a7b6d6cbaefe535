// The page: controls, keys and pointers change the state, and what is shown follows.

const element = (id) => document.getElementById(id);

class Page {
  constructor(header, shaders, data) {
    this.header = header;
    this.shaders = shaders;
    this.data = data;
    this.canvas = element("picture");
    this.state = stateOf(location.hash);
    this.pointers = new Map();
    this.ellipse = new Ellipse(element("ellipse"), (change) => this.set(change));
    this.drawing = new Drawing(this.canvas, header, shaders, data);
    if (!this.drawing.truth) {
      for (const part of document.querySelectorAll("[data-truth]")) part.toggleAttribute("hidden", true);
    }
    this.connect();
    new ResizeObserver(() => this.fit()).observe(element("stage"));
    this.fit();
  }

  // Change what is shown.
  set(change) {
    this.state = { ...this.state, ...change };
    this.request();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.writeFragment(), 150);
  }

  writeFragment() {
    try {
      history.replaceState(null, "", fragmentOf(this.state));
    } catch {
      // A frame that may not change its address shows the same.
    }
  }

  request() {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.asked = 0;
    if (this.drawing.gpu.gl.isContextLost()) return;
    this.drawing.draw(this.state, backgroundColour());
    this.ellipse.draw(this.state, this.drawing.place(this.state).unit / this.ratio());
    this.showControls();
    this.frames = (this.frames || 0) + 1;
  }

  ratio() {
    return this.canvas.width / Math.max(this.canvas.clientWidth, 1);
  }

  fit() {
    const { width, height } = element("stage").getBoundingClientRect();
    const dots = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(Math.round(width * dots), 1);
    this.canvas.height = Math.max(Math.round(height * dots), 1);
    this.draw();
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

  connect() {
    element("scale").addEventListener("input", (event) => this.setScale(Number(event.target.value)));
    element("stretch").addEventListener("input", (event) => {
      const ratio = 10 ** (2 * Number(event.target.value));
      this.set({ minor: ratio === 1 ? null : this.state.variance / ratio });
    });
    element("angle").addEventListener("input", (event) => this.set({ angle: Number(event.target.value) }));
    element("wipe").addEventListener("input", (event) => this.set({ wipe: Number(event.target.value) }));
    element("ellipse-shown").addEventListener("change", (event) => this.set({ ellipse: Number(event.target.checked) }));
    element("reset").addEventListener("click", () => this.glide({ x: 0, y: 0, zoom: 1 }));
    element("save").addEventListener("click", () => this.save());
    window.addEventListener("hashchange", () => this.set(stateOf(location.hash)));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.request());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      message("The graphics card was taken away; the picture returns when it is back.");
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.drawing = new Drawing(this.canvas, this.header, this.shaders, this.data);
      message("");
      this.draw();
    });
    this.connectPointers();
  }

  // The ellipse keeps its shape.
  setScale(log) {
    const variance = log <= LEAST_LOG ? 0 : 10 ** log;
    const { minor, variance: before } = this.state;
    this.set({ variance, minor: minor === null ? null : before > 0 ? (minor * variance) / before : variance });
  }

  connectPointers() {
    const { canvas } = this;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomAt(event.offsetX, event.offsetY, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    });
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", () => { element("value").textContent = ""; });
  }

  moved(event) {
    const before = [...this.pointers.values()];
    if (!this.pointers.has(event.pointerId)) {
      this.showValue(event.offsetX, event.offsetY);
      return;
    }
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    const after = [...this.pointers.values()];
    const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    const [from, to] = [middle(before), middle(after)];
    const unit = this.drawing.place(this.state).unit / this.ratio();
    this.set({ x: this.state.x - (to[0] - from[0]) / unit, y: this.state.y - (to[1] - from[1]) / unit });
    if (after.length === 2) {
      const apart = (points) => Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]);
      this.zoomAt(...to, apart(after) / Math.max(apart(before), 1));
    }
  }

  // What lies under a point, in CSS pixels, stays there.
  zoomAt(px, py, factor) {
    const zoom = Math.min(Math.max(this.state.zoom * factor, 0.1), 1000);
    const ratio = this.ratio();
    const [x, y] = this.drawing.domainAt(this.state, px * ratio, py * ratio);
    const share = this.state.zoom / zoom;
    this.set({ zoom, x: x - (x - this.state.x) * share, y: y - (y - this.state.y) * share });
  }

  showValue(px, py) {
    const ratio = this.ratio();
    const [column, row] = [Math.floor(px * ratio), Math.floor(py * ratio)];
    const value = this.drawing.valueAt(column, row);
    const at = this.drawing.domainAt(this.state, column + 0.5, row + 0.5);
    element("value").textContent = value
      ? `${value.map((number) => number.toFixed(4)).join("  ")}   at ${at.map((number) => number.toFixed(3)).join(", ")}` : "";
  }

  key(event) {
    const { zoom, x, y, variance } = this.state;
    const step = 0.1 / zoom;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const log = variance > 0 ? Math.log10(variance) : LEAST_LOG;
    const actions = {
      ArrowLeft: () => this.set({ x: x - step }),
      ArrowRight: () => this.set({ x: x + step }),
      ArrowUp: () => this.set({ y: y - step }),
      ArrowDown: () => this.set({ y: y + step }),
      "+": () => this.zoomAt(width / 2, height / 2, 1.25),
      "=": () => this.zoomAt(width / 2, height / 2, 1.25),
      "-": () => this.zoomAt(width / 2, height / 2, 0.8),
      "0": () => this.glide({ x: 0, y: 0, zoom: 1 }),
      "[": () => this.setScale(Math.max(log - 0.1, LEAST_LOG)),
      "]": () => this.setScale(Math.min(log + 0.1, 0)),
    };
    if (event.ctrlKey || event.metaKey || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  // Move there in a third of a second, or at once where less motion is wanted.
  glide(goal) {
    const from = this.state;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.set(goal);
      return;
    }
    const start = performance.now();
    const move = (now) => {
      const share = Math.min(Math.max((now - start) / 300, 0), 1);
      const eased = share * share * (3 - 2 * share);
      this.set({
        x: from.x + (goal.x - from.x) * eased,
        y: from.y + (goal.y - from.y) * eased,
        zoom: from.zoom * (goal.zoom / from.zoom) ** eased,
      });
      if (share < 1) requestAnimationFrame(move);
    };
    move(start);
  }

  // Drawn and read in one task: afterwards a canvas is blank.
  still() {
    this.draw();
    return this.canvas.toDataURL("image/png");
  }

  save() {
    const link = document.createElement("a");
    link.href = this.still();
    link.download = `${this.header.title.replace(/[^\w.-]+/g, "_")}.png`;
    link.click();
  }
}

function backgroundColour() {
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
  return [red / 255, green / 255, blue / 255];
}

function message(text) {
  element("message").textContent = text;
  element("message").hidden = !text;
}

// The picture as it is, where nothing can be computed.
function showStill(header, reason) {
  const picture = element("still");
  const block = header.still;
  picture.src = `data:${block.mime};base64,${element(block.id).textContent.trim()}`;
  picture.hidden = false;
  element("picture").hidden = true;
  element("ellipse").setAttribute("hidden", "");
  for (const control of document.querySelectorAll("#controls input, #controls button")) control.disabled = true;
  message(`${reason} Below is the picture, not smoothed.`);
}

async function main() {
  const header = JSON.parse(element("header").textContent);
  const shaders = JSON.parse(element("shaders").textContent);
  try {
    const data = { samples: await decoded(header.samples), truth: header.truth && header.truth.id ? await decoded(header.truth) : null };
    window.fieldscope = new Page(header, shaders, data);
    message("");
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    showStill(header, error.message);
  }
  document.documentElement.dataset.ready = "yes";
}

main().catch((error) => message(`The page cannot be shown: ${error.message}`));
