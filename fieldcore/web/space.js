// What pages share that a camera looks at: orbit, flight, touch, and coarser frames while something moves.

const TURN_A_PIXEL = 0.35; // degrees, as in the window
const TURN_A_SECOND = 60; // of a held arrow key
const MOVING_MS = 160; // frame time that is allowed while something moves, times what a coarse frame saves
const MOST_DIVISOR = 6;

// Of held keys: right, up in the world, forward.
const FLIGHT = { w: [0, 0, 1], s: [0, 0, -1], a: [-1, 0, 0], d: [1, 0, 0], e: [0, 1, 0], q: [0, -1, 0] };
// To the left, and upward.
const TURNS = { arrowleft: [1, 0], arrowright: [-1, 0], arrowup: [0, 1], arrowdown: [0, -1] };

class SpacePage extends Page {
  get camera() {
    return new Camera(this.state, this.header.view.fov);
  }

  connectControls() {
    this.held = new Set();
    this.cost = 0; // milliseconds of a frame in full resolution
    element("reset").addEventListener("click", () => this.showWhole());
    this.canvas.addEventListener("keyup", (event) => this.held.delete(event.key.toLowerCase()));
    this.canvas.addEventListener("blur", () => this.held.clear());
    this.canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  get divisor() {
    if (!this.moving) return 1;
    return Math.min(Math.max(Math.round(Math.sqrt(this.cost / MOVING_MS)), 1), MOST_DIVISOR);
  }

  paint() {
    const { gl } = this.drawing.gpu;
    const divisor = this.divisor;
    const start = performance.now();
    this.drawing.draw(this.state, divisor);
    if (!this.moving) return false;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits for the frame
    this.cost = (performance.now() - start) * divisor ** 2;
    return divisor > 1;
  }

  // One pointer turns around what is looked at, two or the right button shift it.
  moved(from, to, event) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    if (this.pointers.size > 1 || event.buttons === 2 || event.shiftKey) this.shift(-dx, dy);
    else this.turn(-dx * TURN_A_PIXEL, -dy * TURN_A_PIXEL);
  }

  turn(left, up) {
    const { yaw, pitch } = this.state;
    const turned = ((((yaw + left + 180) % 360) + 360) % 360) - 180;
    this.set({ yaw: turned, pitch: Math.min(Math.max(pitch + up, -MOST_PITCH), MOST_PITCH) });
  }

  // Look elsewhere from where one is.
  look(left, up) {
    const { eye } = this.camera;
    this.turn(left, up);
    this.lookAt(plus(eye, this.camera.forward, this.state.distance));
  }

  shift(right, up) { // in CSS pixels
    const { camera, state } = this;
    const unit = camera.byPixel(this.canvas.clientWidth, this.canvas.clientHeight) * state.distance;
    this.lookAt(plus(plus([state.x, state.y, state.z], camera.right, right * unit), camera.up, up * unit));
  }

  lookAt(place) {
    const [x, y, z] = place.map((value) => Math.min(Math.max(value, -FARTHEST), FARTHEST));
    this.set({ x, y, z });
  }

  zoomAt(px, py, factor) {
    this.set({ distance: Math.min(Math.max(this.state.distance / factor, NEAREST), FARTHEST) });
  }

  key(event) {
    const key = event.key.toLowerCase();
    if ((key in FLIGHT || key in TURNS) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.flying ||= requestAnimationFrame((now) => this.fly(now, now - 16));
      this.held.add(key);
    } else super.key(event);
  }

  // What held keys do, by time and never by frames.
  fly(now, before) {
    this.flying = 0;
    if (!this.held.size) return;
    const seconds = Math.min(Math.max(now - before, 1), 200) / 1000;
    const sum = (table, axis) => [...this.held].reduce((total, key) => total + (table[key]?.[axis] ?? 0), 0);
    const [left, up] = [sum(TURNS, 0), sum(TURNS, 1)];
    if (left || up) this.look(left * TURN_A_SECOND * seconds, up * TURN_A_SECOND * seconds);
    const { camera, state } = this;
    const step = plus(plus(times(sum(FLIGHT, 0), camera.right), [0, 1, 0], sum(FLIGHT, 1)), camera.forward, sum(FLIGHT, 2));
    const length = Math.hypot(...step);
    const speed = Math.max(0.6 * state.distance, 0.1);
    if (length > 1e-6) this.lookAt(plus([state.x, state.y, state.z], step, (speed * seconds) / length));
    this.flying = requestAnimationFrame((next) => this.fly(next, now));
  }

  keyActions() {
    return {
      "+": () => this.zoomAt(0, 0, 1.25),
      "=": () => this.zoomAt(0, 0, 1.25),
      "-": () => this.zoomAt(0, 0, 0.8),
      "0": () => this.showWhole(),
    };
  }

  showWhole() {
    const { yaw, pitch, distance, x, y, z } = this.header.view;
    this.glide({ yaw, pitch, distance, x, y, z });
  }

  between(from, goal, share) {
    const back = { ...super.between(from, goal, share), distance: from.distance * (goal.distance / from.distance) ** share };
    const turn = ((((goal.yaw - from.yaw + 180) % 360) + 360) % 360) - 180; // the short way round
    return { ...back, yaw: ((((from.yaw + turn * share + 180) % 360) + 360) % 360) - 180 };
  }

  connectButtons(name) { // those of a choice, `data-NAME=WORD`
    for (const button of document.querySelectorAll(`[data-${name}]`)) {
      button.addEventListener("click", () => this.set({ [name]: button.dataset[name] }));
    }
  }

  showButtons(name) {
    for (const button of document.querySelectorAll(`[data-${name}]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[name] === this.state[name]));
    }
  }
}
