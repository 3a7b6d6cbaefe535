// Kernels as sums of products of profiles along the axes, and what samples are worth under them.
// The formulas are those of fieldcore/filters/profile.py, kernel_names.py and fields/kernel_taps.py, in double precision.

const FACTORIALS = [1, 1, 2, 6, 24, 120];

// A piecewise polynomial on [-1, 1] of a half size of 1, by the Diracs that repeated differentiation leaves of it.
class Profile {
  constructor(degree, knots, weights) {
    Object.assign(this, { degree, knots, weights });
    this.mass = this.moment(0);
    this.first = this.moment(1);
    this.gap = Math.min(...knots.slice(1).map((knot, j) => knot - knots[j])); // of its closest knots
  }

  // The integral of u to that power times the profile.
  moment(power) {
    const order = power + this.degree + 1;
    const sum = this.knots.reduce((total, knot, j) => total + this.weights[j] * knot ** order, 0);
    return ((-1) ** (this.degree + 1) * FACTORIALS[power] * sum) / FACTORIALS[order];
  }

  // Integrated so often up to u.
  integral(u, times) {
    const power = this.degree + times;
    return this.knots.reduce((sum, knot, j) => sum + (u > knot ? (this.weights[j] * (u - knot) ** power) / FACTORIALS[power] : 0), 0);
  }

  // Integrated twice.
  ramp(u) {
    return u >= 1 ? this.mass * u - this.first : u <= -1 ? 0 : this.integral(u, 2);
  }

  get derivative() {
    return new Profile(this.degree - 1, this.knots, this.weights);
  }

  times(factor) {
    return new Profile(this.degree, this.knots, this.weights.map((weight) => factor * weight));
  }

  // The same mass on so many times less.
  narrower(ratio) {
    return new Profile(this.degree, this.knots.map((knot) => knot / ratio), this.weights.map((weight) => weight * ratio ** (this.degree + 1)));
  }
}

// The B-spline of a degree.
function splineProfile(degree) {
  const order = degree + 1;
  const spacing = 2 / order;
  const knots = [];
  const weights = [];
  for (let j = 0, count = 1; j <= order; count = (count * (order - j)) / (j + 1), j++) {
    knots.push(spacing * j - 1);
    weights.push(((-1) ** j * count) / spacing ** order);
  }
  return new Profile(degree, knots, weights);
}

const [BOX, TENT, QUADRATIC] = [0, 1, 2].map(splineProfile);

// Linear between heights at even distances, and 0 at both ends; the mass is 1, or the integral of what has no sign.
function drawnProfile(heights) {
  const step = 2 / (heights.length + 1);
  const values = [0, 0, ...heights, 0, 0];
  const sum = (numbers) => numbers.reduce((total, value) => total + value, 0) * step;
  const [mass, total] = [sum(heights), sum(heights.map(Math.abs))];
  const scale = Math.abs(mass) > 0.02 * total ? mass : total;
  const knots = Array.from({ length: heights.length + 2 }, (_, j) => j * step - 1);
  return new Profile(1, knots, knots.map((_, j) => (values[j] - 2 * values[j + 1] + values[j + 2]) / (step * scale)));
}

const both = (profile) => [[profile, profile]];

// The derivative of a B-spline in a direction, which turns towards the top.
function edgeTerms([angle = 0]) {
  const slope = QUADRATIC.derivative;
  const turn = (angle * Math.PI) / 180;
  const shares = [Math.cos(turn), -Math.sin(turn)].map((share) => share / (2 * slope.integral(0, 1)));
  const terms = [[slope.times(shares[0]), QUADRATIC], [QUADRATIC, slope.times(shares[1])]];
  return terms.filter((_, axis) => Math.abs(shares[axis]) > 1e-12);
}

const USUAL_RATIO = 1.6; // of the half sizes of a difference
const MOST_HEIGHTS = 63;

// By name: what numbers after a colon it takes, the terms, and the profile that a fovea reads at many sizes, with what
// it makes of it.
const KERNELS = {
  box: { takes: (numbers) => numbers.length === 0, terms: () => both(BOX), of: BOX },
  tent: { takes: (numbers) => numbers.length === 0, terms: () => both(TENT), of: TENT },
  quadratic: { takes: (numbers) => numbers.length === 0, terms: () => both(QUADRATIC), of: QUADRATIC },
  edge: { takes: (numbers) => numbers.length < 2, terms: edgeTerms, of: QUADRATIC, made: "EDGE", gain: 4 },
  difference: {
    takes: ([ratio = USUAL_RATIO, ...more]) => ratio > 1 && ratio <= 100 && more.length === 0,
    terms: ([ratio = USUAL_RATIO]) => [...both(QUADRATIC.narrower(ratio)), [QUADRATIC.times(-1), QUADRATIC]],
    of: QUADRATIC, made: "DIFFERENCE", gain: 4,
  },
  drawn: {
    takes: (heights) => heights.length <= MOST_HEIGHTS && heights.some((height) => height !== 0),
    terms: (heights) => both(drawnProfile(heights)),
    begins: "drawn:0.1,0.4,0.8,1,0.8,0.4,0.1",
  },
};

// Of a text as a command line has it, such as `tent`, `edge:30` or `drawn:0.5,1,0.5`; null of one that is no kernel's.
function kernelOf(text) {
  const [name, rest] = text.split(/:(.*)/);
  const numbers = rest ? rest.split(",").map((part) => (part.trim() === "" ? NaN : Number(part))) : [];
  if (!Object.hasOwn(KERNELS, name) || !numbers.every(Number.isFinite) || !KERNELS[name].takes(numbers)) return null;
  const terms = KERNELS[name].terms(numbers);
  const mass = terms.reduce((sum, [across, down]) => sum + across.mass * down.mass, 0);
  // Of a half size of 1, as which a kernel is widened; what is no density, as the quadratic is.
  const variance = 1 / (3 * ((KERNELS[name].of ?? QUADRATIC).degree + 1));
  return { name, numbers, terms, hasMass: Math.abs(mass) > 1e-6, variance };
}

// What a sample is worth at a distance, both in samples, where these are linear between. `unfiltered`: where there is no size.
function worthUnder(profile, offset, size, unfiltered) {
  if (size < 1e-6) return unfiltered * Math.max(1 - Math.abs(offset), 0);
  return size * (profile.ramp((offset + 1) / size) - 2 * profile.ramp(offset / size) + profile.ramp((offset - 1) / size));
}

function kernelTaps(line, positions, profile, halfSize, unfiltered) {
  const taps = new Taps(positions.length, line.count);
  const size = halfSize / line.cell;
  const fold = FOLDED_INDEX[line.border ?? "mirror"];
  for (const x of positions) {
    const position = (x - line.first) / line.cell;
    const [low, high] = [Math.ceil(position - size - 1), Math.floor(position + size + 1)];
    for (let index = low; index <= high; index++) taps.add(fold(index, line.count), worthUnder(profile, position - index, size, unfiltered));
    taps.endPosition();
  }
  return taps;
}

const VERTICES = [48, 8, 5.4]; // between its closest knots, by degree: so close together that cubic B-splines lose nothing that is seen
const DRAFT_SHARE = 0.6; // of them, in drafts

// The same where the kernel is wide: at fewer positions that suffice, and from them to all.
function kernelMaps(line, positions, profile, halfSize, unfiltered, draft) {
  const step = (halfSize * profile.gap) / (VERTICES[profile.degree] * (draft ? DRAFT_SHARE : 1));
  const [low, high] = bounds(positions);
  const count = Math.ceil((high - low) / step) + 2 * LADDER_MARGIN + 1;
  if (step < 2 * line.cell || 2 * count > positions.length) return [kernelTaps(line, positions, profile, halfSize, unfiltered)];
  const first = low - LADDER_MARGIN * step;
  const coarse = kernelTaps(line, evenlySpaced(first, step, count), profile, halfSize, unfiltered);
  return [coarse.then(coefficientTaps(count)), cubicTaps(positions.map((x) => (x - first) / step), count)];
}
