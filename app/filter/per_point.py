"""Filters that differ from point to point: more variance on top of one, or sizes as a map says."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from fieldcore.filters import Filter, Gaussian, Kernel
from fieldcore.size_map import sizes_along, sizes_of

_DEVIATIONS = 3.0
"""In a half size: of the B-spline of degree 2, whose variance stands for that of kernels whose parts cancel, too."""


def widened(filter: Filter, variance: Float[Tensor, "*n"], axes: Sequence[int], dim: int) -> Filter:
    """The filter with so much more variance along some axes: exactly of a Gaussian, of a kernel by its half sizes.

    Args:
        filter: for all points, or one a point.
        variance: () or (n), one a point.
        axes: that it is added along.
        dim: number of axes.
    """
    if isinstance(filter, Gaussian):
        return filter + _gaussian(variance, axes, dim)
    assert isinstance(filter, Kernel)
    if not bool(variance.any()):
        return filter
    lengths = filter.lengths(dim)
    grown = lengths.expand(*variance.shape, dim).clone()
    more = (lengths[..., list(axes)].square() + (_DEVIATIONS**2 * variance)[..., None]).sqrt()
    grown[..., list(axes)] = more.to(grown)
    return Kernel.sum_of(filter.terms, grown)


def mapped(filter: Filter, shares: Float[Tensor, "n"], least: float, dim: int) -> Filter:
    """The filter at every point, its half sizes from ``least`` where the share is 0 to its own where it is 1.

    A Gaussian's half size is three standard deviations, of the geometric mean of its variances.
    """
    if isinstance(filter, Gaussian):
        covariance = filter.covariance(dim)
        most = _DEVIATIONS * float(torch.linalg.det(covariance.double())) ** (0.5 / dim)
        factors = (sizes_of(shares, least, most) / most).square() if most > 0 else torch.ones_like(shares)
        if filter.isotropic:
            return Gaussian.unchecked(filter.variance * factors)
        return Gaussian.unchecked(covariance * factors[:, None, None])
    assert isinstance(filter, Kernel)
    return Kernel.sum_of(filter.terms, sizes_along(shares, least, filter.lengths(dim).tolist()))


def _gaussian(variance: Float[Tensor, "*n"], axes: Sequence[int], dim: int) -> Gaussian:
    if len(axes) == dim:
        return Gaussian.unchecked(variance)
    along = torch.zeros(dim)
    along[list(axes)] = 1
    return Gaussian.unchecked(variance[..., None, None] * torch.diag(along))
