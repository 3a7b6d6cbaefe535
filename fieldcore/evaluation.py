"""Evaluating fields on grids: any size, in tiles of bounded memory, or coarse to fine until told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .errors import InputError, is_out_of_memory
from .exclusive import exclusive
from .fields.field import Field
from .filters import Filter, as_filter
from .filters.filter import Numbers
from .grid import Grid, Points

LEAST_TILE_POINTS = 1 << 10
"""Where even so few do not fit into memory, evaluation gives up."""


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
    field: Field, grid: Grid | Points, filter: Filter | Numbers | None = None, *, tile_size: TileSize | None = None
) -> Iterator[tuple[int, int, Float[Tensor, "n c"]]]:
    """Yield ``(start, stop, values)`` over the flattened grid. Memory does not grow with the grid.

    Args:
        field: what to evaluate; its mode is left as it is.
        grid: cells or points.
        filter: as in ``field(x, filter)``: one for all, or one for each cell of the grid or each of the points.
        tile_size: how much at once.

    Raises:
        InputError: the field cannot be filtered so, or memory does not even hold a small tile.

    Example:
        >>> from fieldcore import Ackley, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> grid = Grid.covering((1.0, 1.0), 100)
        >>> [(start, stop) for start, stop, _ in evaluate_tiles(field, grid, 1e-3, tile_size=TileSize(6000))]
        [(0, 6000), (6000, 10000)]
    """
    filter = as_filter(filter)
    if grid.dim != field.dim:
        raise InputError(f"grid: expected {field.dim} axes for a {field.dim}-D field, got {grid.dim}")
    if filter is not None and filter.per_point not in (None, grid.count):
        raise InputError(f"filter: expected one for each of the {grid.count} points, got {filter.per_point}")
    tile_size = tile_size or TileSize()
    start = 0
    while start < grid.count:
        most = tile_size.points or field.tile_points(filter)
        stop = grid.tile_end(start, most, field.whole_rows)
        part = None if filter is None else filter[start:stop].to(field.device)
        try:
            with torch.no_grad(), exclusive(field, training=False):
                values = _tile(field, grid, start, stop, part)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            tile_size.halve(most, field.device)
            continue
        yield start, stop, values
        start = stop


def _tile(field: Field, grid: Grid | Points, start: int, stop: int, filter: Filter | None) -> Float[Tensor, "n c"]:
    axes = grid.lattice(start, stop)
    if axes is None:
        return field(grid.points(start, stop, field.device), filter)
    return field.on_lattice(axes, filter)


def _with_tile(
    values: Float[Tensor, "m c"] | None, count: int, start: int, stop: int, tile: Float[Tensor, "n c"]
) -> Float[Tensor, "m c"]:
    """All values of a grid with those of a tile; a tile of the whole grid is not copied."""
    if len(tile) == count:
        return tile.contiguous()
    if values is None:
        values = torch.empty(count, tile.shape[1], dtype=tile.dtype, device=tile.device)
    values[start:stop] = tile
    return values


def evaluate(
    field: Field, grid: Grid | Points, filter: Filter | Numbers | None = None, *, tile_size: TileSize | None = None
) -> Float[Tensor, "*shape c"]:
    """The field on a whole grid, on its device: (height, width, c), or (depth, height, width, c); of points (n, c).

    ``image`` gives an array instead. Arguments and errors are those of ``evaluate_tiles``.

    Example:
        >>> from fieldcore import Ackley, Gaussian, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> evaluate(field, Grid.covering((1.0, 1.0), 8), Gaussian(1e-2)).shape
        torch.Size([8, 8, 1])
    """
    values: Tensor | None = None
    for start, stop, tile in evaluate_tiles(field, grid, filter, tile_size=tile_size):
        values = _with_tile(values, grid.count, start, stop, tile)
    if values is None:  # of no points
        values = torch.empty(0, field.facts.channels, device=field.device)
    return values.reshape(*grid.shape, values.shape[1])


def evaluate_progressively(
    field: Field,
    grid: Grid,
    filter: Filter | Numbers | Callable[[Grid], Filter] | None = None,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    factors: Sequence[int] = (8, 4, 2, 1),
    tile_size: TileSize | None = None,
) -> Iterator[tuple[Grid, Float[Tensor, "*shape c"]]]:
    """Yield the field on coarser grids first, the full one last; end early, between two tiles, when told to stop.

    A filter that differs from point to point is given as a function of the grid, since each stage has its own points.

    Example:
        >>> from fieldcore import Ackley, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> stages = evaluate_progressively(field, Grid.covering((1.0, 1.0), 16), 1e-2, factors=(4, 1))
        >>> [grid.resolution for grid, _ in stages]
        [(4, 4), (16, 16)]
    """
    for factor in factors:
        stage = grid.coarsened(factor)
        stage_filter = filter(stage) if callable(filter) else filter
        values: Tensor | None = None
        for start, stop, tile in evaluate_tiles(field, stage, stage_filter, tile_size=tile_size):
            if should_stop():
                return
            values = _with_tile(values, stage.count, start, stop, tile)
        assert values is not None
        yield stage, values.reshape(*reversed(stage.resolution), -1)
