"""Rays followed to a surface: a quick search on a dense copy of the distance, then a band of exact samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from ..radiance.rendering import Rays
from .surface_losses import MASK_SLOPE, numerical_gradient, stencil
from .surface_rays import box_interval, first_crossings, mean_of_ends, ray_weights

_BAND_IN_SHARPNESS, _BAND_IN_STEPS = 4.5, 1.5
"""Half of a band: so many times 1 / sharpness, and so many steps of the geometry."""

_LEAST_WEIGHT = 1e-3
"""What features are divided by where a ray hardly meets the surface."""


@runtime_checkable
class Geometry(Protocol):
    """A signed distance with features.

    Attributes:
        step: in domain units, over which differences are its gradient.
    """

    step: float

    def distance(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Signed distances at points."""

    def distance_and_features(self, x: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n"], Float[Tensor, "n f"]]:
        """Both at points."""


@dataclass(frozen=True)
class Search:
    """Where rays look for the surface first.

    Attributes:
        volume: the distance at vertices over [-1, 1]^3, its axes z, y, x.
        bounds: the least and the greatest corner of what holds the surface.
        samples: along each ray.
    """

    volume: Float[Tensor, "n n n"]
    bounds: Float[Tensor, "2 3"]
    samples: int


@dataclass(frozen=True)
class SurfaceSeen:
    """What rays see of a surface.

    Attributes:
        t: expected distance along each ray.
        points: there, without a gradient.
        crossed: whether the search has found a crossing.
        nearest: the least distance along a ray, negative where it goes through the surface; where its band only grazes
            it but the ray goes through farther on, that of the search, which has no gradient.
        features: composited along the ray, and divided by what they weigh together.
        gradients, laplacians: of the distance at ``points``, by differences.
        slope: of a silhouette that is as wide as a pixel there.
    """

    t: Float[Tensor, "r"]
    points: Float[Tensor, "r 3"]
    crossed: Bool[Tensor, "r"]
    nearest: Float[Tensor, "r"]
    features: Float[Tensor, "r f"]
    gradients: Float[Tensor, "r 3"]
    laplacians: Float[Tensor, "r"]
    slope: Float[Tensor, "r"]

    @property
    def normals(self) -> Float[Tensor, "r 3"]:
        """Of length 1, outwards."""
        return F.normalize(self.gradients, dim=1)

    @property
    def alpha(self) -> Float[Tensor, "r"]:
        """How much of a pixel the surface covers: as silhouettes are trained."""
        return torch.sigmoid(-self.slope * self.nearest)


def volume_at(volume: Float[Tensor, "n n n"], x: Float[Tensor, "m 3"]) -> Float[Tensor, "m"]:
    """Values over [-1, 1]^3, given at vertices, linear between them; beyond the cube those of its sides."""
    return F.grid_sample(volume[None, None], x[None, None, None], padding_mode="border", align_corners=True)[0, 0, 0, 0]


def see_surface(
    geometry: Geometry,
    search: Search,
    rays: Rays,
    sharpness: float,
    intervals: int,
    generator: torch.Generator | None = None,
) -> SurfaceSeen:
    """Follow rays to a surface.

    Args:
        geometry: what the gradients are for.
        search: a copy of its distance, which may be some steps old.
        rays: in domain units.
        sharpness: of NeuS's weights.
        intervals: of a ray's band.
        generator: moves samples by a random part of an interval; without one they lie in the middle.
    """
    with torch.no_grad():
        t, crossed, least = _found(search, rays, generator)
        half = _BAND_IN_SHARPNESS / sharpness + _BAND_IN_STEPS * geometry.step
        ends = (torch.arange(intervals + 1, device=t.device) + _moved(t, generator) - 0.5) * (2 / intervals) - 1
        ts = t[:, None] + half * ends
    x = rays.origins[:, None] + ts[..., None] * rays.directions[:, None]
    distances, features = geometry.distance_and_features(x.flatten(0, 1))
    distances, features = distances.view(ts.shape), features.view(*ts.shape, -1)
    weights = ray_weights(distances, sharpness)
    total = weights.sum(1, keepdim=True).clamp_min(_LEAST_WEIGHT)
    at_samples = mean_of_ends(weights / total)
    with torch.no_grad():
        depth = torch.where(total[:, 0] > 0.5, (at_samples * ts).sum(1), t)
        points = rays.origins + depth[:, None] * rays.directions
    around = geometry.distance(stencil(points, geometry.step).flatten(0, 1)).view(-1, 7)
    nearest = distances.amin(1)
    return SurfaceSeen(
        depth,
        points,
        crossed,
        torch.where(least < nearest - geometry.step, least, nearest),
        (at_samples[..., None] * features).sum(1),
        *numerical_gradient(around, geometry.step),
        MASK_SLOPE / (rays.spread * depth).clamp_min(1e-6),
    )


def _found(
    search: Search, rays: Rays, generator: torch.Generator | None
) -> tuple[Float[Tensor, "r"], Bool[Tensor, "r"], Float[Tensor, "r"]]:
    """Where rays cross the surface in the search's volume, whether they do, and the least distance along each.

    Those that miss its bounds are nearest to its middle.
    """
    near, far = box_interval(rays.origins, rays.directions, *search.bounds)
    missed = far <= near
    middle = ((search.bounds.mean(0) - rays.origins) * rays.directions).sum(1)
    near, far = torch.where(missed, middle, near), torch.where(missed, middle, far)
    steps = (torch.arange(search.samples, device=near.device) + _moved(near, generator)) / search.samples
    t = torch.lerp(near[:, None], far[:, None], steps)
    x = rays.origins[:, None] + t[..., None] * rays.directions[:, None]
    distances = volume_at(search.volume, x.flatten(0, 1)).view(t.shape)
    found = first_crossings(t, distances)
    return found.t, found.crossed & ~missed, distances.amin(1)


def _moved(like: Float[Tensor, "r"], generator: torch.Generator | None) -> Float[Tensor, "r 1"]:
    if generator is None:
        return like.new_full((len(like), 1), 0.5)
    return torch.rand((len(like), 1), generator=generator, device=like.device, dtype=like.dtype)
