// A light stage as it is seen: its pictures summed under a light, and the photo whose light is nearest.

const LEAST_SHARE = 2 ** -25; // of all weights: a picture of less changes no sum

class StageDrawing extends PlaneDrawing {
  constructor(canvas, header, shaders, data) {
    super(canvas, header, shaders);
    this.hats = new Hats(header.hats);
    this.pictures = this.gpu.layers(data);
    const meaning = new Float32Array(512);
    header.meaning.forEach((value, step) => { meaning[2 * step] = value; });
    this.meaning = this.gpu.table(256, 1, meaning);
    this.sums = {}; // by what they are of: the latest one, and its weights
  }

  // Black, and what is as bright as the exposure's white.
  valueRange(state) {
    const [black, white] = this.header.value_range;
    return [black, white * 2 ** -state.exposure];
  }

  weights(state) {
    return this.hats.weights([state.u, state.v], covarianceOf(state));
  }

  valuesIn(state, box) {
    return this.seen(this.summed("lit", this.weights(state)), state, box);
  }

  otherIn(state, box) {
    if (!this.header.has_photos) return null;
    const weights = new Array(this.header.lights.length).fill(0);
    weights[this.nearest(state).number] = 1;
    return this.seen(this.summed("photo", weights), state, box);
  }

  // The photo whose light is nearest, and the angle to it in degrees.
  nearest({ u, v }) {
    const { scale, directions } = this.header;
    const angles = directions.map((direction) => degreesBetween(direction, directionOf([u, v], scale)));
    const degrees = Math.min(...angles);
    return { number: angles.indexOf(degrees), degrees };
  }

  // How far a light is beyond the hull of the photos' lights.
  degreesBeyond({ u, v }) {
    const { scale } = this.header;
    return degreesBetween(directionOf([u, v], scale), directionOf(this.hats.inHull([u, v]), scale));
  }

  // The whole picture at its own pixels, kept until its weights change.
  summed(name, weights) {
    const last = this.sums[name];
    if (last && last.weights.every((weight, k) => weight === weights[k])) return last.texture;
    const { width, height } = this.pictures;
    const texture = last ? last.texture : this.gpu.keep(this.gpu.target(width, height));
    const total = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const counted = weights.flatMap((weight, k) => (Math.abs(weight) > LEAST_SHARE * total ? [k, weight] : []));
    const table = this.gpu.table(counted.length / 2, 1, new Float32Array(counted));
    this.gpu.draw("lit.frag", texture, { pictures: this.pictures, meaning: this.meaning, counted: table, count: counted.length / 2 });
    this.gpu.gl.deleteTexture(table.id);
    this.sums[name] = { weights, texture };
    return texture;
  }

  // Bilinear between pixels; where these are closer together than the canvas's, means of them.
  seen(texture, state, box) {
    const step = 1 / this.place(state).unit;
    this.axes(state, box).forEach((positions, axis) => {
      texture = this.gpu.mapped(texture, tentTaps(this.header.lines[axis], positions, step), axis);
    });
    return texture;
  }
}

// Tents as wide as the distance of the positions, and no narrower than that of the samples.
function tentTaps(line, positions, step) {
  const taps = new Taps(positions.length, line.count);
  const half = Math.max(step / line.cell, 1);
  const fold = FOLDED_INDEX[line.border];
  for (const x of positions) {
    const position = (x - line.first) / line.cell;
    const [low, high] = [Math.ceil(position - half), Math.floor(position + half)];
    let sum = 0;
    for (let index = low; index <= high; index++) sum += half - Math.abs(position - index);
    for (let index = low; index <= high; index++) taps.add(fold(index, line.count), (half - Math.abs(position - index)) / sum);
    taps.endPosition();
  }
  return taps;
}
