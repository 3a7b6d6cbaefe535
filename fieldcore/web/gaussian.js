// One Gaussian for all of a plane, by sliders, keys and the ellipse of one standard deviation.

const LEAST_LOG = -7; // of a variance that counts

const GAUSSIAN_ENTRIES = {
  variance: { usual: 1e-3, limits: [0, 1], always: true },
  minor: { usual: null, limits: [0, 1] },
  angle: { usual: 0, limits: [-360, 360] },
};

const minorWithin = (state) => ({ ...state, minor: state.minor === null ? null : Math.min(state.minor, state.variance) });

// [xx, xy, yy] of the Gaussian: `variance` along its longer axis, which is turned by `angle` degrees, `minor` across.
function covarianceOf({ variance, minor, angle }) {
  if (minor === null || minor === variance) return [variance, 0, variance];
  const turn = (angle * Math.PI) / 180;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  return [variance * c * c + minor * s * s, (variance - minor) * c * s, variance * s * s + minor * c * c];
}

class GaussianPage extends PlanePage {
  // A kind of page has these.
  scaleWords(variance) { return variance > 0 ? `variance ${short(variance)}` : "not smoothed"; }

  // The slider's left end stands for no variance at all.
  leastLog() {
    return Number(element("scale").min);
  }

  showControls() {
    super.showControls();
    const { variance, minor, angle } = this.state;
    element("scale").value = variance > 0 ? Math.log10(variance) : this.leastLog();
    const across = minor ?? variance;
    element("stretch").value = across < variance ? 0.5 * Math.log10(variance / Math.max(across, 1e-9)) : 0;
    element("angle").value = angle;
    element("scale-value").textContent = this.scaleWords(variance);
    element("stretch-value").textContent = across < variance ? `1 : ${short(Number(Math.sqrt(variance / Math.max(across, 1e-9)).toPrecision(3)))}` : "round";
    element("angle-value").textContent = `${Math.round(angle)}°`;
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${element("scale-value").textContent}, zoom ${short(this.state.zoom)}`);
  }

  connectControls() {
    super.connectControls();
    element("scale").addEventListener("input", (event) => this.setScale(Number(event.target.value)));
    element("stretch").addEventListener("input", (event) => {
      const ratio = 10 ** (2 * Number(event.target.value));
      this.set({ minor: ratio === 1 ? null : this.state.variance / ratio });
    });
    element("angle").addEventListener("input", (event) => this.set({ angle: Number(event.target.value) }));
  }

  // The ellipse keeps its shape.
  setScale(log) {
    const variance = log <= this.leastLog() ? 0 : 10 ** log;
    const { minor, variance: before } = this.state;
    this.set({ variance, minor: minor === null ? null : before > 0 ? (minor * variance) / before : variance });
  }

  keyActions(event) {
    const { variance } = this.state;
    const log = variance > 0 ? Math.log10(variance) : this.leastLog();
    return {
      ...super.keyActions(event),
      "[": () => this.setScale(Math.max(log - 0.1, this.leastLog())),
      "]": () => this.setScale(Math.min(log + 0.1, Number(element("scale").max))),
    };
  }
}
