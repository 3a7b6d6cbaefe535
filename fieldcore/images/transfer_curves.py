"""Colour spaces by the code points of ITU-T H.273, as PNG's cICP chunk and video use them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from .colour_spaces import SRGB, Chromaticities, converter
from .decoded import Decoded

_DIFFUSE_WHITE_NITS = 203.0
"""What white paper has in pictures of high dynamic range (ITU-R BT.2408)."""


def _from_bt709(values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45)).astype(values.dtype)


def _from_pq(values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """SMPTE ST 2084, in units of diffuse white."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = values.astype(np.float64) ** (1 / m2)
    nits = 10000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    return (nits / _DIFFUSE_WHITE_NITS).astype(values.dtype)


def _from_hlg(values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """ARIB STD-B67's inverse curve, scaled so that its diffuse white (0.75) is 1: light of the scene, not a display."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    light = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    return (light / ((np.exp((0.75 - c) / a) + b) / 12)).astype(values.dtype)


CURVES: dict[int, Callable[[np.ndarray], np.ndarray] | None] = {
    1: _from_bt709,
    4: lambda values: values ** np.float32(2.2),
    5: lambda values: values ** np.float32(2.8),
    6: _from_bt709,
    8: lambda values: values,
    13: None,  # sRGB
    14: _from_bt709,
    15: _from_bt709,
    16: _from_pq,
    18: _from_hlg,
}
"""From encoded values to linear light."""

HIGH_DYNAMIC_RANGE = (16, 18)
"""Curves whose light goes beyond white."""

_D65 = SRGB.white

PRIMARIES: dict[int, Chromaticities] = {
    1: SRGB,
    5: Chromaticities((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: Chromaticities((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65),
    7: Chromaticities((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65),
    9: Chromaticities((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
}
"""From code points to primaries and white."""


def describe_by_code_points(decoded: Decoded, primaries: int, transfer: int) -> bool:
    """Set how a decoded picture's colours come to sRGB, or to linear light where they go beyond white.

    Returns:
        Whether both numbers are known here; else a notice is added.
    """
    if primaries not in PRIMARIES or transfer not in CURVES:
        decoded.notices.append(
            f"its colours have the code points {primaries} and {transfer}, unknown here; sRGB is taken"
        )
        return False
    beyond_white = transfer in HIGH_DYNAMIC_RANGE
    decoded.corrected = converter(CURVES[transfer], PRIMARIES[primaries], linear_light=beyond_white)
    if beyond_white:
        decoded.encoding = "linear"
    return True
