"""What rays see of a volume: colour, opacity and depth, with one renderer for every volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .compositing import LEAST_TRANSMITTANCE, RayWeights, ray_weights
from .marching import RaySamples, march
from .occupancy import OccupancyGrid

LEAST_WEIGHT = 1e-4
"""Colours of samples that count less than this are not asked for."""


@runtime_checkable
class Located(Protocol):
    """Points, for their density and then the colours of some of them."""

    def density(self) -> Float[Tensor, "n"]:
        """At each point, per domain unit."""

    def colours(self, directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """In [0, 1], seen along unit vectors."""

    def kept(self, keep: Bool[Tensor, "n"]) -> Located:
        """Only some of the points."""


@runtime_checkable
class Volume(Protocol):
    """What has a density and a colour everywhere.

    Attributes:
        asks_twice: whether densities are dear, so that where rays end is found out without a gradient first.
    """

    asks_twice: ClassVar[bool]

    def at(self, x: Float[Tensor, "n 3"], variance: Float[Tensor, "n"] | None) -> Located:
        """Points, each averaged over a Gaussian of its variance."""


@dataclass(frozen=True)
class Rays:
    """Rays to be looked along.

    Attributes:
        origins, directions: the directions are unit vectors.
        spread: side of a pixel at distance 1 along each ray; 0 where there are no pixels.
    """

    origins: Float[Tensor, "r 3"]
    directions: Float[Tensor, "r 3"]
    spread: Float[Tensor, "r"]

    def split(self, count: int) -> list[Rays]:
        """In order, so many at a time."""
        parts = (part.split(count) for part in (self.origins, self.directions, self.spread))
        return [Rays(*each) for each in zip(*parts, strict=True)]


@dataclass(frozen=True)
class Marching:
    """How rays are marched.

    Attributes:
        step: length of an interval, in domain units.
        near: where rays begin.
        variance: that everything is averaged over, beside the pixels.
    """

    step: float
    near: float
    variance: float = 0.0


@dataclass(frozen=True)
class Seen:
    """What rays see.

    Attributes:
        colour: without what is behind the box, and so premultiplied.
        opacity: in [0, 1].
        distance: expected distance from the origin, of what is seen; 0 where nothing is.
        samples: how many points' densities were composited.
        normals: of length 1 where there is a surface, 0 elsewhere; None of what has none.
    """

    colour: Float[Tensor, "r 3"]
    opacity: Float[Tensor, "r"]
    distance: Float[Tensor, "r"]
    samples: int
    normals: Float[Tensor, "r 3"] | None = None


def look_along(
    volume: Volume,
    rays: Rays,
    marching: Marching,
    occupancy: OccupancyGrid | None = None,
    noise: Float[Tensor, "r"] | None = None,
) -> Seen:
    """Composite a volume along rays, differentiable in all that the volume is made of.

    Only samples that count more than 1e-4 are asked for their colour: a ray ends at a transmittance of 1e-4.
    """
    samples = march(rays.origins, rays.directions, marching.step, occupancy, near=marching.near, noise=noise)
    if not len(samples.ray):
        nothing = rays.origins.new_zeros(samples.rays)
        return Seen(nothing[:, None].expand(-1, 3), nothing, nothing, 0)
    located = volume.at(samples.points, cone_variance(samples, rays.spread) + marching.variance)
    if volume.asks_twice:
        with torch.no_grad():
            density = located.density()
            alive = samples.of_samples(_weights(samples, density).before) > LEAST_TRANSMITTANCE
        samples, located = samples.kept(alive), located.kept(alive)
    density = located.density()
    found = _weights(samples, density)
    weights = samples.of_samples(found.weights)
    counts = weights.detach() > LEAST_WEIGHT
    coloured = samples.kept(counts)
    colours = located.kept(counts).colours(rays.directions[coloured.ray])
    colour = colours.new_zeros(samples.rays, 3).index_add(0, coloured.ray, weights[counts, None] * colours)
    opacity = 1 - found.transmittance
    distance = weights.new_zeros(samples.rays).index_add(0, samples.ray, weights * samples.distance)
    return Seen(colour, opacity, distance / opacity.clamp_min(1e-6), len(density))


def cone_variance(samples: RaySamples, spread: Float[Tensor, "r"]) -> Float[Tensor, "n"]:
    """Of the pixel's square across each sample's ray, along one of its sides.

    The isotropic stand-in for what Mip-NeRF (Barron et al., ICCV 2021) averages over, a piece of the pixel's cone.
    """
    return (spread[samples.ray] * samples.distance).square() / 12


def _weights(samples: RaySamples, density: Float[Tensor, "n"]) -> RayWeights:
    return ray_weights(samples.by_ray(density), samples.by_ray(samples.length))
