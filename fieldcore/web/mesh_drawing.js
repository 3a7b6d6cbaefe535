// A textured mesh: what each pixel sees of the texture, and the texture filtered over it in one of three ways.

const MODES = ["single", "mipmap", "field"];
const TITLES = { single: "single sample", mipmap: "mipmaps", field: "field" };
const PIXEL_VARIANCE = 1 / 4; // of the Gaussian that a pixel is, along either axis, in squared pixels
const EDGE_OFFSETS = [[-1 / 8, -3 / 8], [3 / 8, -1 / 8], [-3 / 8, 1 / 8], [1 / 8, 3 / 8]];
const KEY_LIGHT = [-0.48, 0.62, -0.62]; // right, up, forward of the camera
const NEAREST_SEEN = 2e-3;
const MOST_GRADIENT = 1e6;
const NEVER = 1e30;

class MeshDrawing {
  constructor(canvas, header, shaders, data) {
    this.canvas = canvas;
    this.header = header;
    this.gpu = new Gpu(canvas, shaders);
    this.gpu.needWholeFloats();
    const mesh = unpackedMesh(header.mesh, data.tables);
    this.box = mesh.box;
    this.triangles = new Triangles(this.gpu.gl, mesh.vertices);
    this.tables = this.lookUpTables(mesh);
    this.grids = this.levelsTexture(data.samples);
    const { levels, probe_lines, fading } = header;
    this.pyramidShader = `pyramid.frag LEVELS=${levels.length} PROBES=${probe_lines.length} FADING=${fading.weights[0].length}`;
    this.sheet = this.sheetTexture(data.sheet);
  }

  lookUpTables({ planes, count }) {
    const { gpu, header: { mesh: { materials } } } = this;
    const inRow = Math.min(Math.floor(gpu.largest / 3), Math.max(1, Math.ceil(Math.sqrt(count / 3))));
    const rows = Math.max(1, Math.ceil(count / inRow));
    const texels = new Float32Array(12 * inRow * rows);
    texels.set(planes);
    return {
      planes: gpu.table(3 * inRow, rows, texels),
      triangles_a_row: inRow,
      materials: gpu.table(2, materials.length, Float32Array.from(materials.flat())),
    };
  }

  // All levels, one above the other, and what the shader is told of them.
  levelsTexture(data) {
    const { gpu, header } = this;
    const { gl } = gpu;
    const more = header.levels.map(({ lines }) => lines.map((line) => Number(line.sampled && line.border === "repeat")));
    const sizes = header.levels.map(({ lines }, k) => lines.map((line, axis) => line.count + 2 * more[k][axis]));
    const firstRows = sizes.reduce((rows, size) => [...rows, rows[rows.length - 1] + size[1]], [0]);
    const all = new Buffers(gpu, Math.max(...sizes.map((size) => size[0])), firstRows[sizes.length], ["RGBA16F"]);
    const copy = (k, values) =>
      gpu.draw("copy.frag", all, { values, first_row: firstRows[k], more: more[k] }, [0, firstRows[k], ...sizes[k]]);
    const samples = samplesTexture(gpu, header.samples, data);
    copy(0, samples);
    const pyramid = new Pyramid(gpu, header.levels, samples, copy);
    pyramid.coefficients(header.levels.length - 1);
    for (const texture of pyramid.textures) gl.deleteTexture(texture.id);
    gpu.recycle();
    gpu.recycle();
    gl.bindTexture(gl.TEXTURE_2D, all.textures[0].id);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.LINEAR);
    this.Pyramid = this.uniformBlock(more, sizes, firstRows);
    return all.textures[0];
  }

  // std140: lattice, place, lines and fading, see pyramid.frag.
  uniformBlock(more, sizes, firstRows) {
    const { gpu: { gl }, header } = this;
    const cells = header.levels.map(({ lines }) => Math.min(...lines.map((line) => line.cell)));
    const lattice = header.levels.map(({ lines }, k) => [...lines.map((line, axis) => line.first - more[k][axis] * line.cell), cells[k], NEVER]);
    const place = sizes.map((size, k) => [firstRows[k], ...size, cells[k]]);
    const lines = header.probe_lines.map((entry) => [...entry, 0, 0]);
    const weights = header.fading.weights.flat();
    const numbers = [...lattice, ...place, ...lines].flat().concat(weights, new Array((4 - (weights.length % 4)) % 4).fill(0));
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.UNIFORM_BUFFER, buffer);
    gl.bufferData(gl.UNIFORM_BUFFER, Float32Array.from(numbers), gl.STATIC_DRAW);
    return buffer;
  }

  // The texture as browsers filter it; its first row is at the bottom, where v is 0.
  sheetTexture(data) {
    const { gpu, header: { mesh: { repeats } } } = this;
    const { gl } = gpu;
    const texture = data instanceof Float32Array ? this.sheetOfNumbers(data) : samplesTexture(gpu, null, data);
    gl.bindTexture(gl.TEXTURE_2D, texture.id);
    gl.generateMipmap(gl.TEXTURE_2D);
    const sampler = (smaller, larger) => {
      const id = gl.createSampler();
      gl.samplerParameteri(id, gl.TEXTURE_MIN_FILTER, smaller);
      gl.samplerParameteri(id, gl.TEXTURE_MAG_FILTER, larger);
      [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T].forEach((name, axis) => gl.samplerParameteri(id, name, repeats[axis] ? gl.REPEAT : gl.CLAMP_TO_EDGE));
      return { ...texture, sampler: id };
    };
    return { single: sampler(gl.NEAREST, gl.NEAREST), mipmap: sampler(gl.LINEAR_MIPMAP_LINEAR, gl.LINEAR) };
  }

  sheetOfNumbers(data) {
    const { gpu, header: { samples: { width, height, channels } } } = this;
    const { gl } = gpu;
    const texels = new Uint8Array(4 * width * height).fill(255);
    for (let row = 0; row < height; row++) {
      for (let at = 0; at < width; at++) {
        for (let c = 0; c < 3; c++) texels[4 * ((height - 1 - row) * width + at) + c] = Math.round(255 * Math.min(Math.max(data[channels * (row * width + at) + c], 0), 1));
      }
    }
    return gpu.texture(width, height, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  }

  // Two ways of filtering share the canvas in halves, or one canvas up to the divider; or there is one alone.
  draw(state, divisor = 1) {
    const { canvas: { width, height } } = this;
    const half = Math.floor(width / 2);
    if (state.layout === "beside") {
      this.pane(state, state.mode, [0, 0, half, height], divisor, true);
      this.pane(state, state.other, [half, 0, width - half, height], divisor, (width & 1) === 1);
      return;
    }
    this.pane(state, state.mode, [0, 0, width, height], divisor, true);
    const from = Math.round(state.wipe * width);
    if (state.layout === "wipe") this.pane(state, state.other, [0, 0, width, height], divisor, false, [from, 0, width - from, height]);
  }

  pane(state, mode, [left, bottom, paneWidth, paneHeight], divisor, fresh, scissor) {
    const { gpu, header } = this;
    const camera = new Camera(state, header.view.fov);
    const [width, height] = [paneWidth, paneHeight].map((side) => Math.max(Math.ceil(side / divisor), 1));
    if (fresh) this.see(camera, width, height);
    this.shade(mode, state.footprint, camera.seenPart({ lower: this.box[0], upper: this.box[1] }, width, height));
    const [uv, , surface] = this.geometry.textures;
    const key = plus(plus(times(KEY_LIGHT[0], camera.right), camera.up, KEY_LIGHT[1]), camera.forward, KEY_LIGHT[2]);
    gpu.draw("textured_mesh.frag GRID", null, {
      albedo: this.albedo.textures[0],
      surface,
      uv,
      key_direction: times(state.light / Math.hypot(...key), key),
      pane_box: [left, bottom, paneWidth, paneHeight],
      picture_px: [width, height],
      line_px: Math.max(this.canvas.width / Math.max(this.canvas.clientWidth, 1), 1),
      ...camera.rays(paneWidth, paneHeight),
    }, scissor ?? [left, bottom, paneWidth, paneHeight]);
  }

  makeRoom(width, height) {
    if (this.geometry && this.geometry.width === width && this.geometry.height === height) return;
    for (const buffers of this.geometry ? [this.geometry, this.coverage, this.albedo] : []) buffers.release();
    this.geometry = new Buffers(this.gpu, width, height, ["RGBA32F", "RGBA32F", "RGBA32F"], true);
    this.coverage = new Coverage(this.gpu, width, height);
    this.albedo = new Buffers(this.gpu, width, height, ["RGBA16F"]);
  }

  // What each pixel sees, where it lies in the texture, and how large it is there.
  see(camera, width, height) {
    this.makeRoom(width, height);
    const { coverage, geometry } = this;
    coverage.clear();
    this.render("coverage.frag", coverage, camera, [0, 0], -0.5, {});
    const seen = { coverage: coverage.texture(), samples: coverage.samples };
    geometry.clear();
    this.render("geometry_pass.frag", geometry, camera, [0, 0], -0.5, { ...seen, centre: 1 });
    for (const offset of EDGE_OFFSETS) this.render("geometry_pass.frag", geometry, camera, offset, 0.5, { ...seen, centre: 0 });
  }

  render(shader, to, camera, shift, depthOffset, uniforms) {
    const { width, height } = to;
    this.gpu.draw(shader, to, {
      ...this.tables,
      ...uniforms,
      clip_from_world: camera.clipFromWorld(width, height, this.depths(camera), shift),
      depth_offset: depthOffset,
      ...camera.rays(width, height, shift),
    }, null, this.triangles);
  }

  // The depth buffer is spent on the box of the model alone.
  depths({ forward, eye }) {
    const [lower, upper] = this.box;
    const away = dot(forward, plus(times(0.5, plus(lower, upper)), eye, -1));
    const reach = forward.reduce((sum, value, axis) => sum + Math.abs(value) * 0.5 * (upper[axis] - lower[axis]), 0);
    const near = Math.max(NEAREST_SEEN, 0.99 * (away - reach));
    return [near, Math.max(1.01 * (away + reach), 2 * near)];
  }

  shade(mode, footprint, part) {
    const { gpu, header, geometry: { textures: [uv, jacobian] } } = this;
    this.albedo.clear();
    if (mode !== "field") {
      gpu.draw("lookup.frag", this.albedo, { uv, jacobian, sheet: this.sheet[mode], width: footprint }, part);
      return;
    }
    gpu.draw(this.pyramidShader, this.albedo, {
      uv,
      jacobian,
      grids: this.grids,
      Pyramid: this.Pyramid,
      levels: header.levels.length,
      most_either_side: header.probe_lines.length - 1,
      fading_start: header.fading.start,
      fading_step: header.fading.step,
      domain_by_uv: header.domain_by_uv,
      half_extent: header.half_extent,
      bounds: header.half_extent,
      borders: header.borders,
      pixel_variance: PIXEL_VARIANCE * footprint ** 2,
      extra_variance: 0,
      value_range: header.value_range,
    }, part);
  }
}

// Corners of triangles that share none, and of each triangle its plane: see app/scenes/textured_mesh/planes.py.
function unpackedMesh({ ranges }, tables) {
  const columns = (name) => {
    const [lower, upper] = ranges[name];
    return tables[name].map((column, axis) => Float64Array.from(column, (step) => lower[axis] + (step / 65535) * (upper[axis] - lower[axis])));
  };
  const [positions, normals, uv] = ["vertices", "normals", "uv"].map(columns);
  const count = tables.low[0].length;
  const vertices = new Float32Array(24 * count);
  const planes = new Float32Array(12 * count);
  for (let triangle = 0; triangle < count; triangle++) {
    const corners = [0, 1, 2].map((corner) => tables.low[corner][triangle] + 65536 * tables.high[corner][triangle]);
    corners.forEach((vertex, corner) =>
      vertices.set([...positions, ...normals, ...uv].map((column) => column[vertex]), 24 * triangle + 8 * corner));
    const places = corners.map((vertex) => positions.map((column) => column[vertex]));
    const coordinates = corners.map((vertex) => uv.map((column) => column[vertex]));
    planes.set(planeOf(places, coordinates, tables.materials[0][triangle]), 12 * triangle);
  }
  return { vertices, planes, count, box: ranges.vertices };
}

function planeOf(places, coordinates, material) {
  const edges = [plus(places[1], places[0], -1), plus(places[2], places[0], -1)];
  const growths = [plus(coordinates[1], coordinates[0], -1), plus(coordinates[2], coordinates[0], -1)];
  const normal = cross(...edges);
  const squared = dot(normal, normal);
  const flat = squared <= 1e-20 * dot(edges[0], edges[0]) * dot(edges[1], edges[1]);
  if (flat) return [0, 0, 0, material, 0, 0, 0, 0, 0, 0, 0, 0];
  const across = [times(1 / squared, cross(edges[1], normal)), times(1 / squared, cross(normal, edges[0]))];
  const gradients = [0, 1].map((axis) => {
    const gradient = plus(times(growths[0][axis], across[0]), across[1], growths[1][axis]);
    return times(MOST_GRADIENT / Math.max(Math.hypot(...gradient), MOST_GRADIENT), gradient);
  });
  return [...gradients[0], material, ...gradients[1], 0, ...times(1 / Math.sqrt(squared), normal), 0];
}
