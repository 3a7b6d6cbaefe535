"""Baking: the smoothed field, or the smoothed truth, on the grid that a shape is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fieldcore.evaluation import Grid, TileSize, evaluate_tiles
from fieldcore.fields.field import Field
from fieldcore.filters import Filter, Gaussian
from fieldcore.kernel_names import kernel_of
from fieldcore.sphere_tracing import HALF_EXTENT
from fieldcore.truth import Truth

from ...covariance import Covariance, gaussian_of
from ...filter.controls import Smoothing
from .bake import Bake, ColourBake

TrueBake = Callable[[Smoothing, int], Generator[None, None, Bake]]
"""From a filter and the cells along each axis: yields while another thread bakes the truth, and returns its bake."""


@dataclass(frozen=True, eq=False)
class ShapeSubject:
    """What frames are made from: a field of a shape, and the shape itself, smoothed, where it is known.

    Attributes:
        field: the network.
        version: raised whenever its weights change.
        true_bake: makes bakes of the truth.
        colours: what gives the field's own colours, where it has any.
    """

    field: Field
    version: int = 0
    true_bake: TrueBake | None = None
    colours: Callable[[], ColourBake | None] | None = None


def filter_of(smoothing: Smoothing) -> Filter | None:
    """The filter that it says, None for none."""
    if isinstance(smoothing[0], str):
        kernel, half_size = smoothing
        return kernel_of(kernel, half_size, 3) if any(half_size) else None
    covariance: Covariance = smoothing
    return gaussian_of(covariance) if any(covariance) else None


def bake_grid(cells: int) -> Grid:
    """The cells of a bake, over the padded box."""
    return Grid((cells,) * 3, (-HALF_EXTENT,) * 3, (HALF_EXTENT,) * 3)


def baked_tiles(
    field: Field,
    smoothing: Smoothing,
    cells: int,
    tile_size: TileSize | None = None,
) -> Iterator[Bake | float]:
    """Evaluate a field on a bake's grid; after each tile the share of the bake that is there, and last the bake.

    Args:
        field: of a shape.
        smoothing: the filter.
        cells: along each axis.
        tile_size: points that the field is asked for at once.

    Raises:
        InputError: the field cannot be filtered so, or memory does not even hold a small tile.
    """
    grid = bake_grid(cells)
    values: Float[np.ndarray, "n"] = np.empty(grid.count, np.float32)
    for start, stop, tile in evaluate_tiles(field, grid, filter_of(smoothing), tile_size=tile_size):
        values[start:stop] = tile[:, 0].float().cpu().numpy()
        yield stop / grid.count
    yield Bake(values.reshape(cells, cells, cells))


def bake_truth(truth: Truth, smoothing: Smoothing, cells: int) -> Bake:
    """The smoothed truth on a bake's grid."""
    values, _ = truth.estimate(filter_of(smoothing) or Gaussian(0.0), bake_grid(cells))
    return Bake(values[..., 0])
