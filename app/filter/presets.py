"""Filters to begin from, by name: of a few pixels, streaks, and those that the publication's scores are quoted for."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ..covariance import Covariance, covariance_entries, isotropic

PIXELS = {"½": 0.5, "1": 1.0, "2": 2.0, "4": 4.0}
"""Standard deviations, in pixels."""

_LONG, _SHORT = 8.0, 0.5
_STREAKS_DEG = {"—": 0.0, "/": 45.0, "|": 90.0, "\\": -45.0}
OWN = "own"
"""What is said of a filter that is none of these."""


@lru_cache(maxsize=32)
def presets(dim: int, pixel: float, called: str, streaks: bool = True) -> dict[str, Covariance]:
    """By name the covariances.

    Args:
        dim: number of axes.
        pixel: its side, in domain units; 0 where there are none.
        called: what a pixel is called.
        streaks: whether filters that differ by direction are among them.

    Example:
        >>> presets(2, 0.5, "px")["1 px"]
        (0.25, 0.0, 0.25)
    """
    from fieldcore.filter_sets import VARIANCES  # it imports torch

    found = {"none": isotropic(0.0, dim)}
    if pixel:
        found |= {f"{name} {called}": isotropic((size * pixel) ** 2, dim) for name, size in PIXELS.items()}
    if streaks and pixel and dim == 2:
        found |= {f"streak {name}": _streak(angle, pixel) for name, angle in _STREAKS_DEG.items()}
    elif streaks and pixel:
        found |= {f"streak {name}": _along(axis, dim, pixel) for axis, name in enumerate("xyz")}
    return found | {f"paper, {variance:.0e}": isotropic(variance, dim) for variance in VARIANCES if variance}


def _streak(angle_deg: float, pixel: float) -> Covariance:
    """Long along a direction of a plane, counter-clockwise from its width."""
    cosine, sine = math.cos(math.radians(angle_deg)), -math.sin(math.radians(angle_deg))
    axes = np.array([[cosine, -sine], [sine, cosine]])
    return covariance_entries(axes * (np.array([_LONG, _SHORT]) * pixel) ** 2 @ axes.T)


def _along(axis: int, dim: int, pixel: float) -> Covariance:
    sizes = np.full(dim, _SHORT * pixel)
    sizes[axis] = _LONG * pixel
    return covariance_entries(np.diag(sizes**2))
