// A picture under box, tent or quadratic kernels, with a fovea that follows the pointer.

const INTEGRAL_ENTRIES = new Entries({
  kernel: { usual: "tent", words: Object.keys(KERNELS), always: true },
  half: { usual: 0.03, limits: [0, 1], always: true },
  half_y: { usual: null, limits: [0, 1] },
  fovea: { usual: 0, limits: [0, 1] },
  gaze_x: { usual: 0, limits: [-10, 10] },
  gaze_y: { usual: 0, limits: [-10, 10] },
  falloff: { usual: 0.1, limits: [0, 0.5] },
  radius: { usual: 0.1, limits: [0, 1] },
  ...PLANE_ENTRIES,
});

const LEAST_HALF_LOG = -3.5; // of the slider's left end, which stands for none

class IntegralPage extends PlanePage {
  constructor(header, shaders, data) {
    super(INTEGRAL_ENTRIES, header, shaders, data);
  }

  static async unpacked(header) {
    return decoded(header.samples);
  }

  newDrawing() {
    return new IntegralDrawing(this.canvas, this.header, this.shaders, this.data);
  }

  paint() {
    this.drawing.draw(this.state, backgroundColour(), this.moving);
    return this.moving;
  }

  connectControls() {
    super.connectControls();
    for (const name of Object.keys(KERNELS)) element("kernel").add(new Option(name, name));
    element("kernel").addEventListener("change", (event) => this.set({ kernel: event.target.value }));
    element("half").addEventListener("input", (event) => this.set({ half: halfOf(event.target.value) }));
    element("half_y").addEventListener("input", (event) => this.set({ half_y: halfOf(event.target.value) }));
    element("linked").addEventListener("change", (event) => this.set({ half_y: event.target.checked ? null : this.state.half }));
    element("fovea").addEventListener("change", (event) => this.set({ fovea: Number(event.target.checked) }));
    for (const name of ["falloff", "radius"]) {
      element(name).addEventListener("input", (event) => this.set({ [name]: Number(event.target.value) }));
    }
  }

  showControls() {
    super.showControls();
    const { kernel, half, half_y, fovea } = this.state;
    const log = (size) => (size > 0 ? Math.log10(size) : LEAST_HALF_LOG);
    const words = (size) => (size > 0 ? short(size) : "none");
    element("kernel").value = kernel;
    element("half").value = log(half);
    element("half_y").value = log(half_y ?? half);
    element("half-value").textContent = words(half);
    element("half_y-value").textContent = words(half_y ?? half);
    element("linked").checked = half_y === null;
    element("half_y").disabled = half_y === null || Boolean(fovea);
    element("fovea").checked = Boolean(fovea);
    for (const name of ["falloff", "radius"]) {
      element(name).value = this.state[name];
      element(name).disabled = !fovea;
      element(`${name}-value`).textContent = short(this.state[name]);
    }
    const told = `${kernel} of half size ${words(half)}${fovea ? ", growing away from the pointer" : ""}`;
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${told}, zoom ${short(this.state.zoom)}`);
  }

  lookAt(px, py) {
    const [gaze_x, gaze_y] = this.domainAt(px, py);
    this.set({ gaze_x, gaze_y });
  }

  hovered(px, py) {
    super.hovered(px, py);
    if (this.state.fovea && px !== null) this.lookAt(px, py);
  }

  moved(from, to, event) {
    if (this.state.fovea && event.pointerType === "touch" && this.pointers.size === 1) this.lookAt(...to);
    else super.moved(from, to, event);
  }

  keyActions(event) {
    const { half, gaze_x, gaze_y, zoom, fovea } = this.state;
    const step = 0.05 / zoom;
    const look = (dx, dy) => () => this.set({ gaze_x: gaze_x + dx * step, gaze_y: gaze_y + dy * step });
    const resize = (factor) => () => this.set({ half: Math.min(Math.max(half, 10 ** LEAST_HALF_LOG) * factor, 1) });
    const looking = { ArrowLeft: look(-1, 0), ArrowRight: look(1, 0), ArrowUp: look(0, -1), ArrowDown: look(0, 1) };
    return {
      ...super.keyActions(event),
      ...(event.shiftKey && fovea ? looking : {}),
      "[": resize(0.8),
      "]": resize(1.25),
      f: () => this.set({ fovea: 1 - fovea }),
    };
  }
}

const halfOf = (log) => (Number(log) <= LEAST_HALF_LOG ? 0 : 10 ** Number(log));

openPage(IntegralPage);
