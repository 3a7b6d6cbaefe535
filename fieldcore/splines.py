"""What stands between samples: tents, smoothed tents and quintic B-splines, all at unit spacing."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr


def quintic_spline(offset: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """The centred B-spline of degree 5: the sixth difference of a truncated power, as the tent is the second of one."""
    return sum((-1) ** k * math.comb(6, k) * np.maximum(offset + 3 - k, 0) ** 5 for k in range(7)) / 120


def spline_response(frequencies: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """What the quintic B-spline, read at whole pixels, multiplies each frequency (cycles per pixel) with."""
    angle = 2 * np.pi * frequencies
    return (66 + 52 * np.cos(angle) + 2 * np.cos(2 * angle)) / 120


def _gaussian_ramp(u: np.ndarray, std: float) -> np.ndarray:
    """Second antiderivative of a centred normal density: max(u, 0) smoothed by it."""
    if std == 0:
        return np.maximum(u, 0)
    z = u / std
    return u * ndtr(z) + std * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


def tent_weights(offset: Float[np.ndarray, "*n"], std: float) -> Float[np.ndarray, "*n"]:
    """``(g * tent)(offset)``: the second difference of the smoothed ramp, since tent'' is [1, -2, 1]."""
    return _gaussian_ramp(offset + 1, std) - 2 * _gaussian_ramp(offset, std) + _gaussian_ramp(offset - 1, std)
