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

LEAST_TILE_POINTS = 1 << 10
"""Where even so few do not fit into memory, evaluation gives up."""


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
        index = torch.arange(start, stop, device=device)
        columns = []
        for centres in self.axes(device):
            columns.append(centres[index % len(centres)])
            index = index // len(centres)
        return torch.stack(columns, -1)

    def axes(self, device: torch.device | str = "cpu") -> list[Float[Tensor, "_"]]:
        """Centres of the cells along each axis, in domain units."""
        return [
            low + (high - low) * (torch.arange(n, device=device).float() + 0.5) / n
            for n, low, high in zip(self.resolution, self.lower, self.upper, strict=True)
        ]

    def tile_end(self, start: int, most: int) -> int:
        """Where a tile of about so many cells ends that begins at ``start``; volumes are cut between layers."""
        layer = math.prod(self.resolution[:-1]) if len(self.resolution) > 2 else 1
        return min(start + max(most // layer, 1) * layer, self.count)

    def sample(self, field: Field, start: int, stop: int, filter: Filter | None) -> Float[Tensor, "n c"]:
        """A field at the centres of a tile's cells."""
        if len(self.resolution) < 3:
            return field(self.points(start, stop, field.device), filter)
        *rows, depths = self.axes()
        layer = math.prod(self.resolution[:-1])
        return field.on_lattice([*rows, depths[start // layer : stop // layer]], filter)


@dataclass(frozen=True, eq=False)
class Points:
    """Points anywhere, which may take the place of a grid's.

    Attributes:
        positions: in domain units.
    """

    positions: Float[Tensor, "n d"]

    @property
    def count(self) -> int:
        """Number of points."""
        return len(self.positions)

    def points(self, start: int, stop: int, device: torch.device | str = "cpu") -> Float[Tensor, "m d"]:
        """Those from ``start`` up to ``stop``."""
        return self.positions[start:stop].to(device)

    def tile_end(self, start: int, most: int) -> int:
        """Where a tile of at most so many points ends that begins at ``start``."""
        return min(start + most, self.count)

    def sample(self, field: Field, start: int, stop: int, filter: Filter | None) -> Float[Tensor, "n c"]:
        """A field at a tile's points."""
        return field(self.points(start, stop, field.device), filter)


@dataclass
class TileSize:
    """Points evaluated at once; halves itself where the device's memory does not hold what they need.

    Attributes:
        points: may be changed between two tiles; None is what suits the field.
        halved: whether memory has run out before.
    """

    points: int | None = None
    halved: bool = False

    def halve(self, tried: int, device: torch.device) -> None:
        """Try fewer than ``tried``. Raises InputError when there are hardly any left."""
        points = tried // 2
        if points < LEAST_TILE_POINTS:
            raise InputError(f"{device.type}: out of memory; close other programs or choose a smaller field")
        if device.type == "cuda":
            torch.cuda.empty_cache()
        self.points, self.halved = points, True


def evaluate_tiles(
    field: Field, grid: Grid | Points, filter: Filter | None = None, *, tile_size: TileSize | None = None
) -> Iterator[tuple[int, int, Float[Tensor, "n c"]]]:
    """Yield ``(start, stop, values)`` over the flattened grid. Memory does not grow with the grid.

    ``filter`` may hold one Gaussian for each cell of the grid, or each of the points.

    Raises:
        InputError: the field cannot be filtered so, or memory does not even hold a small tile.
    """
    field.eval()
    tile_size = tile_size or TileSize()
    start = 0
    while start < grid.count:
        most = tile_size.points or field.tile_points(filter)
        stop = grid.tile_end(start, most)
        part = None if filter is None else filter[start:stop].to(field.device)
        try:
            with torch.no_grad():
                values = grid.sample(field, start, stop, part)
        except torch.cuda.OutOfMemoryError:
            tile_size.halve(most, field.device)
            continue
        yield start, stop, values
        start = stop


def evaluate(
    field: Field, grid: Grid, filter: Filter | None = None, *, tile_size: TileSize | None = None
) -> Float[Tensor, "*shape c"]:
    """The field on a whole grid: (height, width, c), or (depth, height, width, c), on the field's device."""
    values: Tensor | None = None
    for start, stop, tile in evaluate_tiles(field, grid, filter, tile_size=tile_size):
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
    tile_size: TileSize | None = None,
) -> Iterator[tuple[Grid, Float[Tensor, "*shape c"]]]:
    """Yield the field on coarser grids first, the full one last; end early, between two tiles, when told to stop.

    A filter that differs from point to point is given as a function of the grid, since each stage has its own points.
    """
    for factor in factors:
        stage = grid.coarsened(factor)
        stage_filter = filter(stage) if callable(filter) else filter
        values: Tensor | None = None
        for start, stop, tile in evaluate_tiles(field, stage, stage_filter, tile_size=tile_size):
            if should_stop():
                return
            if values is None:
                values = torch.empty(stage.count, tile.shape[1], dtype=tile.dtype, device=tile.device)
            values[start:stop] = tile
        assert values is not None
        yield stage, values.reshape(*reversed(stage.resolution), -1)
