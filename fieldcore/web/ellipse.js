// The Gaussian as an ellipse of one standard deviation, whose axes are dragged.

const HANDLE_GAP = 26; // CSS pixels between the ellipse and a handle, so that those of a small one do not hide each other

class Ellipse {
  constructor(svg, change) {
    this.svg = svg;
    this.change = change; // called with what becomes of the state
    this.shape = svg.querySelector("ellipse");
    this.handles = ["major", "minor"].map((name) => svg.querySelector(`[data-axis=${name}]`));
    this.lines = ["major", "minor"].map((name) => svg.querySelector(`[data-line=${name}]`));
    this.handles.forEach((handle, which) => {
      handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
      handle.addEventListener("pointermove", (event) => {
        if (handle.hasPointerCapture(event.pointerId)) this.dragged(which, event);
      });
      handle.addEventListener("keydown", (event) => this.key(which, event));
    });
  }

  // `unit` are CSS pixels a domain unit.
  draw(state, unit) {
    this.state = state;
    this.unit = unit;
    this.svg.toggleAttribute("hidden", !state.ellipse);
    const { width, height } = this.svg.getBoundingClientRect();
    this.middle = [width / 2, height / 2];
    const radii = [state.variance, state.minor ?? state.variance].map((variance) => Math.sqrt(variance) * unit);
    const set = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
    set(this.shape, { cx: width / 2, cy: height / 2, rx: radii[0], ry: radii[1], transform: `rotate(${state.angle} ${width / 2} ${height / 2})` });
    radii.forEach((radius, which) => {
      const turn = ((state.angle + 90 * which) * Math.PI) / 180;
      const [c, s] = [Math.cos(turn), Math.sin(turn)];
      // Of a wide one the handles stay on the picture.
      const at = Math.min(radius + HANDLE_GAP, 0.46 * Math.min(width, height));
      set(this.handles[which], { cx: width / 2 + c * at, cy: height / 2 + s * at, "aria-valuetext": this.spoken(which) });
      set(this.lines[which], { x1: width / 2, y1: height / 2, x2: width / 2 + c * at, y2: height / 2 + s * at });
    });
  }

  spoken(which) {
    const variance = which === 0 ? this.state.variance : this.state.minor ?? this.state.variance;
    return `variance ${short(variance)}, direction ${Math.round(this.state.angle + 90 * which)} degrees`;
  }

  dragged(which, event) {
    const box = this.svg.getBoundingClientRect();
    const [dx, dy] = [event.clientX - box.left - this.middle[0], event.clientY - box.top - this.middle[1]];
    const deviation = Math.max(Math.hypot(dx, dy) - HANDLE_GAP, 0) / this.unit;
    const angle = (Math.atan2(dy, dx) * 180) / Math.PI - 90 * which;
    this.set(which, Math.min(deviation ** 2, 1), angle);
  }

  key(which, event) {
    const now = which === 0 ? this.state.variance : this.state.minor ?? this.state.variance;
    const turns = { ArrowLeft: -5, ArrowRight: 5 };
    const factors = { ArrowUp: 1.25, ArrowDown: 0.8 };
    if (!(event.key in turns) && !(event.key in factors)) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(which, Math.min(Math.max(now, 10 ** LEAST_LOG) * (factors[event.key] ?? 1), 1), this.state.angle + (turns[event.key] ?? 0));
  }

  // The longer axis stays the first one: where the other becomes longer, they change places.
  set(which, variance, angle) {
    const other = which === 0 ? this.state.minor ?? this.state.variance : this.state.variance;
    const pair = which === 0 ? [variance, other] : [other, variance];
    const turned = pair[0] < pair[1] ? [pair[1], pair[0], angle + 90] : [...pair, angle];
    this.change({ variance: turned[0], minor: turned[1], angle: ((((turned[2] + 90) % 180) + 180) % 180) - 90 }, which);
  }
}
