"""What a ray sees of a surface that is a signed distance: where it crosses, and how that place has gradients.

Sources: P. Wang, L. Liu, Y. Liu, C. Theobalt, T. Komura, W. Wang, NeuS: Learning Neural Implicit Surfaces by Volume
Rendering for Multi-view Reconstruction, NeurIPS 2021 (opacities and weights); L. Yariv, Y. Kasten, D. Moran,
M. Galun, M. Atzmon, R. Basri, Y. Lipman, Multiview Neural Surface Reconstruction by Disentangling Geometry and
Appearance, NeurIPS 2020 (the differentiable point).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

_LEAST_SLOPE = 1e-3
"""Least magnitude of a distance's slope along a ray, below which the ray grazes and its point stays put."""


def opacities(distances: Float[Tensor, "r k"], sharpness: float) -> Float[Tensor, "r i"]:
    """NeuS's opacity of each interval between samples of a ray: ``clamp((S_k - S_(k+1)) / S_k, 0, 1)``.

    Args:
        distances: signed, at samples in the order of the ray; ``S_k = sigmoid(sharpness * distance_k)``.
        sharpness: 1 over a length in domain units; the width of what counts as surface is a few of it.
    """
    return -torch.expm1(_log_transmittances(distances, sharpness))


def ray_weights(distances: Float[Tensor, "r k"], sharpness: float) -> Float[Tensor, "r i"]:
    """What each interval adds to a ray's colour: its opacity times what all before it let through.

    Together they are ``1 - S_last / S_first`` where distances fall all along.

    Example:
        >>> ray_weights(torch.linspace(1, -1, 5)[None], 100.0).round(decimals=3)
        tensor([[0.0000, 0.5000, 0.5000, 0.0000]])
    """
    through = _log_transmittances(distances, sharpness).cumsum(1).exp()
    before = torch.cat([torch.ones_like(through[:, :1]), through[:, :-1]], 1)
    return before - through


def _log_transmittances(distances: Float[Tensor, "r k"], sharpness: float) -> Float[Tensor, "r i"]:
    """Logarithm of what each interval lets through, exact also where S itself is 0 to rounding."""
    return F.logsigmoid(sharpness * distances).diff(dim=1).clamp_max(0)


def mean_of_ends(weights: Float[Tensor, "r i"]) -> Float[Tensor, "r k"]:
    """Weights of intervals as weights of samples, each interval's values being the mean of those at its two ends."""
    ends = F.pad(weights, (1, 1))
    return (ends[:, 1:] + ends[:, :-1]) / 2


@dataclass(frozen=True)
class Crossings:
    """Where rays meet a surface first.

    Attributes:
        t: along each ray; where nothing is crossed, where the distance is least.
        crossed: whether there is a crossing.
    """

    t: Float[Tensor, "r"]
    crossed: Bool[Tensor, "r"]


def first_crossings(t: Float[Tensor, "r k"], distances: Float[Tensor, "r k"]) -> Crossings:
    """The first change from outside to inside along each ray, the distance taken as linear between samples.

    A ray that begins inside is there at once.
    """
    inside = distances <= 0
    crossed = inside.any(1)
    second = inside.to(torch.int8).argmax(1)[:, None]  # the first of several
    first = (second - 1).clamp_min(0)
    outer, inner = distances.gather(1, first), distances.gather(1, second)
    share = torch.where(outer > inner, outer / (outer - inner), torch.zeros_like(outer)).clamp(0, 1)
    at = torch.lerp(t.gather(1, first), t.gather(1, second), share)
    nearest = t.gather(1, distances.argmin(1, keepdim=True))
    return Crossings(torch.where(crossed[:, None], at, nearest)[:, 0], crossed)


def box_interval(
    origins: Float[Tensor, "r 3"],
    directions: Float[Tensor, "r 3"],
    lower: Float[Tensor, "3"],
    upper: Float[Tensor, "3"],
) -> tuple[Float[Tensor, "r"], Float[Tensor, "r"]]:
    """Where rays enter and leave a box; they miss it where that is no later than they enter."""
    inverse = 1 / torch.where(directions.abs() < 1e-12, directions.new_full((), 1e-12), directions)
    one, other = (lower - origins) * inverse, (upper - origins) * inverse
    near = torch.minimum(one, other).amax(1).clamp_min(0)
    return near, torch.maximum(one, other).amin(1)


def surface_point(
    origins: Float[Tensor, "r 3"],
    directions: Float[Tensor, "r 3"],
    t: Float[Tensor, "r"],
    distances: Float[Tensor, "r"],
    normals: Float[Tensor, "r 3"],
) -> Float[Tensor, "r 3"]:
    """IDR's differentiable point of rays on a surface: ``o + t v`` in value, and as the surface or the camera moves.

    ``t - (f - f0) / (n0 . v0)``, what has the index 0 without a gradient, is the crossing to first order.

    Args:
        origins: of the rays.
        directions: of length 1.
        t: where the rays cross; it needs no gradient.
        distances: the field at the crossings as they are now, with gradients for its weights, and for origins and
            directions where these have some.
        normals: the field's gradient there.
    """
    slope = (normals.detach() * directions.detach()).sum(1)
    slope = torch.where(slope.abs() < _LEAST_SLOPE, slope.new_full((), torch.inf), slope)
    moved = t.detach() - (distances - distances.detach()) / slope
    return origins + moved[:, None] * directions
