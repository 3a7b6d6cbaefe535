"""Arrays that people hand over as pictures: of any usual type, as float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from ..errors import InputError

FARTHEST = (-1.0, 2.0)
"""Display-encoded values beyond these are not in [0, 1] at all, whatever a filter or a codec added."""

_MOST_CHANNELS = 64


def as_pixels(pixels: Any, name: str, display_encoded: bool) -> Float[np.ndarray, "h w c"]:
    """Pixels as float32 (height, width, channels).

    Args:
        pixels: an array, tensor or nested list of shape (height, width) or (height, width, channels). Floats are taken
            as they are, whole numbers relative to the most that their type holds, as scikit-image's ``img_as_float``
            does; those of Python's own lists must be 0 or 1.
        name: of the picture, for messages.
        display_encoded: the values must then be in [0, 1], or near.

    Raises:
        InputError: another shape or type, fewer than 2 x 2 pixels, NaN or infinite values, or values far outside
            [0, 1].
    """
    array = _array(pixels, name)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or not 1 <= array.shape[2] <= _MOST_CHANNELS:
        hint = "; put the channels last" if array.ndim == 3 and array.shape[0] <= 4 else ""
        raise InputError(
            f"picture '{name}': expected pixels of shape (height, width) or (height, width, channels), "
            f"got {array.shape}{hint}"
        )
    height, width = array.shape[:2]
    if min(height, width) < 1:
        raise InputError(f"picture '{name}': expected at least one pixel, got {width} x {height}")
    values = _floats(array, name)
    _check_values(values, name, display_encoded)
    return np.ascontiguousarray(values)


def _array(pixels: Any, name: str) -> np.ndarray:
    if hasattr(pixels, "detach"):  # a tensor, wherever it is and whatever it is part of
        tensor = pixels.detach().cpu()
        pixels = tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor
    try:
        array = np.asarray(pixels)
    except (ValueError, TypeError) as error:  # rows of different lengths
        raise InputError(f"picture '{name}': expected an array of pixels, got {type(pixels).__name__}") from error
    if array.dtype.kind not in "buif":
        raise InputError(f"picture '{name}': expected floats, uint8, uint16 or bool as pixels, got {array.dtype}")
    return array


def _floats(array: np.ndarray, name: str) -> Float[np.ndarray, "h w c"]:
    if array.dtype.kind in "fb":
        with np.errstate(over="ignore"):
            return array.astype(np.float32, copy=False)
    if array.dtype.itemsize >= 4:  # what a list of numbers becomes, and no file's pixels are
        if array.min() < 0 or array.max() > 1:
            raise InputError(
                f"picture '{name}': {array.dtype} does not say which number is white; use uint8, uint16 or floats in "
                "[0, 1]"
            )
        return array.astype(np.float32)
    return array.astype(np.float32) / np.float32(np.iinfo(array.dtype).max)


def _check_values(values: Float[np.ndarray, "h w c"], name: str, display_encoded: bool) -> None:
    if not np.isfinite(values).all():
        share = 1 - np.isfinite(values).mean()
        raise InputError(f"picture '{name}': {share:.1%} of its values are NaN or infinite; repair the picture")
    low, high = float(values.min()), float(values.max())
    if display_encoded and (low < FARTHEST[0] or high > FARTHEST[1]):
        advice = "divide by 255" if 2 < high <= 255 and low >= 0 else "scale them, or say encoding='linear'"
        raise InputError(
            f"picture '{name}': expected display-encoded values in [0, 1], got {low:.4g} to {high:.4g}; {advice}"
        )
