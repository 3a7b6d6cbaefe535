"""A Gaussian over the chart as weighted points: the trapezoidal rule, which has few errors for smooth functions."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float

REACH = 5.0
"""Standard deviations beyond which a Gaussian counts as 0: what is left there is 4e-6 of it."""

SPACING = 1 / 3
"""From one point of the lattice to the next, in standard deviations along each axis of the Gaussian."""


def gaussian_points(
    covariance: Float[np.ndarray, "2 2"], spacing: float = SPACING
) -> tuple[Float[np.ndarray, "q 2"], Float[np.ndarray, "q"]]:
    """Offsets and weights, which sum to 1, whose weighted mean of a function is its average over the Gaussian.

    Args:
        covariance: in squared units of the chart; an axis without any extent gets a single point.
        spacing: of the points, in standard deviations.
    """
    variances, axes = np.linalg.eigh(covariance)
    kept = variances > 1e-12 * max(float(variances.max()), 1e-12)
    points, weights = _unit_lattice(int(kept.sum()), spacing)
    return points @ (axes[:, kept] * np.sqrt(variances[kept])).T, weights


@lru_cache(maxsize=8)
def _unit_lattice(dim: int, spacing: float) -> tuple[Float[np.ndarray, "q d"], Float[np.ndarray, "q"]]:
    """Points of a standard normal distribution and what each counts."""
    if dim == 0:
        return np.zeros((1, 0)), np.ones(1)
    steps = math.ceil(REACH / spacing)
    axis = spacing * np.arange(-steps, steps + 1)
    points = np.stack(np.meshgrid(*[axis] * dim, indexing="ij"), -1).reshape(-1, dim)
    points = points[np.square(points).sum(1) <= REACH**2]
    weights = np.exp(-0.5 * np.square(points).sum(1))
    return points, weights / weights.sum()
