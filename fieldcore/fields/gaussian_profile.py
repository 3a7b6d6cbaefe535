"""Gaussians along the axes as piecewise polynomial kernels, which they are nearly."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..filters import Gaussian, Kernel, Profile
from ..filters.filter import positive_sqrt

HALF_SIZE_DEVIATIONS = 3.751664363297426
"""Half size of the kernel in standard deviations."""

_KNOTS = (0.03860832276225412, 0.25790506898696436, 0.6970765655495529, 1.0)
"""Distances of its knots from the middle, in half sizes.

With the half size and the last weight, found by Nelder and Mead for the least difference of the Fourier transforms,
weighted by 1/f as pictures' spectra fall."""

_LAST_WEIGHT = 1.0388863582568024

_ASKEW = 1e-7  # of the largest variance


@lru_cache(maxsize=1)
def gaussian_profile() -> Profile:
    """The kernel of 8 Diracs and degree 2 near a Gaussian: of its mass and variance, 0.3 % off at most.

    Photographs that it filters are 76 dB or more from those under the Gaussian.
    """
    knots = np.array(_KNOTS)
    # Antisymmetric weights, so that what is left to say is that it ends, its mass and its variance.
    system = knots[:3] ** np.array([[1], [3], [5]])
    wanted = np.array([0.0, 3.0, 30 / HALF_SIZE_DEVIATIONS**2]) - _LAST_WEIGHT
    weights = np.append(np.linalg.solve(system, wanted), _LAST_WEIGHT)
    return Profile(2, np.concatenate([-knots[::-1], knots]), np.concatenate([weights[::-1], -weights]))


def as_kernel(gaussian: Gaussian, dim: int) -> Kernel:
    """The kernel near a Gaussian along the axes; what lies off its covariance's diagonal is left out."""
    deviations = positive_sqrt(gaussian.covariance(dim).double().diagonal(dim1=-2, dim2=-1))
    return Kernel(gaussian_profile(), HALF_SIZE_DEVIATIONS * deviations)


def along_a_line(
    gaussian: Gaussian, finest: float
) -> tuple[Kernel, Float[Tensor, "*n 2"], Float[Tensor, "k"], Float[Tensor, "k"]]:
    """Gaussians of any direction in 2-D as means along a line of the kernels near to Gaussians along the axes.

    With the correlation ``r``, a covariance is its diagonal times ``1 - |r|`` and the outer product of a vector.

    Args:
        gaussian: one for all points, or one a point.
        finest: distance of two nodes below which nothing is gained, in domain units, such as half a pixel.

    Returns:
        the kernel, the vector, how many vectors each node lies away, and what it is worth.
    """
    covariance = gaussian.covariance(2).double()
    variances = covariance.diagonal(dim1=-2, dim2=-1)
    deviations, across = positive_sqrt(variances), covariance[..., 0, 1]
    share = (across.abs() / deviations.prod(-1).clamp_min(1e-300)).clamp(0, 1)
    vector = deviations * share.sqrt()[..., None]
    vector = torch.stack([vector[..., 0], vector[..., 1] * across.sign()], -1)
    kernel = as_kernel(Gaussian.unchecked((variances * (1 - share)[..., None]).diag_embed()), 2)
    most = float(share.max()) if share.numel() else 0.0
    longest = float(vector.norm(dim=-1).max()) if share.numel() else 0.0
    step = _CLOSE * ((1 - most) / (2 * most)) ** 0.5 if most > 0 else _WIDEST
    step = min(_WIDEST, max(step, finest / max(longest, 1e-300), _REACH / _MOST_NODES))
    count = math.ceil(_REACH / step) if most > 0 else 0
    nodes = step * torch.arange(-count, count + 1, dtype=torch.float64)
    weights = (-nodes.square() / 2).exp()
    return kernel, vector, nodes, weights / weights.sum()


_REACH, _WIDEST, _CLOSE, _MOST_NODES = 4.5, 0.8, 1.2, 64
"""Of nodes, in deviations: how far they reach, and their steps, at most, in deviations of what is left along the axes;
how many there are at most to either side."""


def is_askew(gaussian: Gaussian, dim: int) -> bool:
    """Whether the principal axes are not those of the coordinates."""
    if gaussian.isotropic:
        return False
    covariance = gaussian.covariance(dim).detach()
    variances = covariance.diagonal(dim1=-2, dim2=-1)
    off_diagonal = (covariance - variances.diag_embed()).abs().amax((-2, -1))
    return bool((off_diagonal > _ASKEW * variances.amax(-1)).any())
