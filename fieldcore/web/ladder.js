// A picture under one profile at many sizes at once: on a ladder of sizes, or of a box by running sums.

const LADDER_RATIO = 2 ** 0.25; // from one size to the next
const DIRECT_MOST = 2; // samples: what is smaller is read directly
const LADDER_MOST = 4.5; // half sides: what the steepest falloff comes to at the farthest corner
const LADDER_VERTICES = 4; // a half size: how close together vertices are
const WIDE = 0.25; // half sides, beyond which more vertices take little room
const WIDE_VERTICES = 8;
const LADDER_MARGIN = 14; // vertices beyond the picture, so that the ends of a spline matter no more
const ATLAS_WIDTH = 4096;

// The picture under one kernel at many sizes, as coefficients of cubic B-splines, beside one another in a texture.
class Ladder {
  constructor(gpu, lines, samples, profile) {
    const most = LADDER_MOST * Math.max(...lines.map((line) => line.half));
    const rungs = [];
    for (let size = DIRECT_MOST * lines[0].cell / LADDER_RATIO; size < most * LADDER_RATIO ** 2; size *= LADDER_RATIO) rungs.push(this.rung(lines, size));
    const height = this.place(rungs, gpu);
    const { internal, format, type } = gpu.format;
    this.atlas = gpu.texture(ATLAS_WIDTH, height, internal, format, type, null);
    for (const rung of rungs) this.fill(gpu, lines, samples, profile, rung);
    this.table = gpu.table(2, rungs.length, new Float32Array(rungs.flatMap(({ at, first, cell, counts }) => [...at, cell, 0, ...first, ...counts])));
    this.count = rungs.length;
    this.least = rungs[0].size;
  }

  rung(lines, size) {
    const vertices = size > WIDE * Math.max(...lines.map((line) => line.half)) ? WIDE_VERTICES : LADDER_VERTICES;
    const cell = Math.max(lines[0].cell, size / vertices);
    const counts = lines.map((line) => Math.ceil((2 * line.half) / cell) + 1 + 2 * LADDER_MARGIN);
    return { size, cell, counts, first: counts.map((count) => (-0.5 * (count - 1)) * cell) };
  }

  // In rows from the left; returns how many texels that takes downwards.
  place(rungs) {
    let [x, y, row] = [0, 0, 0];
    for (const rung of rungs) {
      if (x + rung.counts[0] > ATLAS_WIDTH) [x, y, row] = [0, y + row, 0];
      rung.at = [x, y];
      x += rung.counts[0];
      row = Math.max(row, rung.counts[1]);
    }
    return y + row;
  }

  fill(gpu, lines, samples, profile, { size, cell, counts, first, at }) {
    const { gl } = gpu;
    let texture = samples;
    for (const axis of [0, 1]) {
      const values = kernelTaps(lines[axis], evenlySpaced(first[axis], cell, counts[axis]), profile, size, 1);
      texture = gpu.mapped(texture, values.then(coefficientTaps(counts[axis])), axis);
    }
    gpu.bind(texture);
    gl.bindTexture(gl.TEXTURE_2D, this.atlas.id);
    gl.copyTexSubImage2D(gl.TEXTURE_2D, 0, ...at, 0, 0, ...counts);
    gpu.recycle();
  }

  delete(gl) {
    for (const texture of [this.atlas, this.table]) gl.deleteTexture(texture.id);
  }
}

// Sums over all samples up to each one along both axes, of what differs from their mean: any box is the difference of few.
// Before the first sample and behind the last one stands one more, as the border has it.
class RunningSums {
  constructor(gpu, lines, samples) {
    const means = [0, 1].reduce((texture, axis) => gpu.mapped(texture, meanTaps(lines[axis].count), axis), samples);
    this.mean = Array.from(gpu.read(means, 0, 0, 1, 1));
    let texture = gpu.target(samples.width, samples.height);
    gpu.draw("centred.frag", texture, { values: samples, mean: this.mean });
    for (const axis of [0, 1]) {
      texture = gpu.mapped(texture, paddedTaps(lines[axis]), axis);
      const { count } = lines[axis];
      for (let reach = 1; reach < count + 3; reach *= SUMMED) texture = gpu.mapped(texture, summedTaps(count + 3, reach), axis);
    }
    this.texture = gpu.keep(texture);
  }

  delete(gl) {
    gl.deleteTexture(this.texture.id);
  }
}

const SUMMED = 4; // in a pass

function meanTaps(count) {
  const taps = new Taps(1, count);
  for (let index = 0; index < count; index++) taps.add(index, 1 / count);
  taps.endPosition();
  return taps;
}

// The sums begin with 0 before the first sample, and end with the one behind the last.
function paddedTaps({ count, border }) {
  const taps = new Taps(count + 3, count);
  const fold = (index) => FOLDED_INDEX[border ?? "mirror"](index, count);
  taps.add(fold(-1), -1);
  taps.endPosition();
  for (let index = -1; index <= count; index++) {
    taps.add(fold(index), 1);
    taps.endPosition();
  }
  return taps;
}

// Of sums over so many each, those over four times as many.
function summedTaps(count, reach) {
  const taps = new Taps(count, count);
  for (let index = 0; index < count; index++) {
    for (let k = 0; k < SUMMED && index - k * reach >= 0; k++) taps.add(index - k * reach, 1);
    taps.endPosition();
  }
  return taps;
}
