"""What a surface is trained by: colours, silhouettes, distances that are distances, and smoothness."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

MASK_SLOPE = 4.0
"""Of the silhouette's sigmoid, over one pixel."""

NEAREST_RANGE = (-0.02, 0.04)
"""Domain units that a ray's least distance is clamped to: what is farther inside or outside is right already."""


def colour_loss(
    colours: Float[Tensor, "r 3"], pixels: Float[Tensor, "r 3"], alpha: Float[Tensor, "r"]
) -> Float[Tensor, ""]:
    """Mean over rays of ``|alpha c - pixel|_1``, the pixel's colours times alpha being given.

    The photograph's own alpha, never the rendered opacity: else wrong colours would be paid for with holes.
    """
    return (alpha[:, None] * colours - pixels).abs().sum(1).mean()


def mask_loss(nearest: Float[Tensor, "r"], alpha: Float[Tensor, "r"], slope: float | Tensor) -> Float[Tensor, ""]:
    """Cross entropy between alpha and ``sigmoid(-slope f)``, f being the least distance along a ray: IDR's form.

    Args:
        nearest: least distances, in domain units.
        alpha: the photograph's.
        slope: 1 over domain units, such that the sigmoid is as wide as a pixel, or as the masks are wrong.
    """
    return F.binary_cross_entropy_with_logits(-slope * nearest, alpha)


def eikonal_loss(gradients: Float[Tensor, "r 3"]) -> Float[Tensor, ""]:
    """Mean of ``(|g| - 1)^2``: a distance rises by one unit a unit of length (Gropp et al. 2020)."""
    return (gradients.norm(dim=1) - 1).square().mean()


def numerical_gradient(distances: Float[Tensor, "r 7"], step: float) -> tuple[Float[Tensor, "r 3"], Float[Tensor, "r"]]:
    """Gradient and Laplacian from values at ``stencil``.

    Differences over a cell reach what several vertices hold, so that neighbours are trained together: analytic
    gradients of grids are constant in a cell and make surfaces rough (Li et al., Neuralangelo, CVPR 2023).
    """
    upper, lower, middle = distances[:, 0:3], distances[:, 3:6], distances[:, 6]
    return (upper - lower) / (2 * step), ((upper + lower).sum(1) - 6 * middle) / step**2


def stencil(x: Float[Tensor, "r 3"], step: float) -> Float[Tensor, "r 7 3"]:
    """A step up along each axis, a step down along each, and the points themselves."""
    axes = step * torch.eye(3, dtype=x.dtype, device=x.device)
    return x[:, None] + torch.cat([axes, -axes, torch.zeros_like(axes[:1])])
