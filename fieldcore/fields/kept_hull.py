"""The better of a surface and its hull, place by place, by how well photographs agree on either."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..signals.mesh_file import Mesh
from ..signals.sample_pool import SurfaceSampler
from ..views.photo_agreement import photo_agreement
from ..views.views import Views
from .hull_grid import HullGrid
from .surface_losses import numerical_gradient, stencil
from .surface_rendering import volume_at

POINTS = 24_000
"""Of the surface, at which photographs are compared."""

_WORSE, _WIDTH = 0.003, 0.003
"""By how much photographs must agree worse on the surface, and the difference over which it then becomes the hull: a
trained surface is nearly always the better one, and small differences are noise."""

_NEIGHBOURS = 48
_CELLS = 64
_REACH = 0.1
"""Domain units from the surface within which its values are those of the points beside them."""


class KeptHull(NamedTuple):
    """What was kept.

    Attributes:
        share: of the surface's points where the hull is rather kept.
        points: on the surface.
        gain: of each, by how much photographs agree better on the surface than on the hull; NaN where unknown.
    """

    share: float
    points: Float[Tensor, "n 3"]
    gain: Float[Tensor, "n"]


@torch.no_grad()
def keep_better(geometry: HullGrid, surface: Mesh, views: Views, seed: int = 0) -> KeptHull:
    """Take back what levels add to the hull where photographs agree better on the hull.

    A point of the surface and the hull's nearest are looked up in all photographs that show them. The difference of
    their spreads, averaged over neighbours, says what share of the levels' distances stays there.

    Args:
        geometry: to be changed.
        surface: its mesh, in domain units.
        views: that it was trained on.
        seed: of the points.
    """
    found = SurfaceSampler(surface.vertices, surface.triangles)(POINTS, np.random.default_rng(seed))
    points = torch.from_numpy(found).to(geometry.hull)
    own = _agreed(geometry.distance_at_many, points, geometry.step, views, geometry.dense())
    of_hull = _agreed(lambda x: volume_at(geometry.hull, x), points, geometry.step, views, geometry.hull)
    gain = of_hull - own
    stays = _spread_out(points, gain)
    for grid, distances in zip(geometry.grids, geometry.distances, strict=True):
        shares = volume_at(stays, grid.vertices().to(stays))[:, None]
        if grid.numbers is None:
            distances.mul_(shares)
        else:
            rows = grid.numbers.long()
            distances[rows[rows > 0]] *= shares[rows > 0]
    return KeptHull(float((volume_at(stays, points) < 0.5).float().mean()), points, gain)


def _agreed(
    distance: Callable[[Tensor], Tensor], points: Float[Tensor, "n 3"], step: float, views: Views, volume: Tensor
) -> Float[Tensor, "n"]:
    """The photographs' spread at the surface's places nearest to points."""
    normals = torch.zeros_like(points)
    for _ in range(2):
        gradient, _ = numerical_gradient(distance(stencil(points, step).flatten(0, 1)).view(-1, 7), step)
        normals = torch.nn.functional.normalize(gradient, dim=1)
        points = points - distance(points)[:, None] * normals
    return photo_agreement(points, normals, views.training, volume).spread


def _spread_out(points: Float[Tensor, "n 3"], gain: Float[Tensor, "n"]) -> Float[Tensor, "m m m"]:
    """The share of the levels that stays, at vertices over [-1, 1]^3, the axes z, y, x; 1 far from all points."""
    from scipy.spatial import cKDTree

    known = ~gain.isnan()
    stays = torch.ones([_CELLS + 1] * 3)
    if int(known.sum()) < _NEIGHBOURS:
        return stays.to(gain)
    axis = np.linspace(-1, 1, _CELLS + 1)
    vertices = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)[:, ::-1]
    tree = cKDTree(points[known].cpu().numpy())
    away, nearest = tree.query(vertices, k=_NEIGHBOURS, distance_upper_bound=_REACH)
    near = np.isfinite(away).all(1)
    mean = gain[known].cpu()[torch.from_numpy(nearest[near])].mean(1)
    stays.view(-1)[torch.from_numpy(near)] = (1 + (mean + _WORSE) / _WIDTH).clamp(0, 1)
    return stays.to(gain)
