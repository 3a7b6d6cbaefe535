"""Where photographs agree: how far the colours are apart that they show of the same points of a surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .view import View

FEWEST_SEEING = 2
"""Photographs that must show a point for them to agree on it or not."""

_LEAST_COSINE = 0.25
"""Between the normal and the way to the camera: what is seen more aslant is smeared over too few pixels."""

_OUTLIER = 0.25
"""Difference in brightness from where on a colour is simply another one: of what hides the point, as a rule."""

_STEPS = 24
"""Towards the camera, at most, until nothing hides the point."""


@dataclass(frozen=True)
class Agreement:
    """How photographs agree on points.

    Attributes:
        spread: mean difference of the colours from their median, in [0, 0.25] of the range from black to white; NaN
            where fewer than two photographs show the point.
        seen_by: photographs that show it.
    """

    spread: Float[Tensor, "n"]
    seen_by: Int[Tensor, "n"]


@torch.no_grad()
def photo_agreement(
    points: Float[Tensor, "n 3"],
    normals: Float[Tensor, "n 3"],
    views: Sequence[View],
    distances: Float[Tensor, "m m m"],
) -> Agreement:
    """How far photographs are apart on points of a surface.

    Args:
        points: on the surface, in domain units.
        normals: of length 1, outwards.
        views: the photographs with their cameras; pixels outside masks show nothing.
        distances: of the surface, signed, at vertices over [-1, 1]^3, the axes z, y, x: what hides points.

    Example:
        agreement = photo_agreement(points, normals, views.training, field.geometry.dense())
        print(float(agreement.spread.nanmean()))
    """
    colours, seen = [], []
    for view in views:
        shown, colour = _in_view(points, normals, view, distances)
        colours.append(torch.where(shown[:, None], colour, torch.nan))
        seen.append(shown)
    of_views = torch.stack(colours)
    apart = (of_views - of_views.nanmedian(0).values).abs().mean(2).clamp_max(_OUTLIER)
    seen_by = torch.stack(seen).sum(0)
    return Agreement(torch.where(seen_by >= FEWEST_SEEING, apart.nanmean(0), torch.nan), seen_by)


def _in_view(
    points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], view: View, distances: Float[Tensor, "m m m"]
) -> tuple[Bool[Tensor, "n"], Float[Tensor, "n 3"]]:
    """Whether a photograph shows each point, and in which colour, linear between pixels."""
    camera = view.camera
    way = camera.centre.to(points) - points
    far = way.norm(dim=1, keepdim=True)
    shown = (way / far * normals).sum(1) > _LEAST_COSINE
    places, depth = camera.project(points)
    size = places.new_tensor([camera.width, camera.height])
    shown &= (depth > 0) & (places > 0).all(1) & (places < size).all(1)
    chosen = shown.nonzero()[:, 0]
    pixels = view.pixels().to(points).permute(2, 0, 1)[None]
    at = (2 * places[chosen] / size - 1)[None, None]
    found = F.grid_sample(pixels, at, padding_mode="border", align_corners=False)[0, :, 0].T
    inside = found[:, 3] > 0.5
    chosen, found = chosen[inside], found[inside]
    free = ~_hidden(points[chosen], normals[chosen], (way / far)[chosen], distances)
    colours, seen = torch.zeros_like(points), torch.zeros_like(shown)
    colours[chosen[free]] = found[free, :3] / found[free, 3:]
    seen[chosen[free]] = True
    return seen, colours


def _hidden(
    points: Float[Tensor, "n 3"],
    normals: Float[Tensor, "n 3"],
    ways: Float[Tensor, "n 3"],
    distances: Float[Tensor, "m m m"],
) -> Bool[Tensor, "n"]:
    """Whether the surface lies between points and where they are seen from: by sphere tracing away from them."""
    cell = 2 / (len(distances) - 1)
    start = points + 1.5 * cell * normals
    along = start.new_full((len(start),), cell)
    hidden = torch.zeros_like(along, dtype=torch.bool)
    under_way = torch.arange(len(start), device=start.device)
    for _ in range(_STEPS):
        here = start[under_way] + along[under_way, None] * ways[under_way]
        there = F.grid_sample(distances[None, None], here[None, None, None], align_corners=True, padding_mode="border")
        distance = there[0, 0, 0, 0]
        hidden[under_way] = distance < 0
        along[under_way] += distance.clamp_min(cell)
        under_way = under_way[(distance >= 0) & (here.abs() <= 1).all(1)]
        if len(under_way) == 0:
            break
    return hidden
