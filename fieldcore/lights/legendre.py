"""Functions of an angle on the sphere under heat: each Legendre term is damped by ``exp(-l (l + 1) t)``.

A Gaussian of variance ``v`` over the chart is heat of time ``t = v`` near the zenith.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre

DEGREES = 64
COSINES = np.linspace(-1.0, 1.0, 513)
"""Where profiles are given, linear in between."""


def series_of(profile: Float[np.ndarray, "m"]) -> Float[np.ndarray, "l"]:
    """The Legendre coefficients ``A_l`` of a profile over ``COSINES``: ``(2 l + 1) / 2`` times its moments.

    Args:
        profile: values at the cosines; the function is linear between them.
    """
    nodes, weights = legendre.leggauss(1024)
    values = np.interp(nodes, COSINES, profile)
    polynomials = legendre.legvander(nodes, DEGREES)
    return (polynomials.T @ (weights * values)) * (2 * np.arange(DEGREES + 1) + 1) / 2


def under_heat(series: Float[np.ndarray, "l"], time: float) -> Float[np.ndarray, "m"]:
    """The profile of a series after so much heat, at the cosines."""
    degree = np.arange(len(series))
    damped: np.ndarray = legendre.legval(COSINES, series * np.exp(-degree * (degree + 1) * time))
    return damped


_LEAST_TIME = 20.0 / (DEGREES * (DEGREES + 1))
"""Below this the last terms of the series are not damped yet; a Gaussian over the angle is nearer there."""


def smoothed_profile(profile: Float[np.ndarray, "m"], time: float) -> Float[np.ndarray, "m"]:
    """The same at any time: below what the series resolves, by a Gaussian over the angle, of variance ``2 t``."""
    if time <= 0:
        return profile
    if time > _LEAST_TIME:
        return under_heat(series_of(profile), time)
    angles = np.arccos(COSINES)
    offsets = np.linspace(-4, 4, 33)
    weights = np.exp(-0.5 * offsets**2)
    at = np.cos(angles[:, None] + np.sqrt(2 * time) * offsets)  # beyond 0 and pi it is mirrored, as on the sphere
    found: np.ndarray = np.interp(at, COSINES, profile) @ (weights / weights.sum())
    return found
