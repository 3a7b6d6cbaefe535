// A shape as volumes of signed distances, smoothed by a few Gaussians: what lies between them is interpolated.

const STEEPNESS_CELLS = 32;
const STEEPNESS_QUANTILE = 0.99;
const STEEPNESS_BOUNDS = [0.25, 4];

// The steps of all volumes, one after the other, from differences along the axes, of each volume so many times.
async function unpackedVolumes(block) {
  const { cells, orders } = block;
  const steps = new Int16Array(joined(await unzipped(block), 2).buffer);
  const [row, slab, count] = [cells, cells * cells, cells ** 3];
  return orders.map((order, k) => {
    const volume = steps.subarray(k * count, (k + 1) * count);
    for (let turn = 0; turn < order; turn++) {
      for (let at = 0; at < count; at++) if (at % row) volume[at] += volume[at - 1];
      for (let at = 0; at < count; at++) if (at % slab >= row) volume[at] += volume[at - row];
      for (let at = slab; at < count; at++) volume[at] += volume[at - slab];
    }
    return volume;
  });
}

class Volume {
  constructor(gpu, { cells, half_extent, step, variances, offset }, volumes) {
    const { gl } = gpu;
    Object.assign(this, { gpu, cells, step, half: half_extent, volumes, cell: (2 * half_extent) / cells });
    this.places = variances.map((variance) => Math.log(variance + offset));
    this.placeOf = (variance) => Math.log(variance + offset);
    if (cells > gl.getParameter(gl.MAX_3D_TEXTURE_SIZE)) throw new Unsupported(`This page needs volumes of ${cells} cells a side.`);
    const linear = gl.getExtension("OES_texture_float_linear");
    this.internal = linear ? gl.R32F : gl.R16F;
    this.texture = volumeTexture(gl);
    this.values = new Float32Array(cells ** 3);
  }

  // Polynomials through four of the volumes, over the logarithm of the variance.
  weights(variance) {
    const { places } = this;
    const place = this.placeOf(variance);
    const after = places.findIndex((other) => other >= place - 1e-12);
    const above = after < 0 ? places.length - 1 : after;
    if (Math.abs(places[above] - place) < 1e-9) return [[above, 1]];
    const first = Math.min(Math.max(above - 2, 0), Math.max(places.length - 4, 0));
    const read = places.slice(first, first + 4);
    return read.map((own, k) =>
      [first + k, read.reduce((product, other, j) => (j === k ? product : (product * (place - other)) / (own - other)), 1)]);
  }

  // Have the distances of a variance in the texture.
  show(variance) {
    if (this.variance === variance) return;
    this.variance = variance;
    const { values, cells, gpu: { gl } } = this;
    values.fill(0);
    for (const [k, weight] of this.weights(variance)) {
      const [volume, factor] = [this.volumes[k], weight * this.step];
      for (let at = 0; at < values.length; at++) values[at] += factor * volume[at];
    }
    gl.bindTexture(gl.TEXTURE_3D, this.texture.id);
    gl.texImage3D(gl.TEXTURE_3D, 0, this.internal, cells, cells, cells, 0, gl.RED, gl.FLOAT, values);
    this.least = this.leastByLayer();
    this.steepness = this.measuredSteepness();
  }

  // Of each layer across an axis the least value.
  leastByLayer() {
    const { values, cells } = this;
    const least = [0, 1, 2].map(() => new Float64Array(cells).fill(Infinity));
    let at = 0;
    for (let z = 0; z < cells; z++) {
      for (let y = 0; y < cells; y++) {
        for (let x = 0; x < cells; x++) {
          const value = values[at++];
          if (value < least[0][x]) least[0][x] = value;
          if (value < least[1][y]) least[1][y] = value;
          if (value < least[2][z]) least[2][z] = value;
        }
      }
    }
    return least;
  }

  // A box that holds all places where the distance may be this or less; null if there are none.
  bounds(most) {
    const { cell, half, cells } = this;
    const [lower, upper] = [[], []];
    for (const least of this.least) {
      const first = least.findIndex((value) => value <= most);
      if (first < 0) return null;
      const last = cells - 1 - [...least].reverse().findIndex((value) => value <= most);
      lower.push(Math.max(-half, -half + (first - 0.5) * cell));
      upper.push(Math.min(half, -half + (last + 1.5) * cell));
    }
    return { lower, upper };
  }

  // The length that hardly any gradient exceeds.
  measuredSteepness() {
    const { values, cells } = this;
    const stride = Math.max(1, Math.floor(cells / STEEPNESS_CELLS));
    const squares = [];
    for (let z = 0; z < cells - 1; z += stride) {
      for (let y = 0; y < cells - 1; y += stride) {
        for (let x = 0; x < cells - 1; x += stride) {
          const at = (z * cells + y) * cells + x;
          const here = values[at];
          squares.push((values[at + 1] - here) ** 2 + (values[at + cells] - here) ** 2 + (values[at + cells * cells] - here) ** 2);
        }
      }
    }
    const sorted = Float64Array.from(squares).sort();
    const length = Math.sqrt(sorted[Math.floor(STEEPNESS_QUANTILE * (sorted.length - 1))]) / this.cell;
    return Math.min(Math.max(length, STEEPNESS_BOUNDS[0]), STEEPNESS_BOUNDS[1]);
  }
}

function volumeTexture(gl) {
  const texture = { id: gl.createTexture(), target: gl.TEXTURE_3D };
  gl.bindTexture(gl.TEXTURE_3D, texture.id);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_3D, name, gl.LINEAR);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.texParameteri(gl.TEXTURE_3D, name, gl.CLAMP_TO_EDGE);
  return texture;
}

// The colours of the cells beside the surface, in the order of the cells, brought to all others: from the nearest one.
function colourTexture(gl, { cells, half_extent }, mask, colours) {
  const nearest = nearestMarked(mask, cells);
  const order = new Int32Array(cells ** 3);
  let marked = 0;
  for (let at = 0; at < order.length; at++) order[at] = mask[at] ? marked++ : -1;
  const texels = new Uint8Array(3 * cells ** 3);
  for (let at = 0; at < order.length; at++) {
    const from = 3 * order[nearest[at]];
    for (let c = 0; c < 3; c++) texels[3 * at + c] = colours[from + c];
  }
  const texture = volumeTexture(gl);
  gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGB8, cells, cells, cells, 0, gl.RGB, gl.UNSIGNED_BYTE, texels);
  return { ...texture, half: half_extent };
}

// For each cell the marked one that is nearest, nearly: cells tell one another, from the marked ones outward.
function nearestMarked(mask, cells) {
  const nearest = new Int32Array(cells ** 3).fill(-1);
  const squared = new Int32Array(cells ** 3);
  let front = [];
  for (let at = 0; at < nearest.length; at++) {
    if (mask[at]) {
      nearest[at] = at;
      front.push(at);
    }
  }
  const place = (at) => [at % cells, Math.floor(at / cells) % cells, Math.floor(at / cells ** 2)];
  while (front.length) {
    const next = [];
    for (const at of front) {
      const [x, y, z] = place(at);
      const [fx, fy, fz] = place(nearest[at]);
      for (const [dx, dy, dz] of [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]) {
        const [nx, ny, nz] = [x + dx, y + dy, z + dz];
        if (Math.min(nx, ny, nz) < 0 || Math.max(nx, ny, nz) >= cells) continue;
        const to = (nz * cells + ny) * cells + nx;
        const apart = (nx - fx) ** 2 + (ny - fy) ** 2 + (nz - fz) ** 2;
        if (nearest[to] >= 0 && squared[to] <= apart) continue;
        nearest[to] = nearest[at];
        squared[to] = apart;
        next.push(to);
      }
    }
    front = next;
  }
  return nearest;
}
