// The blocks of the page: base64 of a picture file, or of numbers that gzip packed.

function bytesOf(block) {
  const text = document.getElementById(block.id).textContent.trim();
  return Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function decoded(block, orientation = "from-image") {
  if (block.mime !== "application/gzip") {
    const options = { premultiplyAlpha: "none", colorSpaceConversion: "none", imageOrientation: orientation };
    return createImageBitmap(new Blob([bytesOf(block)], { type: block.mime }), options);
  }
  const packed = await unzipped(block);
  const size = block.numbers === "float32" ? 4 : 2;
  const { buffer } = joined(packed, size);
  return block.numbers === "float32" ? new Float32Array(buffer) : Float32Array.from(new Uint16Array(buffer), halfAsNumber);
}

async function unzipped(block) {
  const stream = new Blob([bytesOf(block)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Numbers of which all first bytes came before all second ones.
function joined(bytes, size) {
  const count = bytes.length / size;
  const numbers = new Uint8Array(bytes.length);
  for (let place = 0; place < size; place++) {
    for (let k = 0; k < count; k++) numbers[k * size + place] = bytes[place * count + k];
  }
  return numbers;
}

// Tables of whole numbers by name, each a list of columns.
async function unpackedTables(block) {
  const numbers = new Uint16Array(joined(await unzipped(block), 2).buffer);
  let at = 0;
  return Object.fromEntries(block.tables.map(([name, rows, count]) => {
    const columns = Array.from({ length: count }, () => numbers.subarray(at, (at += rows)));
    for (const column of columns) for (let row = 1; row < rows; row++) column[row] += column[row - 1];
    return [name, columns];
  }));
}

function halfAsNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

// A texture of the finest level's samples: bytes as they are, numbers as four floats a sample.
function samplesTexture(gpu, block, data) {
  const { gl } = gpu;
  if (!(data instanceof Float32Array)) return gpu.texture(data.width, data.height, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, data);
  const { width, height, channels } = block;
  const values = new Float32Array(4 * width * height);
  for (let k = 0; k < width * height; k++) {
    for (let c = 0; c < 3; c++) values[4 * k + c] = data[k * channels + Math.min(c, channels - 1)];
    values[4 * k + 3] = 1;
  }
  return gpu.texture(width, height, gl.RGBA32F, gl.RGBA, gl.FLOAT, values);
}
