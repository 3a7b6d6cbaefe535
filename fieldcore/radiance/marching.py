"""Rays through the box of a scene, cut into intervals, of which those in empty cells are left out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..fields.surface_rays import box_interval
from .occupancy import OccupancyGrid


@dataclass(frozen=True)
class RaySamples:
    """The samples of rays, one an interval that is not in an empty cell; in order of the rays, and along each ray.

    Attributes:
        ray: (n,) the ray of each sample.
        place: (n,) which of its ray's samples it is, from 0.
        distance: (n,) from the ray's origin, in domain units along the direction.
        length: (n,) of its interval.
        points: (n, 3) where it lies.
        rays: how many rays there are, those without a sample included.
    """

    ray: Int[Tensor, "n"]
    place: Int[Tensor, "n"]
    distance: Float[Tensor, "n"]
    length: Float[Tensor, "n"]
    points: Float[Tensor, "n 3"]
    rays: int

    def by_ray(self, values: Float[Tensor, "n"]) -> Float[Tensor, "r k"]:
        """Values of the samples as a row a ray, 0 where it has no more samples; at least one column."""
        most = int(self.place.max()) + 1 if len(self.place) else 1
        return values.new_zeros(self.rays, most).index_put((self.ray, self.place), values)

    def of_samples(self, rows: Float[Tensor, "r k"]) -> Float[Tensor, "n"]:
        """Back from ``by_ray``."""
        return rows[self.ray, self.place]

    def kept(self, keep: Bool[Tensor, "n"]) -> RaySamples:
        """Only some of the samples, each in the place that it had."""
        ray, place, points = self.ray[keep], self.place[keep], self.points[keep]
        return RaySamples(ray, place, self.distance[keep], self.length[keep], points, self.rays)


def march(
    origins: Float[Tensor, "r 3"],
    directions: Float[Tensor, "r 3"],
    step: float,
    occupancy: OccupancyGrid | None = None,
    *,
    near: float = 0.0,
    noise: Float[Tensor, "r"] | None = None,
) -> RaySamples:
    """Cut what rays have inside the cube [-1, 1]^3 into intervals of one length, the last one as long as is left.

    Args:
        origins: of the rays.
        directions: unit vectors.
        step: an interval's length, in domain units.
        occupancy: whose empty cells are left out: a sample is asked for where its own cell is occupied.
        near: where rays begin.
        noise: in [0, 1) for each ray, where in its intervals the samples are; None is in the middle.

    Returns:
        one sample an interval.
    """
    entry, exit = box_interval(origins, directions, origins.new_full((3,), -1.0), origins.new_ones(3))
    entry = entry.clamp_min(near)
    most = int(((exit - entry).amax() / step).ceil()) if len(entry) else 0
    start = entry[:, None] + step * torch.arange(max(1, most), device=origins.device)
    length = (exit[:, None] - start).clamp(0, step)
    share = 0.5 if noise is None else noise[:, None]
    distance = start + share * length
    wanted = length > 0
    if occupancy is not None:
        wanted &= occupancy.occupied_along(origins, directions, distance)
    ray, _ = indices = wanted.nonzero(as_tuple=True)
    place = (wanted.cumsum(1) - 1)[indices]
    at = distance[indices]
    points = origins[ray] + at[:, None] * directions[ray]
    return RaySamples(ray, place, at, length[indices], points, len(origins))
