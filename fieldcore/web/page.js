// What all pages are: a canvas that follows a state, which controls, keys and pointers change, and the address tells.

const element = (id) => document.getElementById(id);

const RESTED_MS = 250; // after the last change

class Page {
  // `entries` of the state; `data`: what `unpacked` has made of the blocks.
  constructor(entries, header, shaders, data) {
    this.entries = entries;
    this.header = header;
    this.shaders = shaders;
    this.data = data;
    this.canvas = element("picture");
    this.state = entries.stateOf(location.hash);
    this.pointers = new Map();
    this.drawing = this.newDrawing();
    this.connect();
    new ResizeObserver(() => this.fit()).observe(element("stage"));
    this.fit();
  }

  // A kind of page has these.
  static async unpacked(header) { return null; }
  newDrawing() { throw new Error("a page draws something"); }
  paint() { return false; } // on the canvas; returns whether that is a draft
  showControls() {}
  connectControls() {}
  keyActions(event) { return {}; } // by key
  pressed(px, py, event) {} // in CSS pixels
  moved(from, to, event) {} // dragged, in CSS pixels, by one pointer or by two
  zoomAt(px, py, factor) {}
  hovered(px, py) {} // null where the pointer has left
  between(from, goal, share) { // what is shown on the way
    return Object.fromEntries(Object.entries(goal).map(([name, value]) => [name, from[name] + (value - from[name]) * share]));
  }

  // Change what is shown.
  set(change) {
    this.hurry();
    this.state = { ...this.state, ...change };
    this.request();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.writeFragment(), 150);
  }

  // While changes follow one another, frames may be drafts; a whole one follows when they rest.
  hurry() {
    this.moving = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), RESTED_MS);
  }

  rest() {
    this.moving = false;
    if (this.isDraft) this.request();
  }

  writeFragment() {
    try {
      history.replaceState(null, "", this.entries.fragmentOf(this.state));
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
    this.isDraft = this.paint();
    this.showControls();
  }

  // Of the canvas, a CSS pixel.
  ratio() {
    return this.canvas.width / Math.max(this.canvas.clientWidth, 1);
  }

  fit() {
    const { width, height } = element("stage").getBoundingClientRect();
    const dots = window.devicePixelRatio || 1;
    const size = [width, height].map((side) => Math.max(Math.round(side * dots), 1));
    if (this.fitted?.every((side, axis) => side === size[axis])) return;
    this.fitted = [this.canvas.width, this.canvas.height] = size;
    this.hurry();
    this.draw();
  }

  connect() {
    this.connectControls();
    element("save").addEventListener("click", () => this.save());
    window.addEventListener("hashchange", () => this.set(this.entries.stateOf(location.hash)));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.request());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      message("The graphics card was taken away; the picture returns when it is back.");
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.drawing = this.newDrawing();
      message("");
      this.draw();
    });
    this.connectPointers();
  }

  key(event) {
    const action = this.keyActions(event)[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !action) return;
    event.preventDefault();
    action();
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
      this.pressed(event.offsetX, event.offsetY, event);
    });
    canvas.addEventListener("pointermove", (event) => this.pointed(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", () => this.hovered(null, null));
  }

  pointed(event) {
    const before = [...this.pointers.values()];
    if (!this.pointers.has(event.pointerId)) {
      this.hovered(event.offsetX, event.offsetY);
      return;
    }
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    const after = [...this.pointers.values()];
    const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    this.moved(middle(before), middle(after), event);
    if (after.length === 2) {
      const apart = (points) => Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]);
      this.zoomAt(...middle(after), apart(after) / Math.max(apart(before), 1));
    }
  }

  // Go there in a third of a second, or at once where less motion is wanted.
  glide(goal) {
    const from = this.state;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.set(goal);
      return;
    }
    const start = performance.now();
    const move = (now) => {
      const share = Math.min(Math.max((now - start) / 300, 0), 1);
      this.set(share < 1 ? this.between(from, goal, share * share * (3 - 2 * share)) : goal);
      if (share < 1) requestAnimationFrame(move);
    };
    move(start);
  }

  // Drawn and read in one task: afterwards a canvas is blank.
  still() {
    this.moving = false;
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

// A picture of it, where nothing can be computed.
function showStill(header, reason) {
  const picture = element("still");
  const block = header.still;
  picture.src = `data:${block.mime};base64,${element(block.id).textContent.trim()}`;
  picture.hidden = false;
  element("picture").hidden = true;
  for (const over of document.querySelectorAll("#stage svg")) over.setAttribute("hidden", "");
  for (const control of document.querySelectorAll("#controls input, #controls button, #controls select")) control.disabled = true;
  message(`${reason} Below is ${header.still_shows}.`);
}

// The page's script ends with this: show a kind of page.
async function openPage(kind) {
  const header = JSON.parse(element("header").textContent);
  const shaders = JSON.parse(element("shaders").textContent);
  try {
    const unpacked = kind.unpacked(header);
    contextOf(element("picture")); // takes as long as unpacking does
    window.fieldscope = new kind(header, shaders, await unpacked);
    message("");
  } catch (error) {
    if (!(error instanceof Unsupported)) {
      message(`The page cannot be shown: ${error.message}`);
      throw error;
    }
    showStill(header, error.message);
  } finally {
    document.documentElement.dataset.ready = "yes";
  }
}
