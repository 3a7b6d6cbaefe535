// Textures of floats, and passes that make one of another.

class Unsupported extends Error {}

// Of a canvas; the same one, however often it is asked for.
function contextOf(canvas) {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, premultipliedAlpha: false });
  if (!gl) throw new Unsupported("This page needs WebGL 2, which this browser does not have or has switched off.");
  return gl;
}

class Gpu {
  constructor(canvas, shaders) {
    const gl = contextOf(canvas);
    this.gl = gl;
    this.format = floatFormat(gl);
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    this.programs = {};
    this.begun = {};
    this.stages = {};
    this.shaders = shaders;
    this.free = [];
    this.used = [];
    this.frame = gl.createFramebuffer();
    this.nothing = gl.createVertexArray();
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  // Of places and coordinates half floats would tell too little.
  needWholeFloats() {
    if (this.format.bits < 32) throw new Unsupported("This page computes in floats of 32 bits, for which this browser's WebGL lacks the extension EXT_color_buffer_float.");
  }

  // Linked once; a name may be followed by words that the preprocessor is to know, `NAME` or `NAME=VALUE`.
  program(name) {
    if (!this.programs[name]) this.programs[name] = this.linked(name);
    return this.programs[name];
  }

  // Begin to link programs, which goes on while other things are done.
  prepare(names) {
    for (const name of names) this.begun[name] ??= this.beginning(name);
  }

  beginning(name) {
    const gl = this.gl;
    const program = gl.createProgram();
    const [file, ...defines] = name.split(" ");
    const define = defines.map((word) => word.replace("=", " ")).join("\n#define ");
    const fragment = define ? this.shaders[file].replace("\n", `\n#define ${define}\n`) : this.shaders[file];
    const vertex = this.shaders[VERTEX_STAGES[file] ?? "fullscreen.vert"];
    const shaders = [this.stage(gl.VERTEX_SHADER, vertex), this.stage(gl.FRAGMENT_SHADER, fragment)];
    for (const shader of shaders) gl.attachShader(program, shader);
    ATTRIBUTES.forEach(([attribute], place) => gl.bindAttribLocation(program, place, attribute));
    gl.linkProgram(program);
    return { program, shaders };
  }

  linked(name) {
    const gl = this.gl;
    this.prepare([name]);
    const { program, shaders } = this.begun[name];
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = [...shaders.map((shader) => gl.getShaderInfoLog(shader)), gl.getProgramInfoLog(program)];
      throw new Unsupported(`${name}: this browser's driver refuses the shader: ${logs.filter(Boolean).join(" ")}`);
    }
    const places = {};
    const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) || 0;
    for (let k = 0; k < count; k++) {
      const info = gl.getActiveUniform(program, k);
      const at = gl.getUniformLocation(program, info.name);
      if (at) places[info.name] = { at, type: info.type }; // the others are in blocks
    }
    const blocks = gl.getProgramParameter(program, gl.ACTIVE_UNIFORM_BLOCKS) || 0;
    for (let k = 0; k < blocks; k++) gl.uniformBlockBinding(program, k, k);
    return { program, places, blocks: Array.from({ length: blocks }, (_, k) => gl.getActiveUniformBlockName(program, k)) };
  }

  // Compiled once, and not waited for: linking says what was refused.
  stage(type, text) {
    if (!this.stages[text]) {
      this.stages[text] = this.gl.createShader(type);
      this.gl.shaderSource(this.stages[text], text);
      this.gl.compileShader(this.stages[text]);
    }
    return this.stages[text];
  }

  // A texture to keep, of the caller's own data.
  texture(width, height, internal, format, type, data) {
    const gl = this.gl;
    if (Math.max(width, height) > this.largest) {
      throw new Unsupported(`This picture needs textures of ${Math.max(width, height)} pixels; this browser has at most ${this.largest}.`);
    }
    const texture = { id: gl.createTexture(), width, height };
    gl.bindTexture(gl.TEXTURE_2D, texture.id);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, format, type, data);
    return texture;
  }

  // Pictures of one size, one behind the other.
  layers(pictures) {
    const gl = this.gl;
    const [{ width, height }] = pictures;
    const most = gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS);
    if (pictures.length > most) throw new Unsupported(`This page needs ${pictures.length} layers of a texture; this browser has at most ${most}.`);
    const texture = { id: gl.createTexture(), width, height, target: gl.TEXTURE_2D_ARRAY };
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture.id);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D_ARRAY, name, gl.NEAREST);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, width, height, pictures.length);
    pictures.forEach((picture, layer) => {
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, layer, width, height, 1, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    });
    return texture;
  }

  // A texture to draw to, until `recycle`.
  target(width, height) {
    const index = this.free.findIndex((texture) => texture.width === width && texture.height === height);
    const { internal, format, type } = this.format;
    const texture = index < 0 ? this.texture(width, height, internal, format, type, null) : this.free.splice(index, 1)[0];
    this.used.push(texture);
    return texture;
  }

  keep(texture) {
    this.used = this.used.filter((other) => other !== texture);
    return texture;
  }

  // What the last frame drew to may be drawn to again; what it did not need is deleted.
  recycle() {
    for (const texture of this.free) this.gl.deleteTexture(texture.id);
    this.free = this.used;
    this.used = [];
  }

  table(width, height, data) {
    const { gl } = this;
    const [internal, format] = data.length === 4 * width * height ? [gl.RGBA32F, gl.RGBA] : [gl.RG32F, gl.RG];
    return this.texture(width, height, internal, format, gl.FLOAT, data);
  }

  // Draw with a program, see `bind` where; a mesh, or all of it.
  draw(name, to, uniforms, scissor, mesh) {
    const gl = this.gl;
    const { program, places, blocks } = this.program(name);
    gl.useProgram(program);
    blocks.forEach((block, k) => gl.bindBufferBase(gl.UNIFORM_BUFFER, k, uniforms[block]));
    let unit = 0;
    for (const [key, { at, type }] of Object.entries(places)) {
      const value = uniforms[key];
      if (value === undefined) throw new Error(`${name}: nothing is given for ${key}`);
      if (SAMPLERS.some((name) => gl[name] === type)) {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(value.target ?? gl.TEXTURE_2D, value.id);
        gl.bindSampler(unit, value.sampler ?? null);
        gl.uniform1i(at, unit++);
      } else if (type === gl.INT || type === gl.BOOL) gl.uniform1i(at, Number(value));
      else if (type === gl.FLOAT) gl.uniform1f(at, value);
      else if (type === gl.INT_VEC2) gl.uniform2iv(at, value);
      else if (type === gl.FLOAT_MAT4) gl.uniformMatrix4fv(at, false, value);
      else gl[`uniform${value.length}fv`](at, value);
    }
    this.bind(to);
    if (scissor) {
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(...scissor);
    }
    if (mesh) mesh.draw();
    else {
      gl.bindVertexArray(this.nothing);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }
    gl.disable(gl.SCISSOR_TEST);
  }

  // To a texture, to `Buffers`, or with null to the canvas.
  bind(to) {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, to ? to.frame ?? this.frame : null);
    if (to && !to.frame) gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, to.id, 0);
    gl.viewport(0, 0, to ? to.width : gl.drawingBufferWidth, to ? to.height : gl.drawingBufferHeight);
  }

  // The vertices along an axis replaced by positions; `range` is what the other axis needs of it.
  mapped(texture, taps, axis, range) {
    const size = axis === 0 ? [taps.rows, texture.height] : [texture.width, taps.rows];
    const to = this.target(...size);
    const { pairs, data } = taps.packed();
    const table = this.table(taps.rows, pairs, data);
    const [low, high] = range || [0, size[1 - axis]];
    const scissor = axis === 0 ? [0, low, size[0], high - low] : [low, 0, high - low, size[1]];
    this.draw(along("axis.frag", axis), to, { values: texture, taps: table, pair_count: pairs }, scissor);
    this.gl.deleteTexture(table.id);
    return to;
  }

  slanted(texture, byColumn, byRow, axis) {
    const counts = [byColumn.length / 2, byRow.length / 2];
    const to = axis === 0 ? this.target(...counts) : this.target(counts[1], counts[0]);
    const tables = [byColumn, byRow].map((data) => this.table(data.length / 2, 1, data));
    this.draw(along("slant.frag", axis), to, { values: texture, by_column: tables[0], by_row: tables[1] });
    for (const table of tables) this.gl.deleteTexture(table.id);
    return to;
  }

  // Numbers of a part of a texture that was drawn to, four a pixel.
  read(texture, x, y, width, height) {
    this.bind(texture);
    const data = new Float32Array(4 * width * height);
    this.gl.readPixels(x, y, width, height, this.gl.RGBA, this.gl.FLOAT, data);
    return data;
  }
}

// Textures that one pass draws to at once: each a format such as "RGBA32F" or "RGBA8"; with a depth buffer if wanted.
class Buffers {
  constructor(gpu, width, height, formats, depth = false) {
    const { gl } = gpu;
    this.gl = gl;
    [this.width, this.height] = [width, height];
    this.frame = gl.createFramebuffer();
    this.textures = formats.map((format) => gpu.texture(width, height, gl[format], ...PIXELS[format].map((name) => gl[name]), null));
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    this.textures.forEach(({ id }, k) => gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + k, gl.TEXTURE_2D, id, 0));
    gl.drawBuffers(formats.map((_, k) => gl.COLOR_ATTACHMENT0 + k));
    if (depth) {
      this.depth = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, this.depth);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH_COMPONENT24, width, height);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, this.depth);
    }
  }

  clear() {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  }

  release() {
    for (const texture of this.textures) this.gl.deleteTexture(texture.id);
    this.gl.deleteRenderbuffer(this.depth ?? null);
    this.gl.deleteFramebuffer(this.frame);
  }
}

const PIXELS = {
  RGBA32F: ["RGBA", "FLOAT"],
  RGBA16F: ["RGBA", "HALF_FLOAT"],
  RG16F: ["RG", "HALF_FLOAT"],
  RGBA8: ["RGBA", "UNSIGNED_BYTE"],
  R8: ["RED", "UNSIGNED_BYTE"],
};

// A texture of bytes whose texels are means of the samples that a driver takes in a pixel.
class Coverage {
  constructor(gpu, width, height) {
    const { gl } = gpu;
    this.gl = gl;
    this.one = new Buffers(gpu, width, height, ["R8"]);
    this.samples = Math.min(8, gl.getParameter(gl.MAX_SAMPLES));
    this.many = gl.createRenderbuffer();
    gl.bindRenderbuffer(gl.RENDERBUFFER, this.many);
    gl.renderbufferStorageMultisample(gl.RENDERBUFFER, this.samples, gl.R8, width, height);
    [this.frame, this.width, this.height] = [gl.createFramebuffer(), width, height];
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, this.many);
  }

  clear() {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  texture() {
    const { gl, width, height } = this;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.frame);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, this.one.frame);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    return this.one.textures[0];
  }

  release() {
    this.one.release();
    this.gl.deleteRenderbuffer(this.many);
    this.gl.deleteFramebuffer(this.frame);
  }
}

// What draws with another vertex shader than that of the whole frame.
const VERTEX_STAGES = { "geometry_pass.frag": "geometry_pass.vert", "coverage.frag": "geometry_pass.vert" };

const SAMPLERS = ["SAMPLER_2D", "SAMPLER_3D", "SAMPLER_2D_ARRAY"];

// Of triangles that share no vertices, each vertex so many numbers.
const ATTRIBUTES = [["in_position", 3], ["in_normal", 3], ["in_uv", 2]];

class Triangles {
  constructor(gl, data) {
    this.gl = gl;
    this.array = gl.createVertexArray();
    const size = ATTRIBUTES.reduce((sum, [, count]) => sum + count, 0);
    this.count = data.length / size;
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    let offset = 0;
    ATTRIBUTES.forEach(([, count], place) => {
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, count, gl.FLOAT, false, 4 * size, offset);
      offset += 4 * count;
    });
    gl.bindVertexArray(null);
  }

  // With a depth buffer, where there is one.
  draw() {
    const { gl } = this;
    gl.bindVertexArray(this.array);
    gl.enable(gl.DEPTH_TEST);
    gl.drawArrays(gl.TRIANGLES, 0, this.count);
    gl.disable(gl.DEPTH_TEST);
    gl.bindVertexArray(null);
  }
}

const along = (shader, axis) => (axis === 0 ? shader : `${shader} ALONG_ROWS`);

function floatFormat(gl) {
  if (gl.getExtension("EXT_color_buffer_float")) return { internal: gl.RGBA32F, format: gl.RGBA, type: gl.FLOAT, bits: 32 };
  if (gl.getExtension("EXT_color_buffer_half_float")) return { internal: gl.RGBA16F, format: gl.RGBA, type: gl.HALF_FLOAT, bits: 16 };
  throw new Unsupported("This page computes in floating point, for which this browser's WebGL lacks the extension EXT_color_buffer_float.");
}
