// One Gaussian for the whole picture, as fieldcore/fields/shared_filter.py applies it: the nearest level that is smoothed
// less, and the rest of the covariance as sums over its vertices along one axis and then the other.

const LEAST_REST = 0.64; // in squared cells of a level
const PER_DEVIATION = 1.6; // positions a standard deviation that suffice for cubic B-splines
const ROW_STEPS = [0.125, 1]; // distance of the rows that a slanted line is summed over, in cells
const DRAFT_ROW_STEP = 2;
const DRAFT_LEAST = 4e-3; // weight, as a share of the largest
const MARGIN = 7;

const bounds = (x) => [Math.min(...x), Math.max(...x)];

class Pyramid {
  // `levels`: their lines and variances, finest first; `samples`: a texture of the finest one's; `seen` is called with
  // each level's number and values when it is derived.
  constructor(gpu, levels, samples, seen = () => {}) {
    this.gpu = gpu;
    this.levels = levels;
    this.seen = seen;
    this.values = [samples]; // at the vertices of the levels so far
    this.splines = []; // coefficients of those that something was looked up in
    this.sharp = new Map();
    const { lines } = levels[0];
    this.halvings = lines.every((line) => line.sampled && line.border !== null) ? new Halvings(gpu, lines, samples) : null;
  }

  // A level's coefficients of B-splines; samples stay what they are.
  coefficients(index) {
    this.splines[index] ??= this.levels[index].lines.reduce(
      (texture, line, axis) => (line.sampled ? texture : this.gpu.mapped(texture, coefficientTaps(line.count), axis)),
      this.valuesOf(index),
    );
    return this.gpu.keep(this.splines[index]);
  }

  // Samples along an axis as coefficients of what are coefficients themselves.
  sharpened(index, axis) {
    const { count, border } = this.levels[index].lines[axis];
    const key = `${index} ${axis}`;
    if (!this.sharp.has(key)) {
      const taps = coefficientTaps(count, (vertex) => FOLDED_INDEX[border](vertex, count));
      this.sharp.set(key, this.gpu.keep(this.gpu.mapped(this.coefficients(index), taps.then(taps), axis)));
    }
    return this.sharp.get(key);
  }

  // Of a level, which follow from those of the one below it.
  valuesOf(index) {
    while (this.values.length <= index) {
      const next = this.values.length;
      this.values.push(this.gpu.keep(this.derived(next)));
      this.seen(next, this.values[next]);
    }
    return this.values[index];
  }

  derived(index) {
    const { lines, variance } = this.levels[index];
    const before = this.levels[index - 1];
    const shares = lines.map((line, axis) => Math.round((10 * line.count) / before.lines[axis].count));
    let texture = this.values[index - 1];
    for (const axis of shares[1] < shares[0] ? [1, 0] : [0, 1]) {
      if (lines[axis].sampled) continue;
      const line = before.lines[axis];
      const vertices = evenlySpaced(lines[axis].first, lines[axis].cell, lines[axis].count);
      const smoothing = gaussianTaps(line, vertices, variance - varianceAlong(before, axis));
      // By way of coefficients, in one pass: these themselves are wanted of few levels.
      texture = this.gpu.mapped(texture, line.sampled ? smoothing : coefficientTaps(line.count).then(smoothing), axis);
    }
    return texture;
  }

  // All of its textures.
  get textures() {
    return [...new Set([...this.values, ...this.splines.filter(Boolean), ...this.sharp.values(), ...(this.halvings?.textures ?? [])])];
  }

  // The coarsest level from which Gaussians of these variances along the axes can be reached.
  nearest(variances) {
    const fits = (level) => level.lines.every((line, axis) =>
      line.sampled || level.variance + LEAST_REST * line.cell ** 2 <= variances[axis]);
    for (let index = this.levels.length - 1; index > 0; index--) if (fits(this.levels[index])) return index;
    return 0;
  }

  // Smoothed values where positions along the axes cross; `covariance` is [xx, xy, yy]. A draft is off by 1e-3 of the range.
  onLattice(axes, covariance, draft = false) {
    const cell = Math.min(...this.levels[0].lines.map((line) => line.cell));
    if (!isAligned(covariance, cell)) return this.slanted(axes, covariance, draft);
    const variances = [covariance[0], covariance[2]];
    if (!draft || !this.halvings) return this.aligned(this.nearest(variances), axes, variances);
    return this.halvings.onLattice(axes, variances) ?? this.aligned(0, axes, variances, DRAFT_LEAST); // waits for no level
  }

  aligned(index, axes, variances, least = 0) {
    const level = this.levels[index];
    const maps = axes.map((x, axis) => axisMaps(level.lines[axis], x, variances[axis], varianceAlong(level, axis)));
    const thinned = least > 0 ? maps.map((along) => along.map((taps) => taps.thinned(least))) : maps;
    return alongBoth(this.gpu, this.coefficients(index), thinned);
  }

  slanted(axes, [xx, xy, yy], draft) {
    const smallest = 0.5 * (xx + yy) - Math.hypot(0.5 * (xx - yy), xy);
    const index = this.nearest([smallest, smallest]);
    const level = this.levels[index];
    const rest = [xx - level.variance, yy - level.variance];
    const q = rest[1] >= rest[0] ? 1 : 0; // the axis nearer to the line; p is the other one
    const along = rest[q];
    const across = Math.max((rest[0] * rest[1] - xy * xy) / along, 0);
    return this.alongLine(index, axes[1 - q], axes[q], q, { slope: xy / along, across, along }, draft);
  }

  alongLine(index, x, y, q, { slope, across, along }, draft) {
    const { gpu } = this;
    const level = this.levels[index];
    const cell = Math.min(...level.lines.map((line) => line.cell));
    const coarse = coarsePositions(y, along, 2 * cell);
    const rowsWanted = coarse ? coarse.positions : y;
    const deviation = Math.sqrt(along);
    const whole = Math.min(Math.max(deviation, ROW_STEPS[0] * cell), ROW_STEPS[1] * cell);
    const step = draft ? Math.max(whole, Math.min(deviation / 2, DRAFT_ROW_STEP * cell)) : whole;
    const reach = REACH * deviation + step;
    const [lowRow, highRow] = bounds(rowsWanted);
    const rowY = spaced(lowRow - reach, highRow + reach, step);
    const slantedY = y.map((value) => slope * value);
    const [lowX, highX] = bounds(x);
    const [lowSlanted, highSlanted] = bounds(slantedY);
    const u = spaced(lowX - highSlanted - 4 * cell, highX - lowSlanted + 4 * cell, cell);
    let texture = this.upright(index, q, rowY, u, slope, across, cell);
    texture = gpu.mapped(texture, normalTaps(rowY, rowsWanted, along), q);
    for (const taps of coarse ? coarse.maps(y) : []) texture = gpu.mapped(texture, taps, q);
    return gpu.slanted(texture, split(x.map((value) => (value - u[0]) / cell)), split(slantedY.map((value) => -value / cell)), 1 - q);
  }

  // Coefficients in each row, smoothed along it, shifted by what the line has moved there.
  upright(index, q, rowY, u, slope, across, cell) {
    const { gpu } = this;
    const level = this.levels[index];
    const shift = rowY.map((value) => slope * value);
    const [low, high] = bounds(shift);
    const x = spaced(u[0] + low - 3 * cell, u[u.length - 1] + high + 3 * cell, cell);
    const line = level.lines[1 - q];
    // To coefficients once for the shift below, once for that back: shifts and this filter may change places. So may this
    // filter and a Gaussian, where samples go on evenly: then it is done once, whatever the Gaussian.
    const isEven = line.sampled && line.border !== "clamp";
    const before = isEven ? this.sharpened(index, 1 - q) : this.coefficients(index);
    const smoothing = gaussianTaps(line, x, across);
    const twice = (taps) => taps.then(coefficientTaps(x.length)).then(coefficientTaps(x.length));
    let texture = gpu.mapped(before, isEven ? smoothing : twice(smoothing), 1 - q);
    texture = gpu.mapped(texture, gaussianTaps(level.lines[q], rowY, 0), q);
    const columns = evenlySpaced(0, 1, u.length);
    return gpu.slanted(texture, split(columns), split(shift.map((value) => (u[0] + value - x[0]) / cell)), 1 - q);
  }
}

// A texture after the maps of each axis: the first one of either before what makes more of little.
function alongBoth(gpu, texture, maps) {
  const shares = maps.map(([first], axis) => first.rows / (axis === 0 ? texture.width : texture.height));
  const order = shares[1] < shares[0] ? [1, 0] : [0, 1]; // the axis that leaves least comes first
  order.forEach((axis, turn) => {
    const other = maps[1 - axis][0];
    texture = gpu.mapped(texture, maps[axis][0], axis, turn === 0 ? [other.low, other.high] : null);
  });
  for (const axis of order.slice().reverse()) {
    for (const taps of maps[axis].slice(1)) texture = gpu.mapped(texture, taps, axis);
  }
  return texture;
}

const varianceAlong = (level, axis) => (level.lines[axis].sampled ? 0 : level.variance);

function isAligned([xx, xy, yy], cell) {
  const largest = Math.max(xx, yy);
  return Math.abs(xy) <= 1e-7 * largest || largest < (ROW_STEPS[0] * cell) ** 2;
}

function spaced(low, high, step) {
  return evenlySpaced(low, step, Math.ceil((high - low) / step) + 1);
}

// Whole parts and shares, which single precision would not hold together.
function split(positions) {
  const data = new Float32Array(2 * positions.length);
  positions.forEach((position, k) => {
    data[2 * k] = Math.floor(position);
    data[2 * k + 1] = position - Math.floor(position);
  });
  return data;
}

// What smooths a level along one axis to a variance: at the positions, or at fewer that suffice and from them to the
// positions.
function axisMaps(line, x, variance, before) {
  const rest = Math.max(variance - before, 0);
  const coarse = coarsePositions(x, rest, 2 * line.cell);
  if (!coarse) return [gaussianTaps(line, x, rest)];
  const [toCoefficients, toPositions] = coarse.maps(x);
  return [gaussianTaps(line, coarse.positions, rest).then(toCoefficients), toPositions];
}

// Those that suffice for what has this variance; null where they are too close together or would save little.
function coarsePositions(x, variance, least) {
  const step = Math.sqrt(variance) / PER_DEVIATION;
  const [low, high] = bounds(x);
  const count = Math.ceil((high - low) / step) + 2 * MARGIN + 1;
  if (step < least || !(2 * count < x.length)) return null;
  const first = low - MARGIN * step;
  const maps = (wanted) => [coefficientTaps(count), cubicTaps(wanted.map((value) => (value - first) / step), count)];
  return { positions: evenlySpaced(first, step, count), maps };
}
