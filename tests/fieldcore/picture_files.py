"""One known small picture, and how to write it in every format and mode that is read."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import OpenEXR
import tifffile
from PIL import Image

HEIGHT, WIDTH = 12, 20

# Smooth, of all three channels, with saturated corners; alpha from 0 to 1.
_Y, _X = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
BYTES = np.round(255 * np.stack([_X, _Y, 0.5 + 0.5 * np.sin(4 * _X + 2 * _Y)], -1)).astype(np.uint8)
ALPHA = np.round(255 * (0.5 + 0.5 * np.cos(5 * _X - 3 * _Y))).astype(np.uint8)

RGB = BYTES.astype(np.float64) / 255
RED, A = RGB[..., :1], ALPHA[..., None].astype(np.float64) / 255
KEY = (BYTES[0, 0] == BYTES).all(-1)


def on_white(colour: np.ndarray, alpha: np.ndarray = A) -> np.ndarray:
    """A straight picture in front of white, in display encoding."""
    return colour * alpha + 1 - alpha


def linear(display: np.ndarray) -> np.ndarray:
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4)


def display(light: np.ndarray) -> np.ndarray:
    light = np.maximum(light, 0)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def whole(values: np.ndarray, most: int) -> np.ndarray:
    """Values in [0, 1] as whole numbers up to ``most``."""
    return np.round(values * most).astype(np.uint16 if most > 255 else np.uint8)


def rounded(values: np.ndarray, most: int) -> np.ndarray:
    return np.round(values * most) / most


@dataclass(frozen=True)
class Case:
    """A file and what is seen in it: ``seen`` is (height, width, channels) in front of white."""

    name: str
    write: Callable[[Path], Any]
    seen: np.ndarray
    tolerance: float = 1e-6
    encoding: str = "display"
    notice: str = ""


# PNG


def png(samples: np.ndarray, *chunks: tuple[bytes, bytes], after: bool = False) -> bytes:
    """A PNG of these samples with more chunks before (or after) its pixels."""
    plain = imagecodecs.png_encode(np.ascontiguousarray(samples[..., 0] if samples.shape[2] == 1 else samples))
    packed = b"".join(chunk(name, content) for name, content in chunks)
    at = len(plain) - 12 if after else 8 + 25  # before IEND, or after IHDR
    return plain[:at] + packed + plain[at:]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def pillow(mode: str, suffix: str, **options: Any) -> Callable[[Path], None]:
    """Writes the picture in one of Pillow's modes: its colours, or red as grey, with alpha where the mode has it."""

    def write(path: Path) -> None:
        pillow_image(mode).save(path, suffix, **options)

    return write


def pillow_image(mode: str) -> Image.Image:
    grey, colour = Image.fromarray(BYTES[..., 0]), Image.fromarray(BYTES)
    alpha = Image.fromarray(ALPHA)
    if mode == "LA":
        return Image.merge("LA", (grey, alpha))
    if mode == "RGBA":
        colour.putalpha(alpha)
        return colour
    if mode == "L":
        return grey
    return colour.convert(mode)


def exif(orientation: int) -> bytes:
    """EXIF data of one entry."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def content(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data)


def stored_as(orientation: int, upright: np.ndarray) -> np.ndarray:
    """The samples that an upright picture has in a file of that EXIF orientation."""
    turned = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, 1),  # is shown turned by 90 degrees clockwise
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: lambda p: np.rot90(p, -1),
    }[orientation]
    return np.ascontiguousarray(turned(upright))


def profile(primaries: list[float] | None = None, gamma: float = 2.2, grey: bool = False) -> bytes:
    """An ICC profile of white D65."""
    kind = "gray" if grey else "rgb"
    return imagecodecs.cms_profile(kind, whitepoint=[0.3127, 0.3290], primaries=primaries, gamma=gamma)


DISPLAY_P3 = [0.680, 0.320, 0.265, 0.690, 0.150, 0.060]
SWAPPED = [0.15, 0.06, 0.30, 0.60, 0.64, 0.33]
"""sRGB's primaries with red and blue exchanged."""


def by_pillow(samples: np.ndarray, icc: bytes) -> np.ndarray:
    """8-bit colours to sRGB as Pillow's ImageCms converts them."""
    from PIL import ImageCms

    image = Image.fromarray(samples, "CMYK" if samples.shape[2] == 4 else "RGB")
    converted = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    return np.asarray(converted).astype(np.float64) / 255


def bmp_with_alpha() -> bytes:
    """A bitmap with masks that say where alpha is, as its version 4 has them; rows from below."""
    pixels = np.dstack([BYTES[..., ::-1], ALPHA])[::-1].tobytes()
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = struct.pack("<IiiHHIIiiII", 108, WIDTH, HEIGHT, 1, 32, 3, len(pixels), 2835, 2835, 0, 0) + masks
    head += b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head)) + head + pixels


def with_box(data: bytes, box: bytes) -> bytes:
    """A JPEG 2000 file whose box of colours is another."""
    at = data.index(b"colr") - 4
    old = data[at : at + struct.unpack(">I", data[at : at + 4])[0]]
    new = struct.pack(">I", 8 + len(box)) + b"colr" + box
    head = data.index(b"jp2h") - 4
    size = struct.unpack(">I", data[head : head + 4])[0] + len(new) - len(old)
    return data[:head] + struct.pack(">I", size) + data[head + 4 : at] + new + data[at + len(old) :]


def saved(image: Image.Image, suffix: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, suffix, **options)
    return buffer.getvalue()


def lab_image() -> Image.Image:
    """The picture in CIELAB of 8 bits, by Little CMS."""
    from PIL import ImageCms

    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(Image.fromarray(BYTES), srgb, lab, outputMode="LAB")
    assert image is not None
    return image


def cmyk_profile() -> bytes:
    """An ICC profile of inks that are not ideal: a table of the colours of all 16 mixtures of whole inks, in CIELAB."""
    inks = np.stack(np.meshgrid(*[[0.0, 1.0]] * 4, indexing="ij"), -1).reshape(-1, 4)
    from skimage.color import rgb2lab

    lab = rgb2lab(((1 - inks[:, :3]) * (1 - inks[:, 3:]) * 0.85 + 0.1)[None], illuminant="D65")[0]
    table = np.round(lab * [2.55, 1, 1] + [0, 128, 128]).clip(0, 255).astype(np.uint8)
    ramp, unity = bytes(range(256)), struct.pack(">9i", *np.eye(3, dtype=int).ravel() * 65536)
    look_up = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unity + 4 * ramp + table.tobytes() + 3 * ramp
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    places, body = b"", b""
    for name, value in ((b"A2B0", look_up), (b"wtpt", white)):
        places += name + struct.pack(">II", 128 + 4 + 24 + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sI4s4s4s", 156 + len(body), b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab ")
    head = (head + bytes(12) + b"acsp").ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 2) + places + body


def raw_exif_text(orientation: int) -> tuple[bytes, bytes]:
    """EXIF data as ImageMagick writes it into a PNG."""
    data = b"Exif\0\0" + exif(orientation)
    text = f"\nexif\n{len(data):8d}\n{data.hex()}\n".encode()
    return b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)


def tga(samples: np.ndarray, alpha_bits: int, attributes: int | None = None) -> bytes:
    """A TGA file of 32 bits whose header and, if there is one, whose extension area say what alpha is."""
    head = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, WIDTH, HEIGHT, 32, 0x20 | alpha_bits)
    data = head + samples[..., [2, 1, 0, 3]].tobytes()
    if attributes is None:
        return data
    extension = struct.pack("<H", 495) + bytes(492) + bytes([attributes])
    return data + extension + struct.pack("<II", len(data), 0) + b"TRUEVISION-XFILE.\0"


# TIFF


def psd(channels: list[np.ndarray], mode: int) -> bytes:
    """A Photoshop file of nothing but its merged picture, 8 bits, not packed."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, len(channels), HEIGHT, WIDTH, 8, mode)
    return head + bytes(12) + b"\0\0" + b"".join(np.ascontiguousarray(plane).tobytes() for plane in channels)


def ycbcr_tiff(samples: np.ndarray, across: int, down: int) -> bytes:
    """An unpacked TIFF of YCbCr in two strips, whose differences of colour are those of each first pixel."""
    strips = []
    for rows in (samples[:8], samples[8:]):
        units = rows.reshape(len(rows) // down, down, WIDTH // across, across, 3).transpose(0, 2, 1, 3, 4)
        light = units[..., 0].reshape(*units.shape[:2], -1)
        strips.append(np.concatenate([light, units[:, :, 0, 0, 1:]], -1).tobytes())
    tags = {262: (3, [6]), 258: (3, [8, 8, 8]), 277: (3, [3]), 278: (4, [8]), 530: (3, [across, down])}
    return tiff_by_hand(strips, tags)


def tiff(samples: np.ndarray, **options: Any) -> Callable[[Path], None]:
    options = {"metadata": None, "photometric": "rgb" if samples.shape[-1] >= 3 else "minisblack", **options}
    return lambda path: tifffile.imwrite(path, samples[..., 0] if samples.shape[-1] == 1 else samples, **options)


def tiff_by_hand(
    strips: list[bytes], tags: dict[int, tuple[int, list[int]]], big: bool = False, order: str = "<"
) -> bytes:
    """A TIFF with any tags: {number: (3 for shorts or 4 for longs, values)}; widths and offsets are filled in."""
    del big
    entries = {256: (4, [WIDTH]), 257: (4, [HEIGHT]), 278: (4, [HEIGHT]), 259: (3, [1]), **tags}
    entries[273] = (4, [0] * len(strips))
    entries[279] = (4, [len(strip) for strip in strips])
    after = 8 + 2 + 12 * len(entries) + 4
    extra, body = b"", b""
    sizes = {3: 2, 4: 4}
    longer = sum(sizes[kind] * len(values) for kind, values in entries.values() if sizes[kind] * len(values) > 4)
    start = after + longer
    offsets = []
    for strip in strips:
        offsets.append(start + len(body))
        body += strip
    entries[273] = (4, offsets)
    directory = struct.pack(order + "H", len(entries))
    for number in sorted(entries):
        kind, values = entries[number]
        packed = struct.pack(order + {3: "H", 4: "I"}[kind] * len(values), *values)
        if len(packed) > 4:
            place = struct.pack(order + "I", after + len(extra))
            extra += packed
        else:
            place = packed.ljust(4, b"\0")
        directory += struct.pack(order + "HHI", number, kind, len(values)) + place
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + directory + struct.pack(order + "I", 0) + extra + body


# Others


def netpbm(kind: str, samples: np.ndarray, most: int | None) -> bytes:
    """A binary or text file of Netpbm with a comment in its header."""
    head = f"{kind}\n# a comment\n{WIDTH} {HEIGHT}\n" + ("" if most is None else f"{most}\n")
    if kind in ("P1", "P2", "P3"):
        return head.encode() + "\n".join(" ".join(map(str, row)) for row in samples.reshape(HEIGHT, -1)).encode()
    return head.encode() + (samples.astype(">u2") if (most or 1) > 255 else samples.astype(np.uint8)).tobytes()


def pam(samples: np.ndarray, most: int, kind: str) -> bytes:
    head = f"P7\nWIDTH {WIDTH}\nHEIGHT {HEIGHT}\nDEPTH {samples.shape[2]}\nMAXVAL {most}\nTUPLTYPE {kind}\nENDHDR\n"
    return head.encode() + (samples.astype(">u2") if most > 255 else samples.astype(np.uint8)).tobytes()


def pfm(values: np.ndarray, scale: str = "-1.0") -> bytes:
    kind = "Pf" if values.shape[2] == 1 else "PF"
    stored = values[::-1].astype("<f4" if scale.startswith("-") else ">f4")
    return f"{kind}\n{WIDTH} {HEIGHT}\n{scale}\n".encode() + stored.tobytes()


def exr(channels: dict[str, Any], **header: Any) -> Callable[[Path], None]:
    planes = {
        name: np.ascontiguousarray(plane) if isinstance(plane, np.ndarray) else plane
        for name, plane in channels.items()
    }
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **header}
    return lambda path: OpenEXR.File(header, planes).write(str(path))


def exr_by_hand(channels: dict[str, tuple[np.ndarray, int]]) -> bytes:
    """Uncompressed float channels with their steps, which OpenEXR's wrapper for Python does not write.

    A plane has the samples at the multiples of its step, across and down.
    """
    names = sorted(channels)
    described = b"".join(
        name.encode() + b"\0" + struct.pack("<iB3xii", 2, 0, channels[name][1], channels[name][1]) for name in names
    )
    window = struct.pack("<4i", 0, 0, WIDTH - 1, HEIGHT - 1)
    attributes = [
        (b"channels", b"chlist", described + b"\0"),
        (b"compression", b"compression", b"\0"),
        (b"dataWindow", b"box2i", window),
        (b"displayWindow", b"box2i", window),
        (b"lineOrder", b"lineOrder", b"\0"),
        (b"pixelAspectRatio", b"float", struct.pack("<f", 1)),
        (b"screenWindowCenter", b"v2f", bytes(8)),
        (b"screenWindowWidth", b"float", struct.pack("<f", 1)),
    ]
    head = b"v/1\x01\x02\0\0\0" + b"".join(
        name + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value for name, kind, value in attributes
    )
    start, offsets, lines = len(head) + 1 + 8 * HEIGHT, b"", b""
    for y in range(HEIGHT):
        sampled = [channels[name] for name in names if y % channels[name][1] == 0]
        line = b"".join(plane[y // step].astype("<f4").tobytes() for plane, step in sampled)
        offsets += struct.pack("<Q", start + len(lines))
        lines += struct.pack("<ii", y, len(line)) + line
    return head + b"\0" + offsets + lines


def planes(values: np.ndarray, names: str, prefix: str = "", dtype: Any = np.float32) -> dict[str, np.ndarray]:
    return {prefix + name: values[..., k].astype(dtype) for k, name in enumerate(names)}


def rgbe(values: np.ndarray) -> np.ndarray:
    """Linear light in Radiance's four bytes a pixel."""
    peak = values.max(-1)
    mantissa, exponent = np.frexp(peak)
    scale = np.where(peak > 1e-32, mantissa * 256 / np.maximum(peak, 1e-38), 0)
    colours = (values * scale[..., None]).astype(np.uint8)
    return np.concatenate([colours, np.where(peak > 1e-32, exponent + 128, 0)[..., None].astype(np.uint8)], -1)


def light_of(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., :3] * np.exp2(pixels[..., 3:].astype(np.float64) - 136) * (pixels[..., 3:] > 0)


def radiance(pixels: np.ndarray, resolution: str, packing: str = "flat", lines: str = "") -> bytes:
    """A Radiance HDR file of scanlines that are flat, packed the old way or the new."""
    packed = b"".join({"flat": np.ndarray.tobytes, "old": _old_runs, "new": _new_runs}[packing](row) for row in pixels)
    return f"#?RADIANCE\n{lines}FORMAT=32-bit_rle_rgbe\n\n{resolution}\n".encode() + packed


def _old_runs(row: np.ndarray) -> bytes:
    found, k = b"", 0
    while k < len(row):
        same = 1
        while k + same < len(row) and (row[k + same] == row[k]).all():
            same += 1
        found += row[k].tobytes() + (bytes([1, 1, 1, same - 1]) if same > 1 else b"")
        k += same
    return found


def _new_runs(row: np.ndarray) -> bytes:
    found = bytes([2, 2, len(row) >> 8, len(row) & 255])
    for component in row.T:
        half = len(component) // 2
        found += bytes([half]) + component[:half].tobytes()  # a copy, then runs of one
        found += b"".join(bytes([129, value]) for value in component[half:])
    return found
