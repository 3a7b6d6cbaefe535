// A shape: its smoothed distances, traced and lit as in the window, whose shaders draw it.

const MOST_STEPS = 320;
const REFINEMENTS = 6;
const REACHES = 7;
const SHADOW_STEPS = 28;
const FLOOR_SHADOW_STEPS = 32;
const OPENNESS_TAPS = 4;
const LIFT_CELLS = 1.2;
const FLOOR_PX = 112;
const FLOOR_HALF = 2.6;
const LEAST_LOG = -5; // of the variance on the slider, which stands for none
const MOST_LOG = -1;
const AXES = ["x", "y", "z"];
const LINE_PX = 11.0; // between the lines on a cut, at least

class ShapeDrawing {
  constructor(canvas, header, shaders, data) {
    this.canvas = canvas;
    this.header = header;
    this.gpu = new Gpu(canvas, shaders);
    this.gpu.needWholeFloats();
    this.volume = new Volume(this.gpu, header.volume, data.volumes);
    this.colours = data.colours && colourTexture(this.gpu.gl, header.colours, data.mask, data.colours);
    this.floor = new Buffers(this.gpu, FLOOR_PX, FLOOR_PX, ["RG16F"]);
    const { gl } = this.gpu;
    gl.bindTexture(gl.TEXTURE_2D, this.floor.textures[0].id);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.LINEAR);
  }

  draw(state, divisor = 1) {
    const { canvas, gpu, volume } = this;
    const camera = new Camera(state, this.header.view.fov);
    const [width, height] = [canvas.width, canvas.height].map((side) => Math.ceil(side / divisor));
    this.makeRoom(width, height);
    volume.show(state.variance);
    const bounds = this.bounds(state, camera);
    this.surface.clear();
    if (bounds) this.trace(state, camera, bounds, width, height);
    this.compose(state, camera, width, height);
  }

  makeRoom(width, height) {
    if (this.surface && this.surface.width === width && this.surface.height === height) return;
    for (const buffers of this.surface ? [this.surface, this.unsmoothed, this.picture] : []) buffers.release();
    this.surface = new Buffers(this.gpu, width, height, ["RGBA32F", "RGBA32F"]);
    this.unsmoothed = new Buffers(this.gpu, width, height, ["RGBA16F"]);
    this.picture = new Buffers(this.gpu, width, height, ["RGBA16F"]);
  }

  // What is left of the shape, of which a cut takes the half on the camera's side; null where nothing is.
  bounds(state, camera) {
    const bounds = this.volume.bounds(state.level + this.volume.cell);
    const axis = AXES.indexOf(state.slice);
    if (!bounds || axis < 0) return bounds;
    if (camera.eye[axis] > state.cut) bounds.upper[axis] = Math.min(bounds.upper[axis], state.cut);
    else bounds.lower[axis] = Math.max(bounds.lower[axis], state.cut);
    return bounds.lower[axis] < bounds.upper[axis] ? bounds : null;
  }

  trace(state, camera, bounds, width, height) {
    const { gpu, volume } = this;
    const part = camera.seenPart(bounds, width, height);
    const shape = {
      volume: volume.texture,
      half_extent: volume.half,
      level: state.level,
      box_lower: bounds.lower,
      box_upper: bounds.upper,
      cell: volume.cell,
      steepness: volume.steepness,
      to_light: lightDirection(state),
      shadow_steps: SHADOW_STEPS,
      openness_taps: OPENNESS_TAPS,
    };
    const loops = { most_steps: MOST_STEPS, refinements: REFINEMENTS, reaches: REACHES };
    gpu.draw("sphere_trace.frag", this.surface, { ...shape, ...camera.rays(width, height), ...loops }, part);
    const [position, surface] = this.surface.textures;
    this.unsmoothed.clear();
    const look = state.colouring === "colours" && !this.colours ? "material" : state.colouring;
    const own = { colours: this.colours, colours_half_extent: this.colours?.half };
    gpu.draw(`shape.frag ${look.toUpperCase()}`, this.unsmoothed,
      { ...shape, ...own, position, surface, eye: camera.eye, lift: LIFT_CELLS * volume.cell }, part);
    this.picture.clear();
    gpu.draw("shape_edges.frag", this.picture,
      { picture: this.unsmoothed.textures[0], position, eye: camera.eye, ray_forward: camera.forward }, part);
    gpu.draw("shape_floor.frag", this.floor,
      { ...shape, shadow_steps: FLOOR_SHADOW_STEPS, floor_px: [FLOOR_PX, FLOOR_PX], floor_half: FLOOR_HALF });
  }

  compose(state, camera, width, height) {
    const { canvas, gpu } = this;
    const axis = AXES.indexOf(state.slice);
    const dots = Math.max(canvas.width / Math.max(canvas.clientWidth, 1), 1);
    gpu.draw(axis < 0 ? "shape_frame.frag GRID" : "shape_frame.frag GRID SLICE", null, {
      pane_box: [0, 0, canvas.width, canvas.height],
      picture_px: [width, height],
      picture: this.picture.textures[0],
      position: this.surface.textures[0],
      floor_shadow: this.floor.textures[0],
      floor_half: FLOOR_HALF,
      ...camera.rays(canvas.width, canvas.height),
      line_px: dots,
      sheet_volume: this.volume.texture,
      sheet_half: this.volume.half,
      sheet_level: state.level,
      sheet_normal: AXES.map((_, other) => Number(other === axis)),
      sheet_offset: state.cut,
      line_spacing: axis < 0 ? 1 : lineSpacing(camera.eye, axis, state.cut, LINE_PX * camera.byPixel(canvas.width / dots, canvas.height / dots)),
    });
  }
}

// A round distance, so that lines on a plane across an axis are so far apart, at a distance of one.
function lineSpacing(eye, axis, offset, apart) {
  const wanted = apart * Math.max(Math.abs(eye[axis] - offset), 0.5 * Math.hypot(...eye), 0.05);
  const decade = 10 ** Math.floor(Math.log10(wanted));
  return decade * [1, 2, 5, 10].find((factor) => factor * decade >= wanted);
}

// A unit vector towards the light: its yaw about the vertical axis, 0 towards +z, and its height above the horizon.
function lightDirection({ light, height }) {
  const [yaw, pitch] = [light * DEGREE, height * DEGREE];
  return [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
}

class ShapePage extends SpacePage {
  constructor(header, shaders, data) {
    const looks = ["material", "normals", ...(data.colours ? ["colours"] : [])];
    super(new Entries({
      variance: { usual: header.variance, limits: [0, 10 ** MOST_LOG], always: true },
      ...cameraEntries(header.view),
      level: { usual: 0, limits: [-0.5, 0.5] },
      colouring: { usual: data.colours ? "colours" : "material", words: looks },
      slice: { usual: "none", words: ["none", ...AXES] },
      cut: { usual: 0, limits: [-1.2, 1.2] },
      light: { usual: -38, limits: [-180, 180] },
      height: { usual: 48, limits: [-90, 90] },
    }), header, shaders, data);
  }

  static async unpacked(header) {
    const volumes = await unpackedVolumes(header.volume);
    if (!header.colours) return { volumes, colours: null };
    const most = header.colours.band / header.volume.step;
    const mask = volumes[0].map((step) => Number(Math.abs(step) < most));
    return { volumes, mask, colours: await unzipped(header.colours) };
  }

  newDrawing() {
    const drawing = new ShapeDrawing(this.canvas, this.header, this.shaders, this.data);
    for (const part of document.querySelectorAll("[data-own-colours]")) part.hidden = !drawing.colours;
    return drawing;
  }

  connectControls() {
    super.connectControls();
    const onInput = (id, change) => element(id).addEventListener("input", (event) => this.set(change(Number(event.target.value))));
    onInput("scale", (log) => ({ variance: log <= LEAST_LOG ? 0 : 10 ** log }));
    for (const name of ["level", "cut", "light", "height"]) onInput(name, (value) => ({ [name]: value }));
    element("slice").addEventListener("change", (event) => this.set({ slice: event.target.value }));
    this.connectButtons("colouring");
  }

  showControls() {
    const { variance, level, slice, cut, light, height } = this.state;
    element("scale").value = variance > 0 ? Math.log10(variance) : LEAST_LOG;
    element("scale-value").textContent = variance > 0 ? `variance ${short(Number(variance.toPrecision(3)))}` : "not smoothed";
    for (const [name, text] of Object.entries({ level: short(level), cut: short(cut), light: `${Math.round(light)}°`, height: `${Math.round(height)}°` })) {
      element(name).value = this.state[name];
      element(`${name}-value`).textContent = text;
    }
    element("slice").value = slice;
    element("cut").disabled = slice === "none";
    this.showButtons("colouring");
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${element("scale-value").textContent}, seen from ${Math.round(this.state.yaw)} degrees, ${Math.round(this.state.pitch)} up`);
  }

  keyActions() {
    const { variance, slice } = this.state;
    const log = variance > 0 ? Math.log10(variance) : LEAST_LOG;
    const scaled = (step) => {
      const to = Math.min(Math.max(log + step, LEAST_LOG), MOST_LOG);
      this.set({ variance: to <= LEAST_LOG ? 0 : 10 ** to });
    };
    const cuts = ["none", ...AXES];
    return {
      ...super.keyActions(),
      "[": () => scaled(-0.1),
      "]": () => scaled(0.1),
      z: () => this.set({ slice: cuts[(cuts.indexOf(slice) + 1) % cuts.length] }),
    };
  }
}

openPage(ShapePage);
