// Textures of floats, and passes that make one of another.

class Unsupported extends Error {}

class Gpu {
  constructor(canvas, shaders) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, premultipliedAlpha: false });
    if (!gl) throw new Unsupported("This page needs WebGL 2, which this browser does not have or has switched off.");
    this.gl = gl;
    this.format = floatFormat(gl);
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    this.programs = {};
    this.shaders = shaders;
    this.free = [];
    this.used = [];
    this.frame = gl.createFramebuffer();
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  // Linked once; a name may be followed by a word that the preprocessor is to know.
  program(name) {
    if (!this.programs[name]) this.programs[name] = this.linked(name);
    return this.programs[name];
  }

  linked(name) {
    const gl = this.gl;
    const program = gl.createProgram();
    const [file, define] = name.split(" ");
    const fragment = define ? this.shaders[file].replace("\n", `\n#define ${define}\n`) : this.shaders[file];
    for (const [type, text] of [[gl.VERTEX_SHADER, this.shaders["fullscreen.vert"]], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
        throw new Unsupported(`${name}: this browser's driver refuses the shader: ${gl.getShaderInfoLog(shader)}`);
      }
    }
    gl.linkProgram(program);
    const places = {};
    const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) || 0;
    for (let k = 0; k < count; k++) {
      const info = gl.getActiveUniform(program, k);
      places[info.name] = { at: gl.getUniformLocation(program, info.name), type: info.type };
    }
    return { program, places };
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

  // Draw with a program to a texture, or with `to` null to the canvas.
  draw(name, to, uniforms, scissor) {
    const gl = this.gl;
    const { program, places } = this.program(name);
    gl.useProgram(program);
    let unit = 0;
    for (const [key, place] of Object.entries(places)) {
      if (place.type === gl.SAMPLER_2D || place.type === gl.SAMPLER_2D_ARRAY) {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(uniforms[key].target ?? gl.TEXTURE_2D, uniforms[key].id);
        gl.uniform1i(place.at, unit++);
      } else if (place.type === gl.INT) gl.uniform1i(place.at, uniforms[key]);
      else if (place.type === gl.FLOAT) gl.uniform1f(place.at, uniforms[key]);
      else gl[`uniform${uniforms[key].length}fv`](place.at, uniforms[key]);
    }
    this.bind(to);
    if (scissor) {
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(...scissor);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.disable(gl.SCISSOR_TEST);
  }

  bind(to) {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, to ? this.frame : null);
    if (to) gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, to.id, 0);
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

const along = (shader, axis) => (axis === 0 ? shader : `${shader} ALONG_ROWS`);

function floatFormat(gl) {
  if (gl.getExtension("EXT_color_buffer_float")) return { internal: gl.RGBA32F, format: gl.RGBA, type: gl.FLOAT, bits: 32 };
  if (gl.getExtension("EXT_color_buffer_half_float")) return { internal: gl.RGBA16F, format: gl.RGBA, type: gl.HALF_FLOAT, bits: 16 };
  throw new Unsupported("This page computes in floating point, for which this browser's WebGL lacks the extension EXT_color_buffer_float.");
}
