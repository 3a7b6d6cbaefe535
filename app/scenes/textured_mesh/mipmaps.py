"""Mipmaps of pictures of any size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float


def smaller_levels(pixels: Float[np.ndarray, "h w c"]) -> Iterator[Float[np.ndarray, "_h _w c"]]:
    """Yield the picture at half its size, rounded down, then at half of that, down to a single pixel.

    A pixel is the mean over what it covers of the level before, so that every level has the picture's mean; where an
    odd size is halved it covers two pixels and parts of a third (Guthe and Heckbert, Non-Power-of-Two Mipmap Creation,
    Nvidia technical report, 2005).
    """
    while max(pixels.shape[:2]) > 1:
        for axis in (0, 1):
            pixels = _halved(pixels, axis)
        yield pixels


def _halved(pixels: Float[np.ndarray, "h w c"], axis: int) -> Float[np.ndarray, "_h _w c"]:
    count = pixels.shape[axis] // 2
    if count == 0:
        return pixels
    rows = np.moveaxis(pixels, axis, 0)
    if len(rows) % 2 == 0:
        halved = (rows[0::2] + rows[1::2]) * np.float32(0.5)
    else:
        place = np.arange(count, dtype=np.float32)[:, None, None]
        parts = (count - place) * rows[0:-1:2] + count * rows[1::2] + (place + 1) * rows[2::2]
        halved = parts / np.float32(len(rows))
    return np.moveaxis(halved, 0, axis)
