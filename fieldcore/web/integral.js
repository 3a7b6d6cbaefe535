// A picture under kernels of any size, with a fovea that follows the pointer.

const INTEGRAL_ENTRIES = new Entries({
  kernel: { usual: "tent", isText: (text) => kernelOf(text) !== null, always: true },
  half: { usual: 0.03, limits: [0, 1], always: true },
  half_y: { usual: null, limits: [0, 1] },
  fovea: { usual: 0, limits: [0, 1] },
  gaze_x: { usual: 0, limits: [-10, 10] },
  gaze_y: { usual: 0, limits: [-10, 10] },
  falloff: { usual: 0.1, limits: [0, 0.5] },
  radius: { usual: 0.1, limits: [0, 1] },
  gain: { usual: 1, limits: [0.001, 1000] },
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
    element("kernel").addEventListener("change", (event) => this.choose(event.target.value));
    element("angle").addEventListener("input", (event) => this.set({ kernel: `edge:${event.target.value}` }));
    element("ratio").addEventListener("input", (event) => this.set({ kernel: `difference:${event.target.value}` }));
    element("gain").addEventListener("input", (event) => this.set({ gain: 10 ** Number(event.target.value) }));
    this.curve = new Curve(element("curve"), (heights) => this.set({ kernel: `drawn:${heights}` }));
    element("mirrored").addEventListener("change", (event) => { this.curve.mirrored = event.target.checked; });
    element("half").addEventListener("input", (event) => this.set({ half: halfOf(event.target.value) }));
    element("half_y").addEventListener("input", (event) => this.set({ half_y: halfOf(event.target.value) }));
    element("linked").addEventListener("change", (event) => this.set({ half_y: event.target.checked ? null : this.state.half }));
    element("fovea").addEventListener("change", (event) => this.set({ fovea: Number(event.target.checked) }));
    for (const name of ["falloff", "radius"]) {
      element(name).addEventListener("input", (event) => this.set({ [name]: Number(event.target.value) }));
    }
  }

  choose(name) {
    const { begins = name, gain = 1 } = KERNELS[name];
    this.set({ kernel: begins, gain });
  }

  showControls() {
    super.showControls();
    const { half, half_y, gain } = this.state;
    const { name } = kernelOf(this.state.kernel);
    const fovea = hasFovea(this.state);
    const log = (size) => (size > 0 ? Math.log10(size) : LEAST_HALF_LOG);
    const words = (size) => (size > 0 ? short(size) : "none");
    element("kernel").value = name;
    this.showKernel();
    element("half").value = log(half);
    element("half_y").value = log(half_y ?? half);
    element("half-value").textContent = words(half);
    element("half_y-value").textContent = words(half_y ?? half);
    element("linked").checked = half_y === null;
    element("half_y").disabled = half_y === null || fovea;
    element("fovea").checked = fovea;
    element("gain").value = Math.log10(gain);
    element("gain-value").textContent = short(Number(gain.toPrecision(3)));
    for (const name of ["falloff", "radius"]) {
      element(name).value = this.state[name];
      element(name).disabled = !fovea;
      element(`${name}-value`).textContent = short(this.state[name]);
    }
    const told = `${name} of half size ${words(half)}${fovea ? ", growing away from the pointer" : ""}`;
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${told}, zoom ${short(this.state.zoom)}`);
  }

  // What shapes the kernel that is chosen, and no other one.
  showKernel() {
    const { name, numbers } = kernelOf(this.state.kernel);
    for (const part of document.querySelectorAll("[data-kernel]")) part.toggleAttribute("hidden", part.dataset.kernel !== name);
    for (const part of document.querySelectorAll("[data-fovea]")) part.toggleAttribute("hidden", !("of" in KERNELS[name]));
    if (name === "drawn") this.curve.draw(numbers);
    const shaping = { edge: ["angle", numbers[0] ?? 0, "°"], difference: ["ratio", numbers[0] ?? USUAL_RATIO, ""] }[name];
    if (!shaping) return;
    const [control, value, unit] = shaping;
    element(control).value = value;
    element(`${control}-value`).textContent = short(value) + unit;
  }

  lookAt(px, py) {
    const [gaze_x, gaze_y] = this.domainAt(px, py);
    this.set({ gaze_x, gaze_y });
  }

  hovered(px, py) {
    super.hovered(px, py);
    if (hasFovea(this.state) && px !== null) this.lookAt(px, py);
  }

  moved(from, to, event) {
    if (hasFovea(this.state) && event.pointerType === "touch" && this.pointers.size === 1) this.lookAt(...to);
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
      ...(event.shiftKey && hasFovea(this.state) ? looking : {}),
      "[": resize(0.8),
      "]": resize(1.25),
      f: () => this.set({ fovea: 1 - fovea }),
    };
  }
}

const halfOf = (log) => (Number(log) <= LEAST_HALF_LOG ? 0 : 10 ** Number(log));

openPage(IntegralPage);
