"""Evaluating fields on grids: any size, in tiles of bounded memory, or coarse to fine until told to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .errors import InputError
from .fields.field import Field
from .filters import Filter

TILE_POINTS = {"cpu": 1 << 15, "cuda": 1 << 18}
"""Points evaluated at once, which bounds memory and the time between two stop checks: what a processor's cache likes,
or what fills a GPU."""


@dataclass(frozen=True)
class Grid:
    """A regular grid of cell centres over a box; axis 0 (the width) varies fastest.

    Attributes:
        resolution: cells along each axis: (width, height) or (width, height, depth).
        lower, upper: corners of the box, in domain units. Centres lie half a cell inside.
    """

    resolution: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        if any(n < 1 for n in self.resolution):
            raise InputError(f"grid: expected at least one cell an axis, got {self.resolution}")

    @classmethod
    def covering(cls, half_extent: Sequence[float], longer_side: int) -> Grid:
        """The grid of square cells over a signal's whole box, with ``longer_side`` cells along its longer side."""
        resolution = tuple(max(1, round(longer_side * half / max(half_extent))) for half in half_extent)
        return cls(resolution, tuple(-half for half in half_extent), tuple(half_extent))

    @property
    def count(self) -> int:
        """Number of cells."""
        return math.prod(self.resolution)

    def coarsened(self, factor: int) -> Grid:
        """The same box with ``factor`` times fewer cells an axis, rounded up."""
        return Grid(tuple(-(-n // factor) for n in self.resolution), self.lower, self.upper)

    def points(self, start: int, stop: int, device: torch.device | str = "cpu") -> Float[Tensor, "n d"]:
        """Centres of the cells ``start`` up to ``stop`` of the flattened grid, in domain units."""
        index = torch.arange(start, stop, device=device)
        columns = []
        for n, low, high in zip(self.resolution, self.lower, self.upper, strict=True):
            columns.append(low + (high - low) * ((index % n).float() + 0.5) / n)
            index = index // n
        return torch.stack(columns, -1)


def evaluate_tiles(
    field: Field, grid: Grid, filter: Filter | None = None, *, tile_points: int | None = None
) -> Iterator[tuple[int, int, Float[Tensor, "n c"]]]:
    """Yield ``(start, stop, values)`` over the flattened grid. Memory does not grow with the grid.

    ``filter`` may hold one Gaussian for each cell of the grid.
    """
    field.eval()
    tile_points = tile_points or TILE_POINTS.get(field.device.type, TILE_POINTS["cpu"])
    for start in range(0, grid.count, tile_points):
        stop = min(start + tile_points, grid.count)
        part = None if filter is None else filter[start:stop].to(field.device)
        with torch.no_grad():
            values = field(grid.points(start, stop, field.device), part)
        yield start, stop, values


def evaluate(
    field: Field, grid: Grid, filter: Filter | None = None, *, tile_points: int | None = None
) -> Float[Tensor, "*shape c"]:
    """The field on a whole grid: (height, width, c), or (depth, height, width, c), on the field's device."""
    values: Tensor | None = None
    for start, stop, tile in evaluate_tiles(field, grid, filter, tile_points=tile_points):
        if values is None:
            values = torch.empty(grid.count, tile.shape[1], dtype=tile.dtype, device=tile.device)
        values[start:stop] = tile
    assert values is not None
    return values.reshape(*reversed(grid.resolution), -1)


def evaluate_progressively(
    field: Field,
    grid: Grid,
    filter: Filter | Callable[[Grid], Filter] | None = None,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    factors: Sequence[int] = (8, 4, 2, 1),
    tile_points: int | None = None,
) -> Iterator[tuple[Grid, Float[Tensor, "*shape c"]]]:
    """Yield the field on coarser grids first, the full one last; end early, between two tiles, when told to stop.

    A filter that differs from point to point is given as a function of the grid, since each stage has its own points.
    """
    for factor in factors:
        stage = grid.coarsened(factor)
        stage_filter = filter(stage) if callable(filter) else filter
        values: Tensor | None = None
        for start, stop, tile in evaluate_tiles(field, stage, stage_filter, tile_points=tile_points):
            if should_stop():
                return
            if values is None:
                values = torch.empty(stage.count, tile.shape[1], dtype=tile.dtype, device=tile.device)
            values[start:stop] = tile
        assert values is not None
        yield stage, values.reshape(*reversed(stage.resolution), -1)
