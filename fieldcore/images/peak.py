"""The brightest light of a picture of high dynamic range, not counting single pixels that are far brighter."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

FARTHEST_ABOVE = 100.0
"""How many times the 99 % quantile of the lit pixels a pixel may be before it is taken for an error of rendering."""

_SAMPLE = 1 << 20
"""Pixels that the quantile is taken of, evenly spread."""


def robust_peak(values: Float[np.ndarray, "h w c"]) -> tuple[float, int]:
    """The highest value that a picture is scaled to, and the number of pixels above it, which are to be clipped.

    A path tracer's firefly, 1e30 among ones, would otherwise leave everything else at 0.

    Returns:
        The peak, which is a value of the picture, and how many pixels exceed it, mostly none.
    """
    brightest = values.max(axis=2)
    peak = float(brightest.max(initial=0))
    if peak <= 1:  # not of high dynamic range, and not scaled
        return peak, 0
    lit = brightest[brightest > 0]
    sample = lit[:: max(1, lit.size // _SAMPLE)]
    most = FARTHEST_ABOVE * float(np.quantile(sample.astype(np.float64), 0.99, method="lower"))
    above = lit > most
    return (float(lit[~above].max()), int(above.sum())) if above.any() and not above.all() else (peak, 0)
