"""Bakes: signed distances and colours on a grid, which a shape is drawn from at any frame rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.errors import InputError
from fieldcore.sphere_tracing import HALF_EXTENT

_STEEPNESS_CELLS = 32
_STEEPNESS_QUANTILE = 0.99
_STEEPNESS_BOUNDS = (0.25, 4.0)


@dataclass(frozen=True, eq=False)
class Bake:
    """Signed distances at the centres of a cube's cells.

    Attributes:
        values: by z, y, x; negative inside.
        half_extent: the cube is [-half_extent, half_extent]^3.

    Raises:
        InputError: there are too few values, or different numbers along the axes.
    """

    values: Float[np.ndarray, "d h w"]
    half_extent: float = HALF_EXTENT

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or len(set(self.values.shape)) != 1 or len(self.values) < 2:
            shape = " x ".join(map(str, self.values.shape))
            raise InputError(f"bake: expected n x n x n values, n at least 2, got {shape}; bake a cube")

    @property
    def cells(self) -> int:
        """Along each axis."""
        return len(self.values)

    @property
    def cell(self) -> float:
        """Side of a cell, in domain units."""
        return 2 * self.half_extent / self.cells

    @cached_property
    def steepness(self) -> float:
        """Length that hardly any gradient exceeds: 1 for exact distances; a march's steps are shortened by it."""
        stride = max(1, self.cells // _STEEPNESS_CELLS)
        here = self.values[:-1:stride, :-1:stride, :-1:stride]
        ahead = (
            self.values[1::stride, :-1:stride, :-1:stride],
            self.values[:-1:stride, 1::stride, :-1:stride],
            self.values[:-1:stride, :-1:stride, 1::stride],
        )
        squares = sum((there.astype(np.float64) - here) ** 2 for there in ahead)
        length = float(np.sqrt(np.quantile(squares, _STEEPNESS_QUANTILE))) / self.cell
        return min(max(length, _STEEPNESS_BOUNDS[0]), _STEEPNESS_BOUNDS[1])


@dataclass(frozen=True, eq=False)
class ColourBake:
    """Display-encoded colours at the centres of a cube's cells.

    Attributes:
        values: by z, y, x.
        half_extent: the cube is [-half_extent, half_extent]^3.
    """

    values: UInt8[np.ndarray, "d h w 3"]
    half_extent: float = HALF_EXTENT
