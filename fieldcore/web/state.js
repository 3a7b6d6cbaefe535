// What is shown, as the address's fragment says it: a link shows what one saw.

const USUAL = { variance: 1e-3, minor: null, angle: 0, x: 0, y: 0, zoom: 1, wipe: 1, ellipse: 1 };
const LIMITS = { variance: [0, 1], minor: [0, 1], angle: [-360, 360], x: [-10, 10], y: [-10, 10], zoom: [0.1, 1000], wipe: [0, 1], ellipse: [0, 1] };
const LEAST_LOG = -7; // of the variance on the slider, which stands for none

// Numbers that are none, or beyond what there is, are left at their usual values.
function stateOf(fragment) {
  const state = { ...USUAL };
  for (const [name, text] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    const number = Number(text);
    if (Object.hasOwn(LIMITS, name) && text !== "" && number >= LIMITS[name][0] && number <= LIMITS[name][1]) state[name] = number;
  }
  if (state.minor !== null) state.minor = Math.min(state.minor, state.variance);
  return state;
}

function fragmentOf(state) {
  const parts = Object.entries(state).filter(([name, value]) => value !== null && (name === "variance" || value !== USUAL[name]));
  return "#" + parts.map(([name, value]) => `${name}=${short(value)}`).join("&");
}

const short = (number) => String(Number(number.toPrecision(6)));

// [xx, xy, yy] of the Gaussian: `variance` along its longer axis, which is turned by `angle` degrees, `minor` across.
function covarianceOf({ variance, minor, angle }) {
  if (minor === null || minor === variance) return [variance, 0, variance];
  const turn = (angle * Math.PI) / 180;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  return [variance * c * c + minor * s * s, (variance - minor) * c * s, variance * s * s + minor * c * c];
}
