"""The base of all signals."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import torch
from jaxtyping import Float
from torch import Tensor

from ..borders import Border, folded_axis
from ..errors import InputError
from ..validation import ADDED_LATER

PADDING = 0.2
"""Fields train this far beyond the signal's own box, so that smoothing near the border stays right."""


@dataclass(frozen=True)
class SignalFacts:
    """What a checkpoint keeps of the signal, so that a field can be shown without its training data.

    Attributes:
        type: ``picture``, ``texture``, ``shape`` or ``ackley``.
        name: file name or formula.
        digest: SHA-256 of the values, hexadecimal.
        half_extent: half the side of the signal's box along each axis, in domain units.
        channels: number of channels.
        resolution: samples along each axis (width, height), or () for a formula.
        source_resolution: the same of the file it came from, before any resizing.
        encoding: ``display`` (sRGB-encoded) or ``linear`` colours, or ``none``.
        background: display-encoded colour that transparent parts were composited on.
        value_range: the lowest and highest value shown, black and white; PSNR is relative to their difference.
        value_scale: stored values times this are source values (HDR pictures are stored with peak 1). A shape's
            lengths are scaled with its distances: a domain unit is ``value_scale`` source units.
        source_center: where the domain's origin lies in a shape's source, in source units; () for other signals.
        border: how the signal continues beyond its box, one an axis; () is mirrored along all.
    """

    type: str
    name: str
    digest: str
    half_extent: tuple[float, ...]
    channels: int
    resolution: tuple[int, ...] = ()
    source_resolution: tuple[int, ...] = ()
    encoding: str = "none"
    background: tuple[float, ...] = ()
    value_range: tuple[float, float] = (0.0, 1.0)
    value_scale: float = 1.0
    border: tuple[Border, ...] = field(default=(), metadata=ADDED_LATER)
    source_center: tuple[float, ...] = field(default=(), metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        expectations = {
            "half_extent": all(0 < half <= 1 for half in self.half_extent) and 1 <= len(self.half_extent) <= 6,
            "channels": 1 <= self.channels <= 64,
            "resolution": all(2 <= n <= 2**20 for n in self.resolution),
            "encoding": self.encoding in ("display", "linear", "none"),
            "value_range": self.value_range[0] < self.value_range[1],
            "value_scale": self.value_scale > 0,
            "border": len(self.border) in (0, len(self.half_extent)) and set(self.border) <= set(get_args(Border)),
            "source_center": len(self.source_center) in (0, len(self.half_extent)),
        }
        for name, holds in expectations.items():
            if not holds:
                raise InputError(f"{name}: no signal has {getattr(self, name)!r}")

    @property
    def borders(self) -> tuple[Border, ...]:
        """``border`` with its default written out: one an axis."""
        default: Border = "mirror"
        return self.border or (default,) * len(self.half_extent)


class Signal(ABC):
    """A function from a box around the origin to ``channels`` values, answered anywhere.

    The box's longest side is [-1, 1]; see docs/conventions.md.
    """

    facts: SignalFacts

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.facts.half_extent)

    @property
    def device(self) -> torch.device:
        """Where the signal answers."""
        return torch.device("cpu")

    @abstractmethod
    def __call__(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        """Values at the points ``x``, in domain units."""

    @abstractmethod
    def to(self, device: torch.device | str) -> Signal:
        """The same signal, answering on ``device``."""

    def draw(self, noise: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Points to train on from ``noise`` in [0, 1): uniform over the padded box, unless a signal knows better."""
        return scaled_axes(2 * noise - 1, [half + PADDING for half in self.facts.half_extent])

    def prepare(self) -> None:  # noqa: B027 (most signals have nothing to do)
        """Compute what training is going to need, so that its first step takes no longer than the others."""

    def examples(self, count: int, generator: torch.Generator) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c"]]:
        """Points to train on, drawn on the generator's device, with the signal's values there."""
        x = self.draw(torch.rand(count, self.dim, generator=generator, device=generator.device))
        return x, self(x)

    def sampled(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        """Values for the many Monte-Carlo samples of a training step: those of ``signal(x)``, or nearly, but quick."""
        return self(x)

    def on_lattice(self, size: Sequence[int], cell: float, centre: Float[Tensor, "d"]) -> Float[Tensor, "c *shape"]:
        """Values at the vertices of a lattice, on the device of its ``centre``.

        Args:
            size: odd numbers of vertices along each axis.
            cell: from one vertex to the next, in domain units.
            centre: the vertex in the middle.
        """
        count = math.prod(size)
        values = torch.empty(self.facts.channels, count, device=centre.device)
        for start in range(0, count, _TILE):
            stop = min(start + _TILE, count)
            values[:, start:stop] = self(lattice_points(start, stop, size, cell, centre)).T
        return values.unflatten(1, tuple(reversed(size)))


_TILE = 1 << 18
"""Vertices that a signal is asked for at once."""


def lattice_points(
    start: int, stop: int, size: Sequence[int], cell: float, centre: Float[Tensor, "d"]
) -> Float[Tensor, "n d"]:
    """The vertices ``start`` up to ``stop`` of a flattened lattice around a centre; axis 0 varies fastest."""
    index = torch.arange(start, stop, device=centre.device)
    columns = []
    for axis, n in enumerate(size):
        columns.append((index % n - (n - 1) // 2) * cell + centre[axis])
        index = index // n
    return torch.stack(columns, -1)


def folded(x: Float[Tensor, "n d"], facts: SignalFacts) -> Float[Tensor, "n d"]:
    """``x`` folded back into the box of a sampled signal as its borders continue it; a formula has no border."""
    if not facts.resolution:
        return x
    axes = zip(x.unbind(-1), facts.half_extent, facts.borders, strict=True)
    return torch.stack([folded_axis(column, half, border) for column, half, border in axes], -1)


def mirrored(x: Float[Tensor, "n d"], half_extent: Sequence[float]) -> Float[Tensor, "n d"]:
    """``x`` folded back into the box of that half extent, as if its sides were mirrors."""
    axes = zip(x.unbind(-1), half_extent, strict=True)
    return torch.stack([folded_axis(column, half, "mirror") for column, half in axes], -1)


def scaled_axes(x: Float[Tensor, "n d"], factors: Sequence[float]) -> Float[Tensor, "n d"]:
    """``x`` times one factor an axis, which no copy from host to device makes a GPU's queue wait for."""
    return torch.stack([x[:, axis] * factor for axis, factor in enumerate(factors)], -1)
