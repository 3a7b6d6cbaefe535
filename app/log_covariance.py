"""Covariances in coordinates where straight lines make sense: log-Euclidean.

A 2 x 2 covariance with eigenvalues ``a >= b`` and the long axis at angle ``t`` has the coordinates

    (log size, stretch cos 2t, stretch sin 2t)    with    log size = (log a + log b) / 2,
                                                          stretch  = (log a - log b) / 2,

which are the entries of its matrix logarithm in an orthogonal basis. Every triple of numbers is a covariance, so
no way of interpolating them can leave the positive matrices, and isotropic ones stay exactly isotropic.

Source: V. Arsigny, P. Fillard, X. Pennec, N. Ayache, Log-Euclidean metrics for fast and simple calculus on
diffusion tensors (2006).
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from .scenes.picture.controls import Covariance

VARIANCE_FLOOR = 1e-8
"""Zero has no logarithm: along a path it counts as this variance, and what comes out at or below it is zero.

Its standard deviation, 1e-4, is a fifth of a pixel of a picture 4096 pixels wide.
"""


def log_coordinates(covariance: Covariance) -> Float[np.ndarray, "3"]:
    """The coordinates (log size, stretch cos 2t, stretch sin 2t), after raising eigenvalues to the floor."""
    xx, xy, yy = covariance
    mean, half_difference = (xx + yy) / 2, (xx - yy) / 2
    radius = math.hypot(half_difference, xy)
    log_large, log_small = log_variance(mean + radius), log_variance(mean - radius)
    stretch = (log_large - log_small) / 2
    direction = (half_difference / radius, xy / radius) if radius > 0 else (0.0, 0.0)
    return np.array([(log_large + log_small) / 2, stretch * direction[0], stretch * direction[1]])


def covariance_from_log(coordinates: Float[np.ndarray, "3"]) -> Covariance:
    """Inverse of ``log_coordinates``: positive semi-definite for any three numbers."""
    log_size, cosine, sine = (float(value) for value in coordinates)
    stretch = math.hypot(cosine, sine)
    large, small = variance_from_log(log_size + stretch), variance_from_log(log_size - stretch)
    if stretch == 0:
        return (large, 0.0, large)
    mean, radius = (large + small) / 2, (large - small) / 2
    return (mean + radius * cosine / stretch, radius * sine / stretch, mean - radius * cosine / stretch)


def log_variance(variance: float) -> float:
    """The natural logarithm of a variance, after raising it to the floor."""
    return math.log(max(variance, VARIANCE_FLOOR))


def variance_from_log(logarithm: float) -> float:
    """Inverse of ``log_variance``; the floor is zero."""
    # The tolerance is rounding's: a floor that went through log, spline and exp is still a floor.
    return math.exp(logarithm) if logarithm > math.log(VARIANCE_FLOOR) + 1e-9 else 0.0
