// A pinhole camera, as app/camera/camera.py has it: right-handed, y up; yaw 0 looks along -z, positive turns left.
//
// It looks at a point from a distance: turning goes around that point, flying moves it along.

const MOST_PITCH = 89;
const NEAREST = 0.02; // to the point, and FARTHEST
const FARTHEST = 30;
const DEGREE = Math.PI / 180;

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const plus = (a, b, factor = 1) => a.map((value, axis) => value + factor * b[axis]);
const times = (factor, a) => a.map((value) => factor * value);

// The entries of a state that say where it is; `view` are those at first.
const cameraEntries = (view) => ({
  yaw: { usual: view.yaw, limits: [-180, 180] },
  pitch: { usual: view.pitch, limits: [-MOST_PITCH, MOST_PITCH] },
  distance: { usual: view.distance, limits: [NEAREST, FARTHEST] },
  x: { usual: view.x, limits: [-FARTHEST, FARTHEST] },
  y: { usual: view.y, limits: [-FARTHEST, FARTHEST] },
  z: { usual: view.z, limits: [-FARTHEST, FARTHEST] },
});

class Camera {
  constructor({ yaw, pitch, distance, x, y, z }, fov) {
    const [turn, tilt] = [yaw * DEGREE, pitch * DEGREE];
    this.forward = [-Math.sin(turn) * Math.cos(tilt), Math.sin(tilt), -Math.cos(turn) * Math.cos(tilt)];
    this.right = [Math.cos(turn), 0, -Math.sin(turn)];
    this.up = cross(this.right, this.forward);
    this.eye = plus([x, y, z], this.forward, -distance);
    this.fov = fov; // of a frame's shorter side
  }

  byPixel(width, height) {
    return (2 * Math.tan((this.fov * DEGREE) / 2)) / Math.min(width, height);
  }

  // How pixels look into the world, as shaders want it; what is seen `shift` (right, down) from a pixel's centre comes
  // to lie on it.
  rays(width, height, shift = [0, 0]) {
    const unit = this.byPixel(width, height);
    return {
      eye: this.eye,
      ray_forward: this.forward,
      ray_right: times(unit, this.right),
      ray_up: times(unit, this.up),
      ray_origin: [width / 2 - shift[0], height / 2 + shift[1]],
    };
  }

  // Column by column; between `near` and `far` along the view axis something is seen.
  clipFromWorld(width, height, [near, far], shift = [0, 0]) {
    const unit = this.byPixel(width, height);
    const rows = [
      plus(times(2 / (unit * width), this.right), this.forward, (-2 * shift[0]) / width),
      plus(times(2 / (unit * height), this.up), this.forward, (2 * shift[1]) / height),
      times((far + near) / (far - near), this.forward),
      this.forward,
    ];
    const offsets = [0, 0, (-2 * far * near) / (far - near), 0];
    const moved = rows.map((row, k) => offsets[k] - dot(row, this.eye));
    return [0, 1, 2, 3].flatMap((column) => rows.map((row, k) => (column < 3 ? row[column] : moved[k])));
  }

  // The pixels that may see into a box: left, bottom, width, height.
  seenPart({ lower, upper }, width, height) {
    const unit = this.byPixel(width, height);
    let [left, low, right, high] = [width, height, 0, 0];
    for (let corner = 0; corner < 8; corner++) {
      const from = plus([0, 1, 2].map((axis) => ((corner >> axis) & 1 ? upper : lower)[axis]), this.eye, -1);
      const away = dot(from, this.forward);
      if (away < 1e-3) return [0, 0, width, height];
      const [x, y] = [width / 2 + dot(from, this.right) / (away * unit), height / 2 + dot(from, this.up) / (away * unit)];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [low, high] = [Math.min(low, y), Math.max(high, y)];
    }
    [left, low] = [Math.max(Math.floor(left) - 2, 0), Math.max(Math.floor(low) - 2, 0)];
    [right, high] = [Math.min(Math.ceil(right) + 2, width), Math.min(Math.ceil(high) + 2, height)];
    return [left, low, Math.max(right - left, 0), Math.max(high - low, 0)];
  }
}
