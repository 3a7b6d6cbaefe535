"""The filters that scores are quoted for."""

from __future__ import annotations

import torch

from .filters import Gaussian
from .sampling import random_covariances

VARIANCES = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
"""The standard variances, in squared domain units."""

COVARIANCE_COUNT = 20


def standard_filters() -> list[Gaussian]:
    """One isotropic Gaussian for each of the five standard variances, 0 to 1e-1 squared domain units.

    Example:
        >>> len(standard_filters())
        5
    """
    return [Gaussian(variance) for variance in VARIANCES]


def covariance_filters(seed: int = 0, dim: int = 2, count: int = COVARIANCE_COUNT) -> list[Gaussian]:
    """A fixed set of covariances: eigenvalues log-uniform in 1e-5..1e-1, random orientation.

    Args:
        seed: of the set.
        dim: number of dimensions; see ``SignalFacts.smoothed_axes``.
        count: of covariances.

    Example:
        >>> covariance_filters()[0].covariance(2).shape
        torch.Size([2, 2])
    """
    generator = torch.Generator().manual_seed(seed)
    exponents = -5 + 4 * torch.rand(count, dim, generator=generator, dtype=torch.float64)
    return [Gaussian(matrix) for matrix in random_covariances(exponents, generator)]
