// A kernel drawn by hand: heights at even distances, which a pointer draws over or arrow keys move.

const [LOWEST, HIGHEST] = [-0.5, 1];
const HEIGHT_STEP = 0.05;
const CURVE_MARGIN = 7; // CSS pixels above and below, for the dots

class Curve {
  // `change` is called with other heights.
  constructor(svg, change) {
    this.svg = svg;
    this.change = change;
    this.mirrored = true;
    const make = (kind) => svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", kind));
    this.make = make;
    this.ground = make("line");
    this.outline = make("polyline");
    this.dots = [];
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      this.last = null;
      this.drawnBy(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (svg.hasPointerCapture(event.pointerId)) this.drawnBy(event);
    });
  }

  draw(heights) {
    this.heights = heights;
    const { width, height } = this.svg.getBoundingClientRect();
    const down = (value) => ((HIGHEST - value) / (HIGHEST - LOWEST)) * (height - 2 * CURVE_MARGIN) + CURVE_MARGIN;
    const places = heights.map((value, k) => [(this.position(k) + 1) * 0.5 * width, down(value)]);
    const put = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
    put(this.ground, { x1: 0, x2: width, y1: down(0), y2: down(0) });
    put(this.outline, { points: [[0, down(0)], ...places, [width, down(0)]].join(" ") });
    while (this.dots.length > heights.length) this.dots.pop().remove();
    while (this.dots.length < heights.length) this.dots.push(this.newDot(this.dots.length));
    this.dots.forEach((dot, k) => put(dot, {
      cx: places[k][0], cy: places[k][1], r: 5, "aria-valuenow": heights[k], "aria-label": `Height ${k + 1} of ${heights.length}`,
    }));
  }

  // In half sizes; the kernel ends one step beyond the last one.
  position(k) {
    return (2 * (k + 1)) / (this.heights.length + 1) - 1;
  }

  newDot(k) {
    const dot = this.make("circle");
    dot.setAttribute("role", "slider");
    dot.setAttribute("tabindex", "0");
    dot.setAttribute("aria-valuemin", LOWEST);
    dot.setAttribute("aria-valuemax", HIGHEST);
    dot.addEventListener("keydown", (event) => {
      const step = { ArrowUp: HEIGHT_STEP, ArrowDown: -HEIGHT_STEP }[event.key];
      if (!step) return;
      event.preventDefault();
      this.put(new Map([[k, this.heights[k] + step]]));
    });
    return dot;
  }

  // Heights between where the pointer was and where it is lie on its way.
  drawnBy(event) {
    const box = this.svg.getBoundingClientRect();
    const at = [
      (2 * (event.clientX - box.left)) / box.width - 1,
      HIGHEST - ((event.clientY - box.top - CURVE_MARGIN) / (box.height - 2 * CURVE_MARGIN)) * (HIGHEST - LOWEST),
    ];
    const from = this.last ?? at;
    this.last = at;
    const step = 2 / (this.heights.length + 1);
    const [low, high] = [Math.min(from[0], at[0]) - step / 2, Math.max(from[0], at[0]) + step / 2];
    const changed = new Map();
    this.heights.forEach((_, k) => {
      const place = this.position(k);
      if (place < low || place > high) return;
      const share = from[0] === at[0] ? 1 : Math.min(Math.max((place - from[0]) / (at[0] - from[0]), 0), 1);
      changed.set(k, from[1] + share * (at[1] - from[1]));
    });
    this.put(changed);
  }

  // They are never all 0.
  put(changed) {
    const heights = this.heights.slice();
    for (const [k, value] of changed) {
      heights[k] = Math.round(100 * Math.min(Math.max(value, LOWEST), HIGHEST)) / 100;
      if (this.mirrored) heights[heights.length - 1 - k] = heights[k];
    }
    if (heights.some((height) => height !== 0)) this.change(heights);
  }
}
