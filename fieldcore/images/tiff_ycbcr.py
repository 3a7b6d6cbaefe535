"""TIFF's YCbCr: luminance at every pixel, two differences of colour at every one or at fewer.

Source: TIFF 6.0, sections 20 and 21.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped, UInt8

_SUBSAMPLING, _COEFFICIENTS, _REFERENCE = 530, 529, 532


def subsampling(page: Any) -> tuple[int, int]:
    """For how many pixels across and down there is one pair of differences."""
    tag = page.tags.get(_SUBSAMPLING)
    across, down = (2, 2) if tag is None else tag.value
    return int(across), int(down)


def spread(page: Any) -> UInt8[np.ndarray, "h w 3"]:
    """Samples of a picture in strips of 8 bits, each pair of differences given to all the pixels that share it.

    A strip is a row of units: luminance of ``across`` x ``down`` pixels, then the two differences.
    """
    import tifffile

    across, down = subsampling(page)
    width, height, rows = page.imagewidth, page.imagelength, page.rowsperstrip
    unpack = tifffile.TIFF.DECOMPRESSORS[page.compression]
    file, strips = page.parent.filehandle, []
    units = -(-width // across)
    for number, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        file.seek(offset)
        packed = file.read(count)
        stored = packed if unpack is None else unpack(packed)
        lines = -(-min(rows, height - number * rows) // down)
        size = lines * units * (across * down + 2)
        unit = np.frombuffer(stored, np.uint8, size).reshape(lines, units, across * down + 2)
        light = unit[..., :-2].reshape(lines, units, down, across).transpose(0, 2, 1, 3).reshape(lines * down, -1)
        differences = unit[..., -2:].repeat(down, 0).repeat(across, 1)
        strips.append(np.dstack([light, differences])[: min(rows, height - number * rows), :width])
    return np.concatenate(strips)


def rgb_from_ycbcr(samples: Shaped[np.ndarray, "h w c"], white: float, page: Any) -> Float[np.ndarray, "h w c"]:
    """Red, green and blue, and further channels as they are, in units of the samples, by the tags' coefficients."""
    lr, lg, lb = _fractions(page, _COEFFICIENTS, (0.299, 0.587, 0.114))
    half = (white + 1) / 2
    black_y, white_y, zero_b, most_b, zero_r, most_r = _fractions(
        page, _REFERENCE, (0.0, white, half, white, half, white)
    )
    y, cb, cr = (samples[..., k].astype(np.float32) for k in range(3))
    y = (y - np.float32(black_y)) * np.float32(white / (white_y - black_y))
    cb = (cb - np.float32(zero_b)) * np.float32((white - half) / (most_b - zero_b))
    cr = (cr - np.float32(zero_r)) * np.float32((white - half) / (most_r - zero_r))
    red, blue = y + cr * np.float32(2 - 2 * lr), y + cb * np.float32(2 - 2 * lb)
    green = (y - np.float32(lr) * red - np.float32(lb) * blue) / np.float32(lg)
    rest = [samples[..., k].astype(np.float32) for k in range(3, samples.shape[2])]
    return np.stack([red, green, blue, *rest], -1).clip(0, white)


def _fractions(page: Any, number: int, default: tuple[float, ...]) -> tuple[float, ...]:
    """The numbers of a tag, which tifffile gives as numerators and denominators in turn."""
    tag = page.tags.get(number)
    if tag is None:
        return default
    numbers = np.asarray(tag.value, np.float64).ravel()
    numbers = numbers[::2] / numbers[1::2] if numbers.size == 2 * len(default) else numbers
    return tuple(float(n) for n in numbers) if numbers.size == len(default) else default
