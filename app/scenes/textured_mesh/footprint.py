"""Footprints: what a pixel averages over, in the domain of the texture, and where many samples stand in for it."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from scipy.special import ndtri
from torch import Tensor

from fieldcore.signals import SignalFacts
from fieldcore.signals.texture import domain_by_uv

from .controls import PIXEL_VARIANCE, PixelFilter


def footprint_covariances(
    jacobian: Float[Tensor, "n 2 2"],
    facts: SignalFacts,
    pixel_filter: PixelFilter = "gaussian",
    variance: float = 0.0,
) -> Float[Tensor, "n 2 2"]:
    """The covariance ``J P J^T + variance I`` of each pixel's footprint, in squared domain units.

    Args:
        jacobian: derivatives of the sheet's u and v (rows) by pixel, to the right and down (columns).
        facts: of the texture, which say where in the domain the sheet lies.
        pixel_filter: whose covariance is P, in squared pixels.
        variance: added to each footprint along every direction.
    """
    in_domain = jacobian.new_tensor(domain_by_uv(facts))[:, None] * jacobian
    covariance = PIXEL_VARIANCE[pixel_filter] * (in_domain @ in_domain.mT)
    return covariance + variance * torch.eye(2, dtype=jacobian.dtype, device=jacobian.device)


def sample_offsets_px(count: int, pixel_filter: PixelFilter = "gaussian") -> Float[np.ndarray, "count"]:
    """Places along one axis, in pixels from the centre, that together stand in for the pixel filter.

    The middles of as many strata of equal probability: of a normal density, or of a uniform one for a box. Of all
    places of equal weight these have the cumulative distribution nearest to the filter's, in the least squares, so
    that averages over an edge that may be anywhere are as right as they can be. They are spread a little less than the
    filter; to spread them as far would make up for its tails near its centre, and blur.
    """
    return _QUANTILES[pixel_filter]((np.arange(count) + 0.5) / count)


_QUANTILES = {
    "gaussian": lambda middles: math.sqrt(PIXEL_VARIANCE["gaussian"]) * ndtri(middles),
    "box": lambda middles: middles - 0.5,
}
"""Inverse cumulative distributions."""
