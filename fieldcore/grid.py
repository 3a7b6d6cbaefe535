"""Where a field is asked: the cells of a regular grid, or points anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .errors import InputError


@dataclass(frozen=True)
class Grid:
    """A regular grid of cell centres over a box; axis 0 (the width) varies fastest.

    Attributes:
        resolution: cells along each axis: (width, height) or (width, height, depth).
        lower, upper: corners of the box, in domain units. Centres lie half a cell inside.

    Raises:
        InputError: an axis has no cells or no length, or the numbers of axes differ.

    Example:
        >>> Grid.covering((1.0, 0.5), 4).points(0, 2)
        tensor([[-0.7500, -0.2500],
                [-0.2500, -0.2500]])
    """

    resolution: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.resolution) == len(self.lower) == len(self.upper):
            sizes = f"{len(self.resolution)}, {len(self.lower)} and {len(self.upper)}"
            raise InputError(f"grid: expected cells, lower and upper corner for the same axes, got {sizes}")
        if any(n < 1 for n in self.resolution):
            raise InputError(f"grid: expected at least one cell an axis, got {self.resolution}")
        if not all(-math.inf < low < high < math.inf for low, high in zip(self.lower, self.upper, strict=True)):
            raise InputError(f"grid: expected a box from lower to upper, got {self.lower} to {self.upper}")

    @classmethod
    def covering(cls, half_extent: Sequence[float], longer_side: int) -> Grid:
        """The grid of square cells over a signal's whole box, with ``longer_side`` cells along its longer side.

        Raises InputError if that is not at least 1.
        """
        if longer_side < 1:
            raise InputError(f"grid: expected at least one cell along the longer side, got {longer_side}")
        resolution = tuple(max(1, round(longer_side * half / max(half_extent))) for half in half_extent)
        return cls(resolution, tuple(-half for half in half_extent), tuple(half_extent))

    @property
    def dim(self) -> int:
        """Number of axes."""
        return len(self.resolution)

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis in the order of arrays: (height, width), or (depth, height, width)."""
        return tuple(reversed(self.resolution))

    @property
    def count(self) -> int:
        """Number of cells."""
        return math.prod(self.resolution)

    def coarsened(self, factor: int) -> Grid:
        """The same box with ``factor`` times fewer cells an axis, rounded up."""
        return Grid(tuple(-(-n // factor) for n in self.resolution), self.lower, self.upper)

    def cropped(self, border: Sequence[int]) -> Grid:
        """The same cells without ``border`` of them at both ends of each axis."""
        ends = [(cut, n - cut) for cut, n in zip(border, self.resolution, strict=True)]
        return self._part(ends)

    def layers(self, start: int, stop: int) -> Grid:
        """The same cells, of the last axis only those from ``start`` up to ``stop``."""
        return self._part([*((0, n) for n in self.resolution[:-1]), (start, stop)])

    def _part(self, ends: Sequence[tuple[int, int]]) -> Grid:
        axes = zip(self.resolution, self.lower, self.upper, ends, strict=True)
        edges = [tuple(low + (high - low) * end / n for end in pair) for n, low, high, pair in axes]
        resolution = tuple(stop - start for start, stop in ends)
        return Grid(resolution, tuple(low for low, _ in edges), tuple(high for _, high in edges))

    def points(self, start: int, stop: int, device: torch.device | str = "cpu") -> Float[Tensor, "n d"]:
        """Centres of the cells ``start`` up to ``stop`` of the flattened grid, in domain units."""
        return self.centres(torch.arange(start, stop, device=device))

    def centres(self, index: Int[Tensor, "n"]) -> Float[Tensor, "n d"]:
        """Centres of the cells of these indices in the flattened grid, in domain units, on the indices' device."""
        columns = []
        for centres in self.axes(index.device):
            columns.append(centres[index % len(centres)])
            index = index // len(centres)
        return torch.stack(columns, -1)

    def exact_points(self) -> Float[Tensor, "n d"]:
        """Centres of all cells in double precision, on the CPU."""
        sides = zip(self.resolution, self.lower, self.upper, strict=True)
        axes = [low + (high - low) * (torch.arange(n).double() + 0.5) / n for n, low, high in sides]
        return torch.cartesian_prod(*reversed(axes)).reshape(-1, self.dim).flip(-1)

    def axes(self, device: torch.device | str = "cpu") -> list[Float[Tensor, "_"]]:
        """Centres of the cells along each axis, in domain units."""
        return [
            low + (high - low) * (torch.arange(n, device=device).float() + 0.5) / n
            for n, low, high in zip(self.resolution, self.lower, self.upper, strict=True)
        ]

    def tile_end(self, start: int, most: int, whole_rows: bool = False) -> int:
        """Where a tile of about so many cells ends that begins at ``start``; volumes are cut between layers.

        A volume of a single layer, such as a moment of a video, is cut between its rows.

        Args:
            start: the tile's first cell.
            most: cells.
            whole_rows: cut pictures between rows too.
        """
        layer = math.prod(self.resolution[: self._cut_axis]) if whole_rows or len(self.resolution) > 2 else 1
        return min(start + max(most // layer, 1) * layer, self.count)

    def lattice(self, start: int, stop: int) -> list[Float[Tensor, "_"]] | None:
        """The axes of the cells ``start`` up to ``stop``, where these are whole rows or layers; else None."""
        axes, cut = self.axes(), self._cut_axis
        layer = math.prod(self.resolution[:cut])
        if start % layer or stop % layer:
            return None
        return [*axes[:cut], axes[cut][start // layer : stop // layer], *axes[cut + 1 :]]

    @property
    def _cut_axis(self) -> int:
        """The last axis with more than one cell: between its cells lie those of the others."""
        return max((axis for axis, n in enumerate(self.resolution) if n > 1), default=0)


@dataclass(frozen=True, eq=False)
class Points:
    """Points anywhere, which may take the place of a grid's.

    Attributes:
        positions: in domain units.

    Example:
        >>> Points(torch.zeros(5, 2)).count
        5
    """

    positions: Float[Tensor, "n d"]

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.positions.shape[1]

    @property
    def shape(self) -> tuple[int]:
        """(n)."""
        return (len(self.positions),)

    @property
    def count(self) -> int:
        """Number of points."""
        return len(self.positions)

    def points(self, start: int, stop: int, device: torch.device | str = "cpu") -> Float[Tensor, "m d"]:
        """Those from ``start`` up to ``stop``."""
        return self.positions[start:stop].to(device)

    def tile_end(self, start: int, most: int, whole_rows: bool = False) -> int:
        """Where a tile of at most so many points ends that begins at ``start``."""
        return min(start + most, self.count)

    def lattice(self, start: int, stop: int) -> None:
        """None: they lie anywhere."""
