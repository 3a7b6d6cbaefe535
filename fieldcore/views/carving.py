"""Space carving on a lattice: what all silhouettes cover, where it is, and which of them dissent.

Source: A. Laurentini, The Visual Hull Concept for Silhouette-Based Image Understanding, PAMI 1994.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..grid import Grid
from ..meshing import surface_of_volume
from ..signals.mesh_file import Mesh
from .silhouettes import INSIDE, Silhouettes

_MUCH = 0.1
_TIMES = 4.0


@dataclass(frozen=True)
class Lattice:
    """The vertices of a box: ``count`` along each axis, both ends included.

    Attributes:
        lower, upper: corners of the box.
        count: vertices an axis.
    """

    lower: tuple[float, float, float]
    upper: tuple[float, float, float]
    count: int

    @property
    def spacing(self) -> tuple[float, ...]:
        """From one vertex to the next along each axis."""
        return tuple((high - low) / (self.count - 1) for low, high in zip(self.lower, self.upper, strict=True))

    def points(self) -> Float[Tensor, "n 3"]:
        """All vertices, x varying fastest."""
        ends = zip(self.lower, self.upper, strict=True)
        x, y, z = (torch.linspace(low, high, self.count) for low, high in ends)
        return torch.stack([part.reshape(-1) for part in torch.meshgrid(z, y, x, indexing="ij")][::-1], 1)

    def surface(self, covered: Float[np.ndarray, "n n n"]) -> Mesh | None:
        """The surface where values at the vertices are a half, less outside; None where there is none."""
        half = [step / 2 for step in self.spacing]
        lower = tuple(low - step for low, step in zip(self.lower, half, strict=True))
        upper = tuple(high + step for high, step in zip(self.upper, half, strict=True))
        return surface_of_volume(1 - covered, Grid((self.count,) * 3, lower, upper), 1 - INSIDE)


def carved(silhouettes: Silhouettes, lattice: Lattice) -> Float[np.ndarray, "n n n"]:
    """The least alpha at the vertices of a lattice; the axes are z, y, x."""
    return silhouettes.least(lattice.points()).reshape((lattice.count,) * 3).numpy()


def dissenters(silhouettes: Silhouettes, lattice: Lattice) -> list[int]:
    """The masks that do not cover the points which most others cover."""
    points = lattice.points()
    counts, _ = silhouettes.dissent(points)
    best = points[counts == counts.min()]
    shares = [float((silhouette(best) < INSIDE).float().mean()) for silhouette in silhouettes.each]
    return [number for number, share in enumerate(shares) if share > 0.5]


def sole_dissenter(silhouettes: Silhouettes, lattice: Lattice) -> tuple[int, float] | None:
    """The mask that alone takes away much more than any other: its number and its share of what it and the rest cover.

    None where there is no such mask: where cameras or masks are inexact, each takes away a little.
    """
    counts, numbers = silhouettes.dissent(lattice.points())
    alone = torch.bincount(numbers[counts == 1], minlength=len(silhouettes.each))
    number = int(alone.argmax())
    others = alone[torch.arange(len(alone)) != number]
    share = float(alone[number]) / max(1, int((counts == 0).sum() + alone[number]))
    return (number, share) if share > _MUCH and alone[number] > _TIMES * others.double().mean() else None


def nothing_shared(where: str, silhouettes: Silhouettes, names: Sequence[str], lattice: Lattice) -> InputError:
    """Why masks share no point: which ones do not belong to the others, if it is a minority."""
    found = dissenters(silhouettes, lattice)
    advice = "cameras or masks do not belong together"
    if 0 < len(found) <= len(names) // 3:
        of = listed([names[number] for number in found])
        noun, verb = ("mask of view", "shares") if len(found) == 1 else ("masks of views", "share")
        return InputError(f"{where}: the {noun} {of} {verb} no point in space with the others: {advice}")
    most = len(names) - int(silhouettes.dissent(lattice.points())[0].min())
    return InputError(
        f"{where}: the masks share no point in space, at most {most} of {len(names)} do: {advice}; "
        "check the cameras' axes, and whether each mask has its own picture's name"
    )


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a sentence: "3, 7 and 9"; of very many the first.

    Example:
        >>> listed(["3", "7", "9"])
        '3, 7 and 9'
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
