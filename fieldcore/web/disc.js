// The disc of lights: the chart of their directions with a dot a photo, in which the light is dragged and its size turned.

const GRIP = 9; // CSS pixels around a dot that are its own
const DISC_GAP = 15; // CSS pixels between the ellipse and its handles
const DISC_SHARE = 0.44; // of the disc's side: the radius of the chart

class Disc {
  // `change` is called with what becomes of the state.
  constructor(svg, header, change) {
    this.svg = svg;
    this.header = header;
    this.change = change;
    this.light = svg.querySelector("[data-light]");
    this.ellipse = new Ellipse(svg, change, DISC_GAP);
    const make = (kind, group, count) => Array.from({ length: count }, () => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
      svg.querySelector(group).append(made);
      return made;
    });
    this.rings = make("circle", "[data-rings]", header.rings.length);
    this.dots = make("circle", "[data-dots]", header.lights.length);
    svg.addEventListener("pointerdown", (event) => {
      if (event.target.dataset.axis) return;
      svg.setPointerCapture(event.pointerId);
      this.pressed = [event.clientX, event.clientY];
      const light = this.lightUnder(event);
      this.change(inChart(this.dotNear(light) ?? light));
    });
    svg.addEventListener("pointermove", (event) => {
      const isDragged = Math.hypot(event.clientX - this.pressed?.[0], event.clientY - this.pressed?.[1]) > GRIP / 2;
      if (svg.hasPointerCapture(event.pointerId) && isDragged) this.change(inChart(this.lightUnder(event)));
    });
  }

  lightUnder(event) {
    const box = this.svg.getBoundingClientRect();
    const { middle, radius } = this.place();
    return [event.clientX - box.left, event.clientY - box.top].map((place) => (place - middle) / radius);
  }

  // The light of the photo whose dot is there, or undefined.
  dotNear([u, v]) {
    const grip = GRIP / this.place().radius;
    const away = (light) => Math.hypot(light[0] - u, light[1] - v);
    return this.header.lights.filter((light) => away(light) < grip).sort((one, other) => away(one) - away(other))[0];
  }

  place() {
    const side = this.svg.getBoundingClientRect().width;
    return { middle: side / 2, radius: DISC_SHARE * side };
  }

  draw(state, inHull, words) {
    const { middle, radius } = this.place();
    const at = (point) => point.map((value) => middle + value * radius);
    const put = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
    this.rings.forEach((ring, k) => put(ring, { cx: middle, cy: middle, r: this.header.rings[k] * radius }));
    this.dots.forEach((dot, k) => {
      const [cx, cy] = at(this.header.lights[k]);
      put(dot, { cx, cy, r: 2.2 });
    });
    const light = at([state.u, state.v]);
    const hull = at(inHull);
    put(this.svg.querySelector("[data-line=hull]"), { x1: light[0], y1: light[1], x2: hull[0], y2: hull[1] });
    put(this.light, { cx: light[0], cy: light[1], "aria-valuetext": words });
    this.ellipse.draw(state, radius, light);
  }
}

// Within the chart.
function inChart([u, v]) {
  const beyond = Math.max(1, Math.hypot(u, v));
  return { u: u / beyond, v: v / beyond };
}
