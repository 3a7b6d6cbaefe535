// The Gaussian as an ellipse of one standard deviation, whose axes are dragged.

const HANDLE_GAP = 26; // CSS pixels between the ellipse and a handle, so that those of a small one do not hide each other
const HANDLE_MARGIN = 8; // within the drawing, or the handle is at the axis' other end

class Ellipse {
  constructor(svg, change, gap = HANDLE_GAP) {
    this.svg = svg;
    this.gap = gap;
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

  // `unit` are CSS pixels a domain unit; `middle`, in CSS pixels of the drawing, is its own unless told.
  draw(state, unit, middle) {
    this.state = state;
    this.unit = unit;
    const { width, height } = this.svg.getBoundingClientRect();
    this.middle = middle ?? [width / 2, height / 2];
    const [x, y] = this.middle;
    const radii = [state.variance, state.minor ?? state.variance].map((variance) => Math.sqrt(variance) * unit);
    const set = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
    set(this.shape, { cx: x, cy: y, rx: radii[0], ry: radii[1], transform: `rotate(${state.angle} ${x} ${y})` });
    radii.forEach((radius, which) => {
      const turn = ((state.angle + 90 * which) * Math.PI) / 180;
      const [c, s] = [Math.cos(turn), Math.sin(turn)];
      // Of a wide one the handles stay on the picture.
      const reach = Math.min(radius + this.gap, 0.46 * Math.min(width, height));
      const isInside = (place, size) => place > HANDLE_MARGIN && place < size - HANDLE_MARGIN;
      const at = isInside(x + c * reach, width) && isInside(y + s * reach, height) ? reach : -reach;
      set(this.handles[which], { cx: x + c * at, cy: y + s * at, "aria-valuetext": this.spoken(which) });
      set(this.lines[which], { x1: x, y1: y, x2: x + c * at, y2: y + s * at });
    });
  }

  spoken(which) {
    const variance = which === 0 ? this.state.variance : this.state.minor ?? this.state.variance;
    return `variance ${short(variance)}, direction ${Math.round(this.state.angle + 90 * which)} degrees`;
  }

  dragged(which, event) {
    const box = this.svg.getBoundingClientRect();
    const [dx, dy] = [event.clientX - box.left - this.middle[0], event.clientY - box.top - this.middle[1]];
    const deviation = Math.max(Math.hypot(dx, dy) - this.gap, 0) / this.unit;
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
