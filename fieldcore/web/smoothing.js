// One Gaussian for the whole picture, as fieldcore/fields/shared_filter.py applies it: the nearest level that is smoothed
// less, and the rest of the covariance as sums over its vertices along one axis and then the other.

const LEAST_REST = 0.64; // in squared cells of a level
const PER_DEVIATION = 1.6; // positions a standard deviation that suffice for cubic B-splines
const ROW_STEPS = [0.125, 1]; // distance of the rows that a slanted line is summed over, in cells
const MARGIN = 7;

const bounds = (x) => [Math.min(...x), Math.max(...x)];

class Pyramid {
  // `levels`: their lines and variances, finest first; `samples`: a texture of the finest one's; `seen` is called with
  // each level's number and values when it is derived.
  constructor(gpu, levels, samples, seen = () => {}) {
    this.gpu = gpu;
    this.levels = levels;
    this.seen = seen;
    this.textures = [this.through(levels[0].lines, samples)];
  }

  // Values at vertices as coefficients of B-splines; samples stay what they are.
  through(lines, texture) {
    lines.forEach((line, axis) => {
      if (!line.sampled) texture = this.gpu.mapped(texture, coefficientTaps(line.count), axis);
    });
    return this.gpu.keep(texture);
  }

  // The coefficients of a level, each of which follows from the one below it.
  coefficients(index) {
    while (this.textures.length <= index) this.textures.push(this.derived(this.textures.length));
    return this.textures[index];
  }

  derived(index) {
    const { lines, variance } = this.levels[index];
    const before = this.levels[index - 1];
    const shares = lines.map((line, axis) => Math.round((10 * line.count) / before.lines[axis].count));
    let texture = this.textures[index - 1];
    for (const axis of shares[1] < shares[0] ? [1, 0] : [0, 1]) {
      if (lines[axis].sampled) continue;
      const vertices = evenlySpaced(lines[axis].first, lines[axis].cell, lines[axis].count);
      const rest = variance - varianceAlong(before, axis);
      texture = this.gpu.mapped(texture, gaussianTaps(before.lines[axis], vertices, rest), axis);
    }
    this.seen(index, texture);
    return this.through(lines, texture);
  }

  // The coarsest level from which Gaussians of these variances along the axes can be reached.
  nearest(variances) {
    const fits = (level) => level.lines.every((line, axis) =>
      line.sampled || level.variance + LEAST_REST * line.cell ** 2 <= variances[axis]);
    for (let index = this.levels.length - 1; index > 0; index--) if (fits(this.levels[index])) return index;
    return 0;
  }

  // Smoothed values where positions along the axes cross; `covariance` is [xx, xy, yy].
  onLattice(axes, covariance) {
    const cell = Math.min(...this.levels[0].lines.map((line) => line.cell));
    return isAligned(covariance, cell) ? this.aligned(axes, [covariance[0], covariance[2]]) : this.slanted(axes, covariance);
  }

  aligned(axes, variances) {
    const index = this.nearest(variances);
    const level = this.levels[index];
    const maps = axes.map((x, axis) =>
      axisMaps(level.lines[axis], x, Math.max(variances[axis] - varianceAlong(level, axis), 0)));
    const shares = maps.map((map, axis) => map[0].rows / level.lines[axis].count);
    const order = shares[1] < shares[0] ? [1, 0] : [0, 1]; // the axis that leaves least comes first
    let texture = this.coefficients(index);
    order.forEach((axis, turn) => {
      const other = maps[1 - axis][0];
      texture = this.gpu.mapped(texture, maps[axis][0], axis, turn === 0 ? [other.low, other.high] : null);
    });
    for (const axis of order.slice().reverse()) {
      for (const taps of maps[axis].slice(1)) texture = this.gpu.mapped(texture, taps, axis);
    }
    return texture;
  }

  slanted(axes, [xx, xy, yy]) {
    const smallest = 0.5 * (xx + yy) - Math.hypot(0.5 * (xx - yy), xy);
    const index = this.nearest([smallest, smallest]);
    const level = this.levels[index];
    const rest = [xx - level.variance, yy - level.variance];
    const q = rest[1] >= rest[0] ? 1 : 0; // the axis nearer to the line; p is the other one
    const along = rest[q];
    const across = Math.max((rest[0] * rest[1] - xy * xy) / along, 0);
    return this.alongLine(index, axes[1 - q], axes[q], q, { slope: xy / along, across, along });
  }

  alongLine(index, x, y, q, { slope, across, along }) {
    const { gpu } = this;
    const level = this.levels[index];
    const cell = Math.min(...level.lines.map((line) => line.cell));
    const coarse = coarsePositions(y, along, cell);
    const rowsWanted = coarse ? coarse.positions : y;
    const deviation = Math.sqrt(along);
    const step = Math.min(Math.max(deviation, ROW_STEPS[0] * cell), ROW_STEPS[1] * cell);
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
    // To coefficients once for the shift below, once for that back: shifts and this filter may change places.
    const toCoefficients = coefficientTaps(x.length);
    const alongRows = gaussianTaps(level.lines[1 - q], x, across).then(toCoefficients).then(toCoefficients);
    let texture = gpu.mapped(this.coefficients(index), alongRows, 1 - q);
    texture = gpu.mapped(texture, gaussianTaps(level.lines[q], rowY, 0), q);
    const columns = evenlySpaced(0, 1, u.length);
    return gpu.slanted(texture, split(columns), split(shift.map((value) => (u[0] + value - x[0]) / cell)), 1 - q);
  }
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

// What smooths along one axis: at the positions, or at fewer that suffice and from them to the positions.
function axisMaps(line, x, variance) {
  const coarse = coarsePositions(x, variance, line.cell);
  if (!coarse) return [gaussianTaps(line, x, variance)];
  return [gaussianTaps(line, coarse.positions, variance), ...coarse.maps(x)];
}

function coarsePositions(x, variance, cell) {
  const step = Math.sqrt(variance) / PER_DEVIATION;
  if (step < 2 * cell) return null;
  const [low, high] = bounds(x);
  const count = Math.ceil((high - low) / step) + 2 * MARGIN + 1;
  if (2 * count >= x.length) return null;
  const first = low - MARGIN * step;
  const maps = (wanted) => [coefficientTaps(count), cubicTaps(wanted.map((value) => (value - first) / step), count)];
  return { positions: evenlySpaced(first, step, count), maps };
}
