"""Averages over a Gaussian of what is linear on triangles of the plane, in closed form.

In coordinates in which the Gaussian is the standard one, a function that is linear on a triangle needs two integrals
of it: its mass and its first moment. By the divergence theorem both are sums over edges. With ``d`` the distance of an
edge's line from the origin, ``s`` the coordinate along it and ``T`` Owen's function,

    mass   of the triangle between the origin and an edge: [angle / (2 pi) - T(d, s / d)] from end to end,
    moment of an edge with outward normal n:              -n exp(-d^2 / 2) / sqrt(2 pi) [Phi(s)] from end to end.

Source: D. B. Owen, Tables for Computing Bivariate Normal Probabilities, Ann. Math. Statist. 27(4), 1956.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, owens_t

_LEAST_VARIANCE = 1e-14
"""What a Gaussian without extent along an axis is given there."""

_LEAST_AREA = 1e-13
"""Of a triangle that counts."""


def corner_averages(
    corners: Float[np.ndarray, "t 3 2"], mean: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"]
) -> Float[np.ndarray, "t 3"]:
    """What each corner's value counts in the average over a Gaussian of what is linear on triangles.

    Args:
        corners: of the triangles, in any order; those that overlap count twice.
        mean: of the Gaussian.
        covariance: of the Gaussian, positive semi-definite.
    """
    variances, axes = np.linalg.eigh(covariance)
    deviations = np.sqrt(np.maximum(variances, _LEAST_VARIANCE))
    side = corners[:, 1:] - corners[:, :1]
    area = side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0]
    found = np.zeros(corners.shape[:2])
    kept = np.abs(area) > _LEAST_AREA
    whitened = (corners[kept] - mean) @ axes / deviations
    found[kept] = _counted(whitened)
    return found


def _counted(corners: Float[np.ndarray, "t 3 2"]) -> Float[np.ndarray, "t 3"]:
    """The same for the standard Gaussian and triangles that have an area."""
    mass, moment = _integrals(corners)
    matrix = np.concatenate([corners, np.ones((*corners.shape[:2], 1))], 2)  # a corner a row: x, y, 1
    slopes = np.linalg.inv(matrix)  # barycentric coordinates are [x, y, 1] times this
    return np.einsum("tk,tkj->tj", moment, slopes[:, :2]) + mass[:, None] * slopes[:, 2]


def _integrals(corners: Float[np.ndarray, "t 3 2"]) -> tuple[Float[np.ndarray, "t"], Float[np.ndarray, "t 2"]]:
    start, end = corners, np.roll(corners, -1, 1)
    way = end - start
    length = np.linalg.norm(way, axis=-1)
    way = way / np.where(length > 0, length, 1)[..., None]
    cross = start[..., 0] * way[..., 1] - start[..., 1] * way[..., 0]  # signed distance of the edge's line
    distance = np.abs(cross)
    ends = np.stack([np.einsum("tek,tek->te", point, way) for point in (start, end)])
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(distance > 0, ends / distance, 0.0)
    of_ends = np.arctan2(ends, distance) / (2 * math.pi) - owens_t(distance, slope)
    mass = np.sign(cross) * (of_ends[1] - of_ends[0])
    line = np.exp(-0.5 * distance**2) / math.sqrt(2 * math.pi) * (ndtr(ends[1]) - ndtr(ends[0]))
    normal = np.stack([way[..., 1], -way[..., 0]], -1)
    moment = -(line[..., None] * normal).sum(1)
    side = corners[:, 1:] - corners[:, :1]
    turn = np.sign(side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0])
    return turn * mass.sum(1), turn[:, None] * moment
