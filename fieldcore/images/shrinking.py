"""Shrinking pictures with anti-aliasing."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from skimage.transform import resize

from ..errors import InputError


def shrunk(values: Float[np.ndarray, "h w c"], max_size: int) -> Float[np.ndarray, "H W c"]:
    """A picture whose longer side has at most so many pixels. Raises InputError if these are fewer than 1."""
    if max_size < 1:
        raise InputError(f"size: expected at least 1 pixel, got {max_size}")
    longer = max(values.shape[:2])
    if longer <= max_size:
        return values
    shape = [max(2, round(side * max_size / longer)) for side in values.shape[:2]]
    values, deviation = _in_blocks(values, longer / max_size)
    small = resize(values, shape, order=1, anti_aliasing=True, anti_aliasing_sigma=deviation)
    return np.asarray(small, dtype=np.float32)


_MANY_PIXELS = 1 << 25
"""From here on a picture is averaged over blocks first, which takes a tenth of the time of filtering it whole."""


def _in_blocks(
    values: Float[np.ndarray, "h w c"], factor: float
) -> tuple[Float[np.ndarray, "H W c"], tuple[float, float, float] | None]:
    """A very large picture as means over blocks, several of which one pixel of the result will span.

    Returns:
        The picture, and the deviation of the filter that blurs it further as much as the whole one would have been
        (half of what ``factor`` exceeds 1 by); None where nothing was done, for the same.
    """
    height, width, channels = values.shape
    block = int(factor // 3)
    if height * width < _MANY_PIXELS or block < 2 or channels > 4:
        return values, None
    import cv2

    means = cv2.resize(values, (round(width / block), round(height / block)), interpolation=cv2.INTER_AREA)
    deviation = math.sqrt(((factor - 1) / 2) ** 2 - (block**2 - 1) / 12) / block
    return means.reshape(*means.shape[:2], channels), (deviation, deviation, 0.0)
