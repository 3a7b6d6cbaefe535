"""Radiance HDR: four bytes a pixel, three of colour that share an exponent.

Source: G. Ward, "Real pixels", Graphics Gems II (1991); the file format in radsite.lbl.gov/radiance/refer/filefmts.pdf.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8

from .colour_spaces import Chromaticities, srgb_from
from .decoded import Decoded
from .faults import Refused
from .limits import check_size

_CUT = Refused("the Radiance HDR file is cut short or damaged; copy or export it again")
_RESOLUTION = re.compile(rb"([-+])([XY]) +(\d+) +([-+])([XY]) +(\d+)\n")
_RADIANCE = Chromaticities((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), (1 / 3, 1 / 3))
_XYZ = Chromaticities((1.0, 1e-9), (0.0, 1.0), (1e-9, 1e-9), (1 / 3, 1 / 3))


def decode(path: Path, layer: str | None) -> Decoded:
    """Read a Radiance HDR file, of any order of its rows and columns."""
    data = path.read_bytes()
    header, resolution = _header(data)
    first_sign, first_axis, first_count, second_sign, second_axis, second_count = resolution.groups()
    if first_axis == second_axis:
        raise _CUT
    lines, columns = int(first_count), int(second_count)
    check_size(columns, lines)
    colours = _light(_rgbe(data, resolution.end(), lines, columns))
    if first_sign == (b"+" if first_axis == b"Y" else b"-"):
        colours = colours[::-1]
    if second_sign == (b"+" if second_axis == b"Y" else b"-"):
        colours = colours[:, ::-1]
    if first_axis == b"X":
        colours = colours.transpose(1, 0, 2)
    decoded = Decoded(np.ascontiguousarray(colours), encoding="linear")
    _apply_header(decoded, header)
    return decoded


def _header(data: bytes) -> tuple[list[bytes], re.Match[bytes]]:
    """The header's lines, and the line with the resolution after the empty one."""
    end = data.find(b"\n\n")
    resolution = _RESOLUTION.match(data, end + 2) if end >= 0 else None
    if resolution is None:
        raise _CUT
    return data[:end].split(b"\n"), resolution


def _apply_header(decoded: Decoded, header: list[bytes]) -> None:
    entries = [line.partition(b"=")[::2] for line in header if b"=" in line]
    exposure = float(np.prod([_numbers(value, 1)[0] for name, value in entries if name.strip() == b"EXPOSURE"]))
    if exposure > 0 and exposure != 1:
        decoded.samples = decoded.samples / np.float32(exposure)
    formats = [value.strip() for name, value in entries if name.strip() == b"FORMAT"]
    primaries = [value for name, value in entries if name.strip() == b"PRIMARIES"]
    source = _XYZ if formats[-1:] == [b"32-bit_rle_xyze"] else None
    if source is None and primaries:
        source = Chromaticities.from_numbers(_numbers(primaries[-1], 8))
    if source is not None and not source.near(_RADIANCE) and (matrix := srgb_from(source)) is not None:
        decoded.samples = (decoded.samples @ matrix.T.astype(np.float32)).astype(np.float32)


def _numbers(text: bytes, count: int) -> Float[np.ndarray, "n"]:
    try:
        numbers = np.array([float(word) for word in text.split()])
    except ValueError:
        raise _CUT from None
    if numbers.size != count:
        raise _CUT
    return numbers


def _light(rgbe: UInt8[np.ndarray, "h w 4"]) -> Float[np.ndarray, "h w 3"]:
    """Linear light: colours in 256ths of two to the exponent, which is stored plus 128; exponent 0 is black."""
    powers = np.ldexp(np.float32(1), np.arange(256) - 136).astype(np.float32)
    powers[0] = 0
    return rgbe[..., :3] * powers[rgbe[..., 3]][..., None]


def _rgbe(data: bytes, begin: int, lines: int, columns: int) -> UInt8[np.ndarray, "h w 4"]:
    """All scanlines, however each is packed."""
    pixels = np.empty((lines, columns, 4), np.uint8)
    for line in pixels:
        if data[begin : begin + 2] == b"\x02\x02" and data[begin + 2 : begin + 3] < b"\x80" and 8 <= columns < 32768:
            begin = _packed_line(data, begin, line)
        else:
            begin = _old_line(data, begin, line)
    return pixels


def _packed_line(data: bytes, begin: int, line: UInt8[np.ndarray, "w 4"]) -> int:
    """One scanline of four runs-and-copies components; returns where the next one begins."""
    columns = len(line)
    if int.from_bytes(data[begin + 2 : begin + 4], "big") != columns:
        raise _CUT
    begin += 4
    for component in range(4):
        filled, parts = 0, []
        while filled < columns:
            count = data[begin] if begin < len(data) else 0
            if count > 128:
                count -= 128
                parts.append(data[begin + 1 : begin + 2] * count)
                begin += 2
            else:
                parts.append(data[begin + 1 : begin + 1 + count])
                begin += 1 + count
            filled += count
            if count == 0 or begin > len(data):
                raise _CUT
        if filled != columns:
            raise _CUT
        line[:, component] = np.frombuffer(b"".join(parts), np.uint8)
    return begin


def _old_line(data: bytes, begin: int, line: UInt8[np.ndarray, "w 4"]) -> int:
    """One scanline of plain pixels; 1, 1, 1, n repeats the last pixel n times, times 256 for each such one before."""
    columns = len(line)
    plain = np.frombuffer(data, np.uint8, min(4 * columns, max(len(data) - begin, 0)), begin)
    if plain.size == 4 * columns and not (plain.reshape(-1, 4)[:, :3] == 1).all(1).any():
        line[:] = plain.reshape(-1, 4)
        return begin + 4 * columns
    filled, shift = 0, 0
    while filled < columns:
        pixel = data[begin : begin + 4]
        if len(pixel) < 4:
            raise _CUT
        begin += 4
        if pixel[:3] == b"\1\1\1":
            count = pixel[3] << shift
            if filled == 0 or filled + count > columns:
                raise _CUT
            line[filled : filled + count] = line[filled - 1]
            shift += 8
        else:
            count, shift = 1, 0
            line[filled] = np.frombuffer(pixel, np.uint8)
        filled += count
    return begin
