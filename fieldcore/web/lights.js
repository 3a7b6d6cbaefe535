// What each photo of a light stage counts under a light: the formulas of fieldcore/lights/hats.py and plane_pieces.py,
// in double precision.

// Points and weights of Gauss and Legendre on [-1, 1], of which half are listed.
const LEGENDRE = legendre(24);

function legendre(count) {
  const found = [];
  for (let k = 0; k < count / 2; k++) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 20; turn++) {
      let [before, now] = [1, x];
      for (let n = 2; n <= count; n++) [before, now] = [now, ((2 * n - 1) * x * now - (n - 1) * before) / n];
      slope = (count * (x * now - before)) / (x * x - 1);
      x -= now / slope;
    }
    found.push([x, 2 / ((1 - x * x) * slope * slope)]);
  }
  return found;
}

// Owen's function: the mass of a Gaussian beyond a line at distance h, within a wedge of slope a.
function owensT(h, a) {
  const [distance, slope] = [Math.abs(h), Math.abs(a)];
  const sign = Math.sign(a);
  if (slope <= 1) return sign * owensIntegral(distance, slope);
  const beyond = distance * slope;
  const erfs = erf(distance * Math.SQRT1_2) * erf(beyond * Math.SQRT1_2);
  return sign * (0.25 * (1 - erfs) - owensIntegral(beyond, 1 / slope));
}

function owensIntegral(h, a) {
  if (h > 9 || a === 0) return 0; // it is below 1e-19
  let sum = 0;
  for (const [x, weight] of LEGENDRE) {
    for (const at of [0.5 * a * (1 - x), 0.5 * a * (1 + x)]) {
      const square = 1 + at * at;
      sum += (weight * Math.exp(-0.5 * h * h * square)) / square;
    }
  }
  return (0.5 * a * sum) / (2 * Math.PI);
}

const LEAST_VARIANCE = 1e-14;
const LEAST_AREA = 1e-13;

// Of [xx, xy, yy] the deviations along its axes, and the first axis.
function principalAxes([xx, xy, yy]) {
  const turn = 0.5 * Math.atan2(2 * xy, xx - yy);
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const half = Math.hypot(0.5 * (xx - yy), xy);
  const mean = 0.5 * (xx + yy);
  return { deviations: [mean + half, mean - half].map((variance) => Math.sqrt(Math.max(variance, LEAST_VARIANCE))), c, s };
}

// What each corner of a triangle counts in the average over a standard Gaussian of what is linear on it.
function cornerShares(corners) {
  let mass = 0;
  let momentX = 0;
  let momentY = 0;
  for (let k = 0; k < 3; k++) {
    const start = corners[k];
    const end = corners[(k + 1) % 3];
    const length = Math.hypot(end[0] - start[0], end[1] - start[1]) || 1;
    const way = [(end[0] - start[0]) / length, (end[1] - start[1]) / length];
    const cross = start[0] * way[1] - start[1] * way[0];
    const distance = Math.abs(cross);
    const ends = [start, end].map((point) => point[0] * way[0] + point[1] * way[1]);
    const angles = ends.map((along) => Math.atan2(along, distance) / (2 * Math.PI) - (distance > 0 ? owensT(distance, along / distance) : 0));
    mass += Math.sign(cross) * (angles[1] - angles[0]);
    const inside = 0.5 * (erf(ends[1] * Math.SQRT1_2) - erf(ends[0] * Math.SQRT1_2));
    const line = (Math.exp(-0.5 * distance * distance) / Math.sqrt(2 * Math.PI)) * inside;
    momentX -= line * way[1];
    momentY += line * way[0];
  }
  const [a, b, c] = corners;
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  const turned = Math.sign(area);
  // Barycentric coordinates are linear: of each corner the slopes and the constant, times the area.
  return [[b, c], [c, a], [a, b]].map(([one, other]) => {
    const constant = one[0] * other[1] - one[1] * other[0];
    return (turned * (momentX * (one[1] - other[1]) + momentY * (other[0] - one[0]) + mass * constant)) / area;
  });
}

const WHOLE = 1e-5; // a weight as near to 1 is 1

// The hats of all lights: 1 at a light, 0 at all others, linear on the triangles between them.
class Hats {
  // `told`: places, place_of, triangles and rim by numbers of places; pieces of the plane and their owners; the mix of
  // principal pictures, where these stand for photos.
  constructor(told) {
    Object.assign(this, told);
    this.share = new Array(this.places.length).fill(0);
    for (const place of this.place_of) this.share[place] += 1;
  }

  // Of the pictures, at a light with the covariance [xx, xy, yy].
  weights(light, covariance) {
    const ofPlaces = covariance.some((value) => value !== 0) ? this.averaged(light, covariance) : this.at(light);
    const ofPhotos = this.place_of.map((place) => ofPlaces[place] / this.share[place]);
    return this.mix ? this.mix[0].map((_, k) => ofPhotos.reduce((sum, weight, photo) => sum + weight * this.mix[photo][k], 0)) : ofPhotos;
  }

  at(light) {
    const found = new Array(this.places.length).fill(0);
    const spread = this.within(light) || this.beyond(light).spread;
    const whole = spread.find(([, weight]) => weight > 1 - WHOLE);
    for (const [place, weight] of whole ? [[whole[0], 1]] : spread) found[place] += weight;
    return found;
  }

  averaged(light, covariance) {
    const { deviations, c, s } = principalAxes(covariance);
    const whitened = (x, y) => [
      (c * (x - light[0]) + s * (y - light[1])) / deviations[0],
      (c * (y - light[1]) - s * (x - light[0])) / deviations[1],
    ];
    const found = new Array(this.places.length).fill(0);
    this.pieces.forEach(([ax, ay, bx, by, cx, cy], number) => {
      if (Math.abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) <= LEAST_AREA) return;
      const shares = cornerShares([whitened(ax, ay), whitened(bx, by), whitened(cx, cy)]);
      this.owners[number].forEach((place, corner) => { found[place] += shares[corner]; });
    });
    const sum = found.reduce((total, weight) => total + weight, 0);
    return found.map((weight) => weight / sum);
  }

  // Places and weights on the triangle around a light; null where there is none.
  within(light) {
    let best = null;
    let most = -1e-12;
    for (const triangle of this.triangles) {
      const [a, b, c] = triangle.map((place) => this.places[place]);
      const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
      const second = ((light[0] - a[0]) * (c[1] - a[1]) - (light[1] - a[1]) * (c[0] - a[0])) / area;
      const third = ((b[0] - a[0]) * (light[1] - a[1]) - (b[1] - a[1]) * (light[0] - a[0])) / area;
      const weights = [1 - second - third, second, third];
      const least = Math.min(...weights);
      if (least > most) [most, best] = [least, triangle.map((place, k) => [place, Math.max(weights[k], 0)])];
    }
    if (!best) return null;
    const sum = best.reduce((total, [, weight]) => total + weight, 0);
    return best.map(([place, weight]) => [place, weight / sum]);
  }

  // The nearest point of the hull's rim, and the weights there.
  beyond(light) {
    let best = { distance: Infinity };
    for (const [one, other] of this.rim) {
      const [a, b] = [this.places[one], this.places[other]];
      const way = [b[0] - a[0], b[1] - a[1]];
      const along = ((light[0] - a[0]) * way[0] + (light[1] - a[1]) * way[1]) / (way[0] ** 2 + way[1] ** 2);
      const t = Math.min(Math.max(along, 0), 1);
      const point = [a[0] + t * way[0], a[1] + t * way[1]];
      const distance = Math.hypot(light[0] - point[0], light[1] - point[1]);
      if (distance < best.distance) best = { distance, point, spread: [[one, 1 - t], [other, t]] };
    }
    return best.point ? best : { distance: 0, point: this.places[0], spread: [[0, 1]] };
  }

  // The nearest point of the lights' hull.
  inHull(light) {
    return this.within(light) ? light : this.beyond(light).point;
  }
}

// The unit direction of a point of the chart: x right, y to the photo's top, z to the camera.
function directionOf([u, v], scale) {
  const radius = Math.hypot(u, v) / scale;
  const within = radius > 0 ? Math.min(1, Math.SQRT2 / radius) / scale : 1 / scale;
  const [x, y] = [u * within, v * within];
  const squared = Math.min(x * x + y * y, 2);
  const stretch = Math.sqrt(2 - squared);
  return [x * stretch, -y * stretch, 1 - squared];
}

function degreesBetween(one, other) {
  const chord = Math.hypot(...one.map((value, axis) => value - other[axis]));
  return (360 / Math.PI) * Math.asin(Math.min(chord / 2, 1));
}
