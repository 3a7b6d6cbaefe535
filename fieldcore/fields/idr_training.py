"""IDR's own recipe for a surface that is a network: rays traced to it, and a point that moves as the surface does.

Source: L. Yariv, Y. Kasten, D. Moran, M. Galun, M. Atzmon, R. Basri, Y. Lipman, Multiview Neural Surface Reconstruction
by Disentangling Geometry and Appearance, NeurIPS 2020. Rays are traced in the domain's cube, not in the unit sphere,
beyond which parts of an object would be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from ..radiance.rendering import Rays
from .network_geometry import NetworkGeometry
from .surface_losses import eikonal_loss
from .surface_rays import box_interval, surface_point

if TYPE_CHECKING:
    from .surface import Surface

Distance = Callable[[Tensor], Tensor]

_TRACED_STEPS, _CLOSE = 10, 5e-5
_STEPS_BACK = 3
_SAMPLES, _SECANT_STEPS = 100, 8
_SLOPE, _DOUBLED_AT = 50.0, (0.125, 0.25, 0.375, 0.5, 0.625)
"""Of silhouettes, and the shares of the schedule from which on it is twice as steep."""


@dataclass(frozen=True)
class Traced:
    """Where rays meet a surface.

    Attributes:
        t: along each ray, of the crossing; else where the distance is least.
        crossed: whether there is a crossing.
        least: along each ray, where the distance is least among random samples.
    """

    t: Float[Tensor, "r"]
    crossed: Bool[Tensor, "r"]
    least: Float[Tensor, "r"]


def idr_losses(
    field: Surface, rays: Rays, pixels: Float[Tensor, "r 4"], generator: torch.Generator
) -> dict[str, Float[Tensor, ""]]:
    """IDR's losses: colours of rays that hit the object, silhouettes of all others, and that the distance is one.

    Args:
        field: in training; its geometry is a network.
        rays: as its cameras have them by now.
        pixels: of each ray, colours times alpha and alpha.
        generator: of samples along rays, and of points in the cube.
    """
    geometry = field.geometry
    assert isinstance(geometry, NetworkGeometry)
    found = traced(geometry.distance, rays, generator)
    inside, count = pixels[:, 3] > 0.5, len(pixels)
    coloured = found.crossed & inside
    t = torch.where(coloured, found.t, found.least)
    points = rays.origins + t[:, None] * rays.directions
    colours = _colours(field, geometry, rays, points, t, coloured)
    wanted = pixels[coloured, :3] / pixels[coloured, 3:]
    slope = _SLOPE * 2 ** sum(field.share_done >= share for share in _DOUBLED_AT)
    outlines = -slope * geometry.distance(points[~coloured])
    anywhere = 2 * torch.rand((count // 2, 3), generator=generator, device=points.device) - 1
    gradients = geometry.gradient(torch.cat([anywhere, points.detach()]))
    return {
        "colour": 2 * (colours - wanted).abs().sum() / count,  # of colours in [-1, 1], as published
        "mask": field.recipe.mask_weight
        * F.binary_cross_entropy_with_logits(outlines, inside[~coloured].float(), reduction="sum")
        / (slope * count),
        "eikonal": field.recipe.eikonal_weight * eikonal_loss(gradients),
    }


def _colours(
    field: Surface,
    geometry: NetworkGeometry,
    rays: Rays,
    points: Float[Tensor, "r 3"],
    t: Float[Tensor, "r"],
    coloured: Bool[Tensor, "r"],
) -> Float[Tensor, "c 3"]:
    """Of the rays that hit the object, from points that move with the surface and the cameras."""
    origins, directions, there = rays.origins[coloured], rays.directions[coloured], points[coloured]
    slopes = geometry.gradient(there.detach()).detach()
    x = surface_point(origins, directions, t[coloured], geometry.distance(there), slopes)
    features = geometry.distance_and_features(x)[1]
    colours: Tensor = field.look(features, F.normalize(geometry.gradient(x), dim=1), directions)
    return colours


@torch.no_grad()
def traced(distance: Distance, rays: Rays, generator: torch.Generator) -> Traced:
    """Follow rays to a surface in [-1, 1]^3 by sphere tracing, and where that does not end by samples and secants.

    Args:
        distance: signed, at points.
        rays: in domain units.
        generator: of the samples where the distance is least.
    """
    corner = torch.ones(3, device=rays.origins.device)
    near, far = box_interval(rays.origins, rays.directions, -corner, corner)
    meets = far > near

    def at(t: Float[Tensor, "r k"]) -> Float[Tensor, "r k"]:
        x = rays.origins[:, None] + t[..., None] * rays.directions[:, None]
        return distance(x.flatten(0, 1)).view(t.shape)

    t, converged = _sphere_traced(at, near, far)
    sampled, crossed = _first_sample(at, near, far)
    share = torch.rand((len(near), _SAMPLES), generator=generator, device=near.device)
    random = near[:, None] + share * (far - near)[:, None]
    least = random.gather(1, at(random).argmin(1, keepdim=True))[:, 0]
    middle = -(rays.origins * rays.directions).sum(1)  # nearest to the origin
    least = torch.where(meets, least, middle)
    crossed = (converged | crossed) & meets
    return Traced(torch.where(converged, t, torch.where(crossed, sampled, least)), crossed, least)


def _sphere_traced(
    at: Distance, near: Float[Tensor, "r"], far: Float[Tensor, "r"]
) -> tuple[Float[Tensor, "r"], Bool[Tensor, "r"]]:
    """From both ends of rays at once, as the two must not pass each other; where the near end stops, and if it does."""
    t = torch.stack([near, far], 1)
    ways = t.new_tensor([1.0, -1.0])
    f = at(t)
    for _ in range(_TRACED_STEPS):
        under_way = (f.abs() > _CLOSE) & (t[:, :1] < t[:, 1:])
        step = torch.where(under_way, ways * f, torch.zeros_like(f))
        t = t + step
        f = at(t)
        for back in range(_STEPS_BACK):
            beyond = under_way & (f < 0)
            if not bool(beyond.any()):
                break
            t = torch.where(beyond, t - step / 2 ** (back + 1), t)
            f = at(t)
    return t[:, 0], (f[:, 0].abs() <= _CLOSE) & (t[:, 0] < t[:, 1])


def _first_sample(
    at: Distance, near: Float[Tensor, "r"], far: Float[Tensor, "r"]
) -> tuple[Float[Tensor, "r"], Bool[Tensor, "r"]]:
    """The first change of sign among even samples, made exact by secants; and whether there is one."""
    even = torch.lerp(near[:, None], far[:, None], torch.linspace(0, 1, _SAMPLES, device=near.device))
    f = at(even)
    inside = f <= 0
    second = inside.to(torch.int8).argmax(1, keepdim=True).clamp_min(1)
    low, high = even.gather(1, second - 1), even.gather(1, second)
    f_low, f_high = f.gather(1, second - 1), f.gather(1, second)
    t = high
    for _ in range(_SECANT_STEPS):
        t = low + (high - low) * (f_low / (f_low - f_high).clamp_min(1e-12)).clamp(0, 1)
        f_t = at(t)
        is_low = f_t > 0
        low, f_low = torch.where(is_low, t, low), torch.where(is_low, f_t, f_low)
        high, f_high = torch.where(is_low, high, t), torch.where(is_low, f_high, f_t)
    return t[:, 0], inside.any(1) & ~inside[:, 0]
