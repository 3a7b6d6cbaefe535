// Linear maps along one axis of a lattice: for each position the vertices that it reads, and their weights.
// The formulas are those of fieldcore/fields/smooth_lattice.py and spline_taps.py, in double precision.

const REACH = 4.5; // standard deviations beyond which a Gaussian counts as zero
const POLE = Math.sqrt(3) - 2; // of the filter that turns values into coefficients of cubic B-splines
const POLE_REACH = 14;

const remainder = (x, period) => x - period * Math.floor(x / period);

const FOLDED = {
  mirror: (x, half) => (1 - Math.abs(remainder(x / half + 1, 4) - 2)) * half,
  repeat: (x, half) => remainder(x + half, 2 * half) - half,
  clamp: (x) => x, // beyond a clamped border a smoothed signal still changes
};

const FOLDED_INDEX = {
  mirror: (index, size) => Math.min(remainder(index, 2 * size), 2 * size - 1 - remainder(index, 2 * size)),
  repeat: (index, size) => remainder(index, size),
  clamp: (index, size) => Math.min(Math.max(index, 0), size - 1),
};

const NEGLIGIBLE = 1e-7; // weights, the sum of which is 1

// Weights of vertices, summed a position at a time. `packed` is for a texture: positions side by side, and downwards
// their taps by two, each a vertex and a weight.
class Taps {
  constructor(positions, vertices) {
    this.rows = positions;
    this.sums = new Float64Array(vertices);
    this.ends = [vertices, 0]; // of what the position reads
    this.read = [];
    this.starts = [0];
    this.low = vertices;
    this.high = 0;
  }

  add(index, weight) {
    this.sums[index] += weight;
    if (index < this.ends[0]) this.ends[0] = index;
    if (index >= this.ends[1]) this.ends[1] = index + 1;
  }

  endPosition() {
    const [low, high] = this.ends;
    for (let index = low; index < high; index++) {
      if (Math.abs(this.sums[index]) > NEGLIGIBLE) this.read.push(index, this.sums[index]);
      this.sums[index] = 0;
    }
    this.low = Math.min(this.low, low);
    this.high = Math.max(this.high, high);
    this.ends = [this.sums.length, 0];
    this.starts.push(this.read.length);
  }

  // What comes of a second map after this one.
  then(second) {
    const taps = new Taps(second.rows, this.sums.length);
    for (let row = 0; row < second.rows; row++) {
      for (let k = second.starts[row]; k < second.starts[row + 1]; k += 2) {
        const between = second.read[k];
        for (let j = this.starts[between]; j < this.starts[between + 1]; j += 2) {
          taps.add(this.read[j], second.read[k + 1] * this.read[j + 1]);
        }
      }
      taps.endPosition();
    }
    return taps;
  }

  // Without weights below a share of a position's largest one, for which the others make up.
  thinned(share) {
    const taps = new Taps(this.rows, this.sums.length);
    for (let row = 0; row < this.rows; row++) {
      const read = this.read.slice(this.starts[row], this.starts[row + 1]);
      const weights = read.filter((_, k) => k % 2 === 1);
      const least = share * Math.max(...weights.map(Math.abs));
      const total = (some) => some.reduce((sum, weight) => sum + weight, 0);
      const factor = total(weights) / total(weights.filter((weight) => Math.abs(weight) >= least));
      weights.forEach((weight, k) => { if (Math.abs(weight) >= least) taps.add(read[2 * k], factor * weight); });
      taps.endPosition();
    }
    return taps;
  }

  packed() {
    if (this.data) return this;
    const { rows, read, starts } = this;
    let longest = 0;
    for (let row = 0; row < rows; row++) longest = Math.max(longest, starts[row + 1] - starts[row]);
    this.pairs = Math.ceil(longest / 4);
    this.data = new Float32Array(4 * rows * this.pairs);
    for (let row = 0; row < rows; row++) {
      for (let k = starts[row]; k < starts[row + 1]; k++) {
        const place = k - starts[row];
        this.data[4 * ((place >> 2) * rows + row) + (place & 3)] = read[k];
      }
    }
    return this;
  }
}

function cubicWeights(t) {
  const s = 1 - t;
  return [s ** 3 / 6, ((3 * t - 6) * t * t + 4) / 6, ((3 * s - 6) * s * s + 4) / 6, t ** 3 / 6];
}

function addCubic(taps, position, count, factor) {
  const inside = Math.min(Math.max(position, 1), count - 2);
  const lower = Math.min(Math.floor(inside), count - 3);
  cubicWeights(inside - lower).forEach((weight, tap) => taps.add(lower - 1 + tap, factor * weight));
}

// Beyond the ends of a formula's lattice a straight line goes on.
function addExtrapolated(taps, position, count, factor) {
  const inside = Math.min(Math.max(position, 1), count - 2);
  const beyond = Math.abs(position - inside);
  addCubic(taps, inside, count, factor * (1 + beyond));
  if (beyond > 0) addCubic(taps, inside - Math.sign(position - inside), count, -factor * beyond);
}

// erf by Kummer's series, whose terms are all positive.
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function gaussianRamp(x, deviation) {
  if (deviation === 0) return Math.max(x, 0);
  const z = x / deviation;
  return 0.5 * x * (1 + erf(z * Math.SQRT1_2)) + (deviation * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

// A tent of half width 1, smoothed by a Gaussian.
function smoothedTent(offset, deviation) {
  return gaussianRamp(offset + 1, deviation) - 2 * gaussianRamp(offset, deviation) + gaussianRamp(offset - 1, deviation);
}

// Exact: what is linear between its samples is a sum of tents.
function sampledTaps(line, positions, variance) {
  const taps = new Taps(positions.length, line.count);
  const deviation = Math.sqrt(variance) / line.cell;
  const reach = Math.ceil(1 + REACH * deviation);
  const fold = FOLDED_INDEX[line.border];
  const weights = new Float64Array(2 * reach);
  for (const x of positions) {
    const position = (x - line.first) / line.cell;
    const first = Math.floor(position) + 1 - reach;
    let sum = 0;
    for (let tap = 0; tap < 2 * reach; tap++) sum += weights[tap] = smoothedTent(position - first - tap, deviation);
    for (let tap = 0; tap < 2 * reach; tap++) taps.add(fold(first + tap, line.count), weights[tap] / sum);
    taps.endPosition();
  }
  return taps;
}

// Offsets and shares that stand for a Gaussian: no farther apart than vertices, nor than a standard deviation.
function quadrature(cell, variance) {
  const deviation = Math.sqrt(variance);
  if (deviation < 1e-6 * cell) return [[0, 1]];
  const step = Math.min(cell, deviation);
  const reach = Math.ceil((REACH * deviation) / step);
  const points = [];
  for (let k = -reach; k <= reach; k++) points.push([k * step, Math.exp(-0.5 * ((k * step) / deviation) ** 2)]);
  const sum = points.reduce((total, point) => total + point[1], 0);
  return points.map(([offset, share]) => [offset, share / sum]);
}

// What a Gaussian of this variance along a line makes of its vertices, at positions in domain units.
function gaussianTaps(line, positions, variance) {
  if (line.sampled) return sampledTaps(line, positions, variance);
  const taps = new Taps(positions.length, line.count);
  const points = quadrature(line.cell, variance);
  const fold = line.border === null ? (x) => x : FOLDED[line.border];
  const add = line.border === null ? addExtrapolated : addCubic;
  for (const x of positions) {
    for (const [offset, share] of points) add(taps, (fold(x + offset, line.half) - line.first) / line.cell, line.count, share);
    taps.endPosition();
  }
  return taps;
}

function cubicTaps(positions, count) {
  const taps = new Taps(positions.length, count);
  for (const position of positions) {
    addCubic(taps, position, count, 1);
    taps.endPosition();
  }
  return taps;
}

// From values at vertices to coefficients of cubic B-splines, as if mirrored at the last vertices, or else as they are folded.
function coefficientTaps(count, fold = mirroredAtVertices(count)) {
  const taps = new Taps(count, count);
  for (let vertex = 0; vertex < count; vertex++) {
    for (let step = -POLE_REACH; step <= POLE_REACH; step++) taps.add(fold(vertex + step), Math.sqrt(3) * POLE ** Math.abs(step));
    taps.endPosition();
  }
  return taps;
}

const mirroredAtVertices = (count) => (vertex) => {
  const turn = remainder(vertex, Math.max(2 * count - 2, 1));
  return Math.max(Math.min(turn, 2 * count - 2 - turn), 0);
};

// A Gaussian around each position, summed over evenly spaced vertices that reach beyond it.
function normalTaps(vertices, positions, variance) {
  const taps = new Taps(positions.length, vertices.length);
  const step = vertices[1] - vertices[0];
  const deviation = Math.sqrt(variance);
  const reach = Math.ceil((REACH * deviation) / step);
  for (const x of positions) {
    const middle = Math.floor((x - vertices[0]) / step);
    const read = [];
    for (let k = 1 - reach; k <= reach; k++) {
      const index = Math.min(Math.max(middle + k, 0), vertices.length - 1);
      read.push([index, Math.exp(-0.5 * ((vertices[index] - x) / deviation) ** 2)]);
    }
    const sum = read.reduce((total, entry) => total + entry[1], 0);
    for (const [index, weight] of read) taps.add(index, weight / sum);
    taps.endPosition();
  }
  return taps;
}

const evenlySpaced = (first, step, count) => Float64Array.from({ length: count }, (_, k) => first + k * step);
