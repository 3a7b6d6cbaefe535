"""The sRGB transfer curve, and rounding to 8 or 16 bits."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8, UInt16


def display_from_linear(linear: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The sRGB transfer curve (IEC 61966-2-1), continued above 1; negative values become 0."""
    linear = np.maximum(linear, 0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(linear.dtype)


def linear_from_display(display: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Inverse of ``display_from_linear``."""
    display = np.maximum(display, 0)
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4).astype(display.dtype)


def quantised(values: Float[np.ndarray, "*shape"]) -> UInt8[np.ndarray, "*shape"]:
    """Display-encoded values in [0, 1] rounded to 8 bits, NaN to 0."""
    return (np.nan_to_num(values).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def quantised_to_16_bits(values: Float[np.ndarray, "*shape"]) -> UInt16[np.ndarray, "*shape"]:
    """Display-encoded values in [0, 1] rounded to 16 bits, NaN to 0."""
    return (np.nan_to_num(values).clip(0, 1) * np.float32(65535) + 0.5).astype(np.uint16)
