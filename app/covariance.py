"""Covariances as plain values: their entries, how paths write them, and coordinates where straight lines make sense.

A covariance is the tuple of its entries on and above the diagonal, row by row: xx, xy, yy on a plane and
xx, xy, xz, yy, yz, zz in space, in squared domain units.

Between two covariances one moves in log-Euclidean coordinates: those of the matrix logarithm ``L`` in an orthogonal
basis of the symmetric matrices that begins with the identity. On a plane they are

    (trace L / 2,  (Lxx - Lyy) / sqrt 2,  sqrt 2 Lxy)

and in space

    (trace L / 3,  (Lxx - Lyy) / sqrt 2,  (2 Lzz - Lxx - Lyy) / sqrt 6,  sqrt 2 Lxy,  sqrt 2 Lxz,  sqrt 2 Lyz).

The first is the log of the geometric mean of the variances along the axes, the others are 0 where all are alike. Every
such tuple of numbers is a covariance, so no way of interpolating them can leave the positive matrices, and isotropic
ones stay exactly isotropic.

Source: V. Arsigny, P. Fillard, X. Pennec, N. Ayache, Log-Euclidean metrics for fast and simple calculus on
diffusion tensors (2006).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError

from .entries import Shorthand
from .path.entry_checks import number, numbers
from .path.tracks import Space

if TYPE_CHECKING:
    from fieldcore.filters import Gaussian
else:  # it imports torch, which a page of help should not wait for
    Gaussian = Any

Covariance = tuple[float, ...]

VARIANCE_FLOOR = 1e-8
"""Zero has no logarithm: along a path it counts as this variance, and what comes out at or below it is zero.

Its standard deviation, 1e-4, is a fifth of a pixel of a picture 4096 pixels wide.
"""

_ALIKE = 1e-6
"""Relative difference of two variances that nobody would call two."""


def isotropic(variance: float, dim: int) -> Covariance:
    """One variance in all directions."""
    return tuple(variance if row == column else 0.0 for row in range(dim) for column in range(row, dim))


def is_isotropic(covariance: Covariance) -> bool:
    """Whether it is one variance in all directions."""
    return covariance == isotropic(covariance[0], dim_of(covariance))


def dim_of(covariance: Covariance) -> int:
    """Of the space that it is in."""
    return (math.isqrt(8 * len(covariance) + 1) - 1) // 2


def covariance_matrix(covariance: Covariance) -> Float[np.ndarray, "d d"]:
    """The matrix of which these are the entries."""
    dim = dim_of(covariance)
    matrix = np.zeros((dim, dim))
    matrix[np.triu_indices(dim)] = covariance
    return matrix + np.triu(matrix, 1).T


def covariance_entries(matrix: Float[np.ndarray, "d d"]) -> Covariance:
    """The entries of a symmetric matrix."""
    return tuple(float(entry) for entry in matrix[np.triu_indices(len(matrix))])


def gaussian_of(covariance: Covariance) -> Gaussian:
    """The filter; isotropic ones as a variance, which every field evaluates faster."""
    from fieldcore.filters import Gaussian

    if is_isotropic(covariance):
        return Gaussian(covariance[0])
    return Gaussian(covariance_matrix(covariance).tolist())


def distinct_variances(covariance: Covariance) -> tuple[float, ...]:
    """The variances along the principal axes, largest first; one where all are alike."""
    if is_isotropic(covariance):
        return covariance[:1]
    variances = np.linalg.eigvalsh(covariance_matrix(covariance))[::-1].clip(0)
    if variances[0] - variances[-1] <= _ALIKE * variances[0]:
        return (float(variances[0]),)
    return tuple(float(variance) if variance > 1e-12 * variances[0] else 0.0 for variance in variances)


# In paths and reports


def in_brief(covariance: Covariance) -> str:
    """Its variances in a word or two."""
    variances = distinct_variances(covariance)
    return " by ".join(f"{variance:.1e}".replace("e-0", "e-") if variance else "0" for variance in variances)


def filter_entry(covariance: Covariance) -> dict[str, Any]:
    """The filter as paths and reports write it: ``variance`` if there is one, else ``covariance``."""
    return {"variance": covariance[0]} if is_isotropic(covariance) else {"covariance": list(covariance)}


def covariance_check(dim: int) -> Any:
    """What checks a covariance in that space: ``Declaration.check``."""
    return lambda value, where: _positive(numbers(value, where, dim * (dim + 1) // 2), where)


def _positive(covariance: Covariance, where: str) -> Covariance:
    matrix = covariance_matrix(covariance)
    if max(map(abs, covariance)) >= 1e30 or np.linalg.eigvalsh(matrix)[0] < 0:
        from fieldcore.filters import Gaussian  # it imports torch, which most refusals need not wait for

        # A filter forgives rounding, but is too slow to ask for every one of a recording's thousands of keyframes.
        try:
            Gaussian(matrix.tolist())
        except InputError as error:
            raise InputError(f"{where.rpartition('.')[0]}.{error}") from error
    return covariance


def variance_shorthand(dim: int) -> Shorthand:
    """An isotropic covariance as one number."""

    def spelled_out(value: Any, where: str) -> Covariance:
        return isotropic(number(value, where, 0.0), dim)

    return Shorthand("variance", spelled_out, filter_entry)


# Log-Euclidean coordinates


def log_coordinates(covariance: Covariance) -> Float[np.ndarray, "n"]:
    """The coordinates above, after raising eigenvalues to the floor."""
    basis = _basis(dim_of(covariance))
    if is_isotropic(covariance):
        return np.array([log_variance(covariance[0]), *[0.0] * (len(basis) - 1)])
    variances, axes = np.linalg.eigh(covariance_matrix(covariance))
    logarithm = axes * np.array([log_variance(float(variance)) for variance in variances]) @ axes.T
    coordinates: Float[np.ndarray, "n"] = (basis * logarithm).sum((1, 2))
    return coordinates


def covariance_from_log(coordinates: Float[np.ndarray, "n"]) -> Covariance:
    """Inverse of ``log_coordinates``: positive semi-definite for any numbers."""
    log_size, shape = float(coordinates[0]), coordinates[1:]
    basis = _basis((math.isqrt(8 * len(coordinates) + 1) - 1) // 2)
    if not shape.any():
        return isotropic(variance_from_log(log_size), basis.shape[1])
    stretches, axes = np.linalg.eigh((shape[:, None, None] * basis[1:]).sum(0))
    variances = np.array([variance_from_log(log_size + float(stretch)) for stretch in stretches])
    return covariance_entries(axes * variances @ axes.T)


def log_variance(variance: float) -> float:
    """The natural logarithm of a variance, after raising it to the floor."""
    return math.log(max(variance, VARIANCE_FLOOR))


def variance_from_log(logarithm: float) -> float:
    """Inverse of ``log_variance``; the floor is zero."""
    # The tolerance is rounding's: a floor that went through log, spline and exp is still a floor.
    return math.exp(logarithm) if logarithm > math.log(VARIANCE_FLOOR) + 1e-9 else 0.0


@cache
def _basis(dim: int) -> Float[np.ndarray, "n d d"]:
    """A coordinate is the inner product of the logarithm with one of these."""
    found = [np.eye(dim) / dim]
    for k in range(1, dim):
        found.append(np.diag(_unit([*[-1.0] * k, float(k), *[0.0] * (dim - k - 1)])))
    if dim > 1:
        found[1] = -found[1]
    for row, column in combinations(range(dim), 2):
        matrix = np.zeros((dim, dim))
        matrix[row, column] = matrix[column, row] = 1 / math.sqrt(2)
        found.append(matrix)
    return np.array(found)


def _unit(vector: Sequence[float]) -> Float[np.ndarray, "d"]:
    return np.array(vector) / np.linalg.norm(vector)


COVARIANCES = Space(log_coordinates, covariance_from_log)
"""Where covariances move."""

VARIANCES = Space(lambda variance: log_coordinates((variance,)), lambda point: covariance_from_log(point)[0])
"""Where variances move."""
