"""Sphere tracing: where rays first meet a level set of a signed distance that somebody else evaluates.

A step along a ray as long as the distance at its beginning cannot pass through the surface (Hart, Sphere tracing, The
Visual Computer 12, 1996). Neural fields are not quite distances. So steps are shortened by the field's steepness, which
is sampled beforehand; where values along a ray change faster still, the step is taken back and the ray is trusted less
from then on; and since the sign tells when a ray has gone through, the hit itself is found by regula falsi, which needs
no distance at all.

Whatever needs values is a generator: it yields points (n, 3) and is sent their signed distances (n). ``answered``
drives one with a function; a window lets a worker thread answer, and draws meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, fields
from typing import TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .shape_extent import HALF_EXTENT

Result = TypeVar("Result")
Distance = Callable[[Tensor], Tensor]
"""From points (n, 3) to signed distances (n), negative inside."""

Corner = tuple[float, float, float]

_STEEPNESS_SAMPLES = 512
_STEEPNESS_QUANTILE = 0.98
_LEAST_STEEPNESS = 1e-2
_MOST_REFINEMENTS = 40
_SILHOUETTE_REACHES = 7
"""Beyond a hit a ray is looked at 1, 2, 4 ... pixels further, to see whether it only grazes the shape."""


@dataclass(frozen=True, eq=False)
class Hits:
    """Where rays meet the surface.

    Attributes:
        t: in multiples of the ray's direction, inf where it is missed.
        hit: whether it is met.
        normals: unit vectors, on the side that the ray comes from; where the box cuts a shape open, the box's; 0 where
            missed.
        coverage: share of the ray's pixel that what it meets covers, from how deeply the ray dips in and how closely
            it has passed by something before: at least one half. Where the surface is missed, the share below one half
            that it covers nonetheless. 1 or 0 where no pixel was given.
    """

    t: Float[Tensor, "n"]
    hit: Bool[Tensor, "n"]
    normals: Float[Tensor, "n 3"]
    coverage: Float[Tensor, "n"]


@dataclass(frozen=True)
class Stepping:
    """How carefully rays are followed.

    Attributes:
        safety: share of the distance, divided by the steepness, that a step dares.
        least: length of a step close to the surface, in domain units: thinner parts may be missed.
        longest: of all steps, so that values that are far too large are noticed.
        most: steps of a ray. One that skims along a surface needs many; when half of them are used up, its steps are
            long enough for the rest to reach the end of the box, so that no ray ends on its way.
        tile_rays: rays that are followed together, which bounds the points of one question.
    """

    safety: float = 0.9
    least: float = 2e-3
    longest: float = 0.25
    most: int = 1024
    tile_rays: int = 1 << 15


CAREFUL = Stepping()


def trace(
    distance: Distance,
    origins: Float[Tensor, "n 3"],
    directions: Float[Tensor, "n 3"],
    *,
    level: float = 0.0,
    lower: Corner = (-HALF_EXTENT,) * 3,
    upper: Corner = (HALF_EXTENT,) * 3,
    normal_step: float = 2e-3,
    pixel: float = 0.0,
    steepness: float | None = None,
    stepping: Stepping = CAREFUL,
) -> Hits:
    """Find where rays first meet the surface on which ``distance`` is ``level``.

    A ray that enters the box inside the shape meets it there, as the box cuts it open; one that begins inside the shape
    meets its surface from within.

    Args:
        distance: the field; need not be an exact distance.
        origins: where rays begin.
        directions: where they go, of any length.
        level: the value looked for.
        lower, upper: corners of the box outside which nothing is looked for.
        normal_step: half the step of the central differences that normals come from, in domain units; of a smoothed
            field it may be as long as the smoothing.
        pixel: width of a pixel one direction away from the origin, for coverage; 0 for none.
        steepness: length of the field's gradient, at most; sampled where it is not given.
        stepping: how carefully rays are followed.

    Example:
        >>> origins = torch.tensor([[0.0, 0.0, 2.0], [0.9, 0.0, 2.0]])
        >>> hits = trace(lambda x: x.norm(dim=1) - 0.5, origins, torch.tensor([[0.0, 0.0, -1.0]]).expand(2, 3))
        >>> hits.hit, hits.t
        (tensor([ True, False]), tensor([1.5000,    inf]))
    """
    rays = tracing(
        origins,
        directions,
        level=level,
        lower=lower,
        upper=upper,
        normal_step=normal_step,
        pixel=pixel,
        steepness=steepness,
        stepping=stepping,
    )
    return answered(rays, distance)


def answered(asking: Generator[Tensor, Tensor, Result], distance: Distance) -> Result:
    """What a generator of this module returns when all its questions are answered by a function."""
    try:
        points = next(asking)
        while True:
            points = asking.send(distance(points))
    except StopIteration as end:
        result: Result = end.value
        return result


def tracing(
    origins: Float[Tensor, "n 3"],
    directions: Float[Tensor, "n 3"],
    *,
    level: float = 0.0,
    lower: Corner = (-HALF_EXTENT,) * 3,
    upper: Corner = (HALF_EXTENT,) * 3,
    normal_step: float = 2e-3,
    pixel: float = 0.0,
    steepness: float | None = None,
    stepping: Stepping = CAREFUL,
) -> Generator[Tensor, Tensor, Hits]:
    """``trace`` that asks for distances; tile by tile, and only for rays that are still on their way."""
    if steepness is None:
        steepness = yield from measuring_steepness(lower, upper, normal_step, like=origins)
    tiles = []
    for some_origins, some_directions in zip(
        origins.split(stepping.tile_rays), directions.split(stepping.tile_rays), strict=True
    ):
        rays = _Rays(some_origins, some_directions, lower, upper, level)
        yield from rays.marching(steepness, stepping)
        yield from rays.refining()
        normals = yield from rays.facing(normal_step)
        coverage = yield from rays.covering(pixel, steepness)
        t = torch.where(rays.hit, rays.along / rays.lengths, torch.inf)
        tiles.append(Hits(t, rays.hit, normals, coverage))
    return Hits(*(torch.cat([getattr(tile, part.name) for tile in tiles]) for part in fields(Hits)))


def measuring_steepness(lower: Corner, upper: Corner, step: float, *, like: Tensor) -> Generator[Tensor, Tensor, float]:
    """Ask how steep a field is: the length that hardly any of its gradients in the box exceeds."""
    low, high = like.new_tensor(lower), like.new_tensor(upper)
    shares = torch.quasirandom.SobolEngine(3, scramble=True, seed=0).draw(_STEEPNESS_SAMPLES)
    gradient = yield from gradients(low + (high - low) * shares.to(low), step)
    return max(float(gradient.norm(dim=-1).quantile(_STEEPNESS_QUANTILE)), _LEAST_STEEPNESS)


def gradients(points: Float[Tensor, "n 3"], step: float) -> Generator[Tensor, Tensor, Float[Tensor, "n 3"]]:
    """Ask for central differences over ``2 step`` along each axis."""
    after, before = yield from _around(points, step)
    return (after - before) / (2 * step)


def mean_curvatures(points: Float[Tensor, "n 3"], step: float) -> Generator[Tensor, Tensor, Float[Tensor, "n"]]:
    """Ask for the mean curvature of the level sets through points: 1/r on a sphere of radius r, positive where convex.

    It is half the divergence of the unit normal: ``(Laplacian - second derivative along the normal) / (2 |gradient|)``,
    which for an exact distance is half its Laplacian.
    """
    after, before = yield from _around(points, step)
    gradient = (after - before) / (2 * step)
    length = gradient.norm(dim=-1).clamp_min(_LEAST_STEEPNESS)
    aside = step * gradient / length[:, None]
    here, outward, inward = (yield torch.cat([points, points + aside, points - aside])).reshape(3, -1)
    laplacian = ((after + before).sum(-1) - 6 * here) / step**2
    along_normal = (outward + inward - 2 * here) / step**2
    return (laplacian - along_normal) / (2 * length)


def _around(points: Tensor, step: float) -> Generator[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Ask for the values a step further and a step back along each axis, both (n, 3)."""
    offsets = step * torch.eye(3, dtype=points.dtype, device=points.device)
    beside = points[:, None] + torch.cat([offsets, -offsets])
    values = (yield beside.reshape(-1, 3)).reshape(-1, 6)
    return values[:, :3], values[:, 3:]


class _Rays:
    """A tile of rays on their way. Lengths along a ray are in domain units.

    Attributes:
        along: how far each ray has come; at last, where it meets the surface.
        hit: whether it does.
        side: 1 where the ray began outside the shape, -1 where inside.
        nearest: the least share of the way by which each ray has cleared what it passed by.
    """

    def __init__(self, origins: Tensor, directions: Tensor, lower: Corner, upper: Corner, level: float) -> None:
        self.lengths = directions.norm(dim=-1)
        self._origins, self._directions = origins, directions / self.lengths[:, None]
        self._level = level
        self._near, self._far, self._face = _entered(self._origins, self._directions, lower, upper)
        self.along = self._near.clone()
        self.hit = torch.zeros_like(self.along, dtype=torch.bool)
        self.side = torch.ones_like(self.along)
        self.nearest = torch.full_like(self.along, torch.inf)
        self._is_cut = torch.zeros_like(self.hit)
        # The value where a ray is; of one that has gone through the surface also how far it went, and the value there.
        self._value, self._ahead, self._value_ahead = (torch.zeros_like(self.along) for _ in range(3))

    def marching(self, steepness: float, stepping: Stepping) -> Generator[Tensor, Tensor, None]:
        """Step along all rays until they have gone through the surface or left the box."""
        active = (self._near < self._far).nonzero()[:, 0]
        if not len(active):
            return
        value = yield from self._asking(active, self.along[active])
        self.side[active] = torch.where(value < 0, -1.0, 1.0).to(value)
        inside = active[value < 0]
        self._is_cut[inside] = self._near[inside] > 0
        self.hit |= self._is_cut
        self._value[active] = value.abs()
        active = active[~self._is_cut[active]]
        steep = torch.full_like(self.along, steepness)
        for count in range(stepping.most):
            if not len(active):
                return
            active = yield from self._one_step(active, steep, stepping, stepping.most - count)

    def _one_step(
        self, active: Tensor, steep: Tensor, stepping: Stepping, left: int
    ) -> Generator[Tensor, Tensor, Tensor]:
        """One step of the active rays, which have so many ``left``; returns those that are still on their way."""
        along, before = self.along[active], self._value[active]
        least = torch.full_like(along, stepping.least)
        if 2 * left <= stepping.most:
            least = torch.maximum(least, (self._far[active] - along) / left)
        step = torch.maximum((stepping.safety * before / steep[active]).clamp(max=stepping.longest), least)
        ahead = torch.minimum(along + step, self._far[active])
        value = self.side[active] * (yield from self._asking(active, ahead))
        crossed = value <= 0
        slope = (value - before).abs() / (ahead - along).clamp_min(1e-9)
        hasty = ~crossed & (slope > 1.02 * steep[active]) & (step > least)
        steep[active[hasty]] = 1.1 * slope[hasty]

        found = active[crossed]
        self.hit[found] = True
        self._ahead[found], self._value_ahead[found] = ahead[crossed], value[crossed]
        moved = ~crossed & ~hasty
        self.along[active[moved]], self._value[active[moved]] = ahead[moved], value[moved]
        arrived = moved & (ahead >= self._far[active])
        passed = moved & ((value > before) | arrived)
        cleared = before / (steep[active] * along).clamp_min(1e-9)
        self.nearest[active[passed]] = torch.minimum(self.nearest[active[passed]], cleared[passed])
        return active[~crossed & ~arrived]

    def refining(self) -> Generator[Tensor, Tensor, None]:
        """Close in on the surface between the last two places of each ray that went through.

        Source: the Illinois method; Dowell and Jarratt, A modified regula falsi method, BIT 11, 1971.
        """
        rays = (self.hit & ~self._is_cut).nonzero()[:, 0]
        outside, value_outside = self.along[rays], self._value[rays]
        inside, value_inside = self._ahead[rays], self._value_ahead[rays]
        tolerance = 4 * torch.finfo(self.along.dtype).eps
        for _ in range(_MOST_REFINEMENTS):
            if not len(rays):
                return
            share = value_outside / (value_outside - value_inside).clamp_min(1e-30)
            here = outside + share * (inside - outside)
            self.along[rays] = here
            value = self.side[rays] * (yield from self._asking(rays, here))
            left = (value.abs() > tolerance) & ((inside - outside).abs() > tolerance * (1 + here))
            is_outside = value > 0
            # The end that stays counts for half, or one end would never move.
            value_inside = torch.where(is_outside, value_inside / 2, value)
            value_outside = torch.where(is_outside, value, value_outside / 2)
            inside, outside = torch.where(is_outside, inside, here), torch.where(is_outside, here, outside)
            rays, inside, outside = rays[left], inside[left], outside[left]
            value_inside, value_outside = value_inside[left], value_outside[left]

    def facing(self, step: float) -> Generator[Tensor, Tensor, Tensor]:
        """Ask for the normals of what is hit."""
        normals = torch.zeros_like(self._origins)
        normals[self._is_cut] = self._face[self._is_cut]
        rays = (self.hit & ~self._is_cut).nonzero()[:, 0]
        if len(rays):
            gradient = yield from gradients(self._points(rays, self.along[rays]), step)
            normals[rays] = self.side[rays, None] * torch.nn.functional.normalize(gradient, dim=-1)
        return normals

    def covering(self, pixel: float, steepness: float) -> Generator[Tensor, Tensor, Tensor]:
        """The share of each pixel that the surface covers; asks what lies behind hits."""
        if pixel == 0:
            return self.hit.to(self.along)
        cleared_px = self.nearest * self.lengths / pixel
        # Where the shape is met behind a part of it that the ray has just missed, that part has its share too.
        coverage = torch.where(self.hit, (0.5 + cleared_px).clamp(max=1), (0.5 - cleared_px).clamp(0, 0.49))
        rays = (self.hit & ~self._is_cut).nonzero()[:, 0]
        deepest = torch.zeros_like(self.along)
        for doubling in range(_SILHOUETTE_REACHES):
            if not len(rays):
                break
            width = pixel * self.along[rays] / self.lengths[rays]
            value = self.side[rays] * (yield from self._asking(rays, self.along[rays] + 2.0**doubling * width))
            deepest[rays] = torch.maximum(deepest[rays], -value / (steepness * width))
            left, deep = value > 0, deepest[rays] >= 0.5
            coverage[rays[left]] = torch.minimum(coverage[rays[left]], 0.5 + deepest[rays[left]])
            rays = rays[~left & ~deep]
        return coverage

    def _asking(self, rays: Int[Tensor, "m"], along: Float[Tensor, "m"]) -> Generator[Tensor, Tensor, Tensor]:
        return (yield self._points(rays, along)) - self._level

    def _points(self, rays: Int[Tensor, "m"], along: Float[Tensor, "m"]) -> Float[Tensor, "m 3"]:
        return self._origins[rays] + along[:, None] * self._directions[rays]


def _entered(
    origins: Tensor, directions: Tensor, lower: Corner, upper: Corner
) -> tuple[Float[Tensor, "n"], Float[Tensor, "n"], Float[Tensor, "n 3"]]:
    """Where unit rays enter a box (0 if they begin inside) and leave it; the normal of the face that they enter by."""
    to_lower, to_upper = ((origins.new_tensor(corner) - origins) / directions for corner in (lower, upper))
    # A ray along a face is 0/0 away from it.
    enter = torch.minimum(to_lower, to_upper).nan_to_num(-torch.inf, torch.inf, -torch.inf)
    leave = torch.maximum(to_lower, to_upper).nan_to_num(torch.inf, torch.inf, -torch.inf)
    near, axis = enter.max(-1)
    face = torch.nn.functional.one_hot(axis, 3) * -directions.sign()
    return near.clamp_min(0), leave.min(-1).values, face
