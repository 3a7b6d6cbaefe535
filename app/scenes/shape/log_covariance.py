"""Covariances in space, in coordinates where straight lines make sense: log-Euclidean, as in ``app/log_covariance.py``.

The coordinates are those of the matrix logarithm ``L`` in an orthogonal basis of the symmetric matrices that begins
with the identity:

    (trace L / 3,  (Lxx - Lyy) / sqrt 2,  (2 Lzz - Lxx - Lyy) / sqrt 6,  sqrt 2 Lxy,  sqrt 2 Lxz,  sqrt 2 Lyz).

The first is the log of the geometric mean of the three variances, the others are 0 where all are alike.

Source: see ``app/log_covariance.py``, whose floor holds here too.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ...log_covariance import log_variance, variance_from_log
from .controls import Covariance3, covariance_matrix

_BASIS: Float[np.ndarray, "6 3 3"] = np.array(
    [
        np.diag([1, 1, 1]) / 3,
        np.diag([1, -1, 0]) / math.sqrt(2),
        np.diag([-1, -1, 2]) / math.sqrt(6),
        np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]) / math.sqrt(2),
        np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]]) / math.sqrt(2),
        np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0]]) / math.sqrt(2),
    ]
)
"""A coordinate is the inner product of the logarithm with one of these."""


def log_coordinates(covariance: Covariance3) -> Float[np.ndarray, "6"]:
    """The coordinates above, after raising eigenvalues to the floor."""
    if is_isotropic(covariance):
        return np.array([log_variance(covariance[0]), 0.0, 0.0, 0.0, 0.0, 0.0])
    variances, axes = np.linalg.eigh(covariance_matrix(covariance))
    logarithm = axes * np.array([log_variance(float(variance)) for variance in variances]) @ axes.T
    coordinates: Float[np.ndarray, "6"] = (_BASIS * logarithm).sum((1, 2))
    return coordinates


def covariance_from_log(coordinates: Float[np.ndarray, "6"]) -> Covariance3:
    """Inverse of ``log_coordinates``: positive semi-definite for any six numbers."""
    log_size, shape = float(coordinates[0]), coordinates[1:]
    if not shape.any():
        variance = variance_from_log(log_size)
        return (variance, 0.0, 0.0, variance, 0.0, variance)
    stretches, axes = np.linalg.eigh((shape[:, None, None] * _BASIS[1:]).sum(0))
    variances = np.array([variance_from_log(log_size + float(stretch)) for stretch in stretches])
    return covariance_entries(axes * variances @ axes.T)


def is_isotropic(covariance: Covariance3) -> bool:
    """Whether the covariance is one variance in all directions."""
    xx, xy, xz, yy, yz, zz = covariance
    return xx == yy == zz and not (xy or xz or yz)


def covariance_entries(matrix: Float[np.ndarray, "3 3"]) -> Covariance3:
    """The entries xx, xy, xz, yy, yz, zz of a symmetric matrix."""
    xx, xy, xz, _, yy, yz, _, _, zz = (float(entry) for entry in matrix.flat)
    return (xx, xy, xz, yy, yz, zz)
