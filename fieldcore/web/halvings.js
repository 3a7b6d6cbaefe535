// Drafts of a picture under a Gaussian, for while something changes: samples are halved as often as its width allows, by
// 1 3 3 1, smoothed by what is left of it, and shown as coefficients of cubic B-splines. Each step's variance counts, so
// that the sum is right; the form is that of a Gaussian but for 1e-3.

const HALVED = [1, 3, 3, 1].map((weight) => weight / 8);
const HALVED_VARIANCE = 3 / 4; // in squared cells, as those below
const TENT = 1 / 6; // of what is linear between samples
const SPLINE = 1 / 3; // of the cubic B-spline
const DRAFT_REST = 0.1; // least that is left for the Gaussian, after the last halving
const DRAFT_REACH = 3.5; // standard deviations
const WIDEST_DRAFT = 6; // cells: what is wider along one axis alone is no draft

class Halvings {
  // `lines`: where the samples lie along each axis, with a border.
  constructor(gpu, lines, samples) {
    this.gpu = gpu;
    this.steps = [{ lines, texture: samples }];
  }

  get textures() {
    return this.steps.map(({ texture }) => texture);
  }

  step(index) {
    while (this.steps.length <= index) {
      const { lines, texture } = this.steps[this.steps.length - 1];
      const halved = lines.map((line) => ({ ...line, first: line.first + line.cell / 2, cell: 2 * line.cell, count: Math.ceil(line.count / 2) }));
      const values = [0, 1].reduce((values, axis) => this.gpu.mapped(values, halvingTaps(lines[axis], halved[axis].count), axis), texture);
      this.steps.push({ lines: halved, texture: this.gpu.keep(values) });
    }
    return this.steps[index];
  }

  // Smoothed values where positions along the axes cross; null where that would be no draft.
  onLattice(axes, variances) {
    const wanted = variances.map((variance, axis) => variance / this.steps[0].lines[axis].cell ** 2 + TENT);
    const index = this.coarsest(Math.min(...wanted));
    const rests = wanted.map((variance) => (variance - varianceHalved(index)) / 4 ** index - SPLINE);
    if (index === 0 || Math.max(...rests) > WIDEST_DRAFT ** 2) return null;
    const { lines, texture } = this.step(index);
    return alongBoth(this.gpu, texture, axes.map((positions, axis) => draftMaps(lines[axis], positions, rests[axis])));
  }

  // By how many halvings a variance can be reached.
  coarsest(variance) {
    const shortest = Math.min(...this.steps[0].lines.map((line) => line.count));
    const most = Math.floor(Math.log2(shortest)) - 2;
    let index = 0;
    while (index < most && varianceHalved(index + 1) + 4 ** (index + 1) * (SPLINE + DRAFT_REST) <= variance) index++;
    return index;
  }
}

// In squared cells of the samples, after so many halvings.
const varianceHalved = (index) => (HALVED_VARIANCE * (4 ** index - 1)) / 3;

function halvingTaps(line, count) {
  const taps = new Taps(count, line.count);
  for (let vertex = 0; vertex < count; vertex++) {
    HALVED.forEach((weight, k) => addFolded(taps, line, 2 * vertex + k - 1, weight));
    taps.endPosition();
  }
  return taps;
}

// From vertices around the positions to these smoothed, and from them as coefficients to the positions; at once where
// positions are fewer.
function draftMaps(line, positions, rest) {
  const places = positions.map((x) => (x - line.first) / line.cell);
  const [low, high] = bounds(places);
  const first = Math.floor(low) - 1;
  const count = Math.floor(high) + 3 - first;
  const weights = draftWeights(rest);
  const smoothing = new Taps(count, line.count);
  for (let k = 0; k < count; k++) {
    weights.forEach((weight, offset) => addFolded(smoothing, line, first + k + offset - (weights.length - 1) / 2, weight));
    smoothing.endPosition();
  }
  const toPositions = cubicTaps(places.map((place) => place - first), count);
  return count > positions.length ? [smoothing.then(toPositions)] : [smoothing, toPositions];
}

// Of vertices on either side of one, with exactly this variance.
function draftWeights(rest) {
  if (rest < 0.5) return [rest / 2, 1 - rest, rest / 2];
  const reach = Math.ceil(DRAFT_REACH * Math.sqrt(rest));
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * rest)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

// A vertex beyond the box counts where it is folded to, which may be between two.
function addFolded(taps, line, index, weight) {
  const x = line.first + index * line.cell;
  const isBeyond = Math.abs(x) > line.half;
  const place = isBeyond ? (FOLDED[line.border](x, line.half) - line.first) / line.cell : index;
  const inside = Math.min(Math.max(place, 0), line.count - 1);
  const lower = Math.min(Math.floor(inside), Math.max(line.count - 2, 0));
  taps.add(lower, weight * (1 - (inside - lower)));
  if (inside > lower) taps.add(lower + 1, weight * (inside - lower));
}
