// A light stage as it is seen: its pictures summed under a light, and the photo whose light is nearest.

const LEAST_SHARE = 2 ** -25; // of all weights: a picture of less changes no sum
const LEAST_SHOWN = 1e-4; // share of what is interpolated as shown: less is not seen

class StageDrawing extends PlaneDrawing {
  constructor(canvas, header, shaders, data) {
    super(canvas, header, shaders);
    this.hats = new Hats(header.hats);
    this.pictures = this.gpu.layers(data);
    const meaning = new Float32Array(512);
    header.meaning.forEach((value, step) => { meaning[2 * step] = value; });
    header.as_shown?.meaning.forEach((value, step) => { meaning[2 * step + 1] = value; });
    this.meaning = this.gpu.table(256, 1, meaning);
    this.sums = {}; // by what they are of: the latest one, and its weights
  }

  get hasExposure() { return true; }

  valuesIn(state, box) {
    const covariance = covarianceOf(state);
    const weights = this.hats.weights([state.u, state.v], covariance);
    return this.seen(this.summed("lit", weights, this.asShown(state, covariance)), state, box);
  }

  // What is interpolated as it is shown: how much that counts, and the pictures' weights, those of a point light.
  asShown({ u, v }, covariance) {
    if (!this.header.as_shown) return null;
    const share = Math.exp(-(covariance[0] + covariance[2]) / (2 * this.header.as_shown.variance));
    return share > LEAST_SHOWN ? { share, weights: this.hats.weights([u, v], [0, 0, 0]) } : null;
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
  summed(name, weights, shown = null) {
    const key = [weights, shown?.share, shown?.weights].join();
    if (this.sums[name]?.key === key) return this.sums[name].texture;
    const { width, height } = this.pictures;
    const texture = this.sums[name]?.texture ?? this.gpu.keep(this.gpu.target(width, height));
    const total = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const counted = weights.flatMap((weight, k) => {
      const point = shown ? shown.weights[k] : 0;
      const least = Math.max(Math.abs(weight), Math.abs(point));
      return least > LEAST_SHARE * total ? [k, weight - (shown ? shown.share : 0) * point, point, 0] : [];
    });
    const count = counted.length / 4;
    const table = this.gpu.table(count, 1, new Float32Array(counted));
    const { gain } = this.header.as_shown ?? {};
    this.gpu.draw(shown ? "lit.frag AS_SHOWN" : "lit.frag", texture, {
      pictures: this.pictures, meaning: this.meaning, counted: table, count, shown_share: shown?.share, gain,
    });
    this.gpu.gl.deleteTexture(table.id);
    this.sums[name] = { key, texture };
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
