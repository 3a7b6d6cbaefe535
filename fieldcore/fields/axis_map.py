"""Linear maps along one axis of a lattice: what its vertices are worth at other positions, as blocks of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from .compact_samples import STEPS

_ROWS = 64
"""Positions of a block. Neighbouring positions read neighbouring vertices, so that a block of the matrix is narrow."""

_NUMBERS_AT_ONCE = 1 << 24
"""Bytes that are turned into numbers at a time."""

Taps = tuple[Tensor, Tensor]
"""For each position, the vertices that it reads and their weights: whole numbers and numbers, both (n, taps)."""


@dataclass(frozen=True, eq=False)
class AxisMap:
    """A matrix from the vertices along an axis to positions along it, of which only blocks are not zero.

    Attributes:
        rows: positions.
        blocks: first position, first vertex, and a matrix (positions, vertices), one after the other.
    """

    rows: int
    blocks: tuple[tuple[int, int, Tensor], ...]

    @classmethod
    def of(cls, taps: Taps, like: Tensor) -> AxisMap:
        """The map that reads ``taps``, for values on the device and of the dtype of those of ``like``."""
        index, weights = taps
        is_bytes = like.dtype == torch.uint8
        rows = _few_rows(index) if is_bytes else _ROWS
        dtype = torch.float32 if is_bytes else like.dtype
        blocks = []
        for start in range(0, len(index), rows):
            near = index[start : start + rows]
            low, high = int(near.min()), int(near.max()) + 1
            matrix = torch.zeros(len(near), high - low, dtype=weights.dtype)
            matrix.scatter_add_(1, near - low, weights[start : start + rows])
            blocks.append((start, low, matrix.to(like.device, dtype)))
        return cls(len(index), tuple(blocks))

    @classmethod
    def joined(cls, parts: Sequence[AxisMap]) -> AxisMap:
        """The positions of several maps, one map's after the other's."""
        blocks, first = [], 0
        for part in parts:
            blocks += [(first + start, low, matrix) for start, low, matrix in part.blocks]
            first += part.rows
        return cls(first, tuple(blocks))

    @property
    def least_vertex(self) -> int:
        """The first vertex that is read."""
        return min(low for _, low, _ in self.blocks)

    @property
    def most_vertex(self) -> int:
        """The last vertex that is read."""
        return max(low + matrix.shape[1] for _, low, matrix in self.blocks) - 1

    def __call__(self, values: Shaped[Tensor, "*shape"], dim: int) -> Float[Tensor, "*mapped"]:
        """``values`` with the vertices along ``dim`` replaced by the positions; bytes are steps of 1/255."""
        dim %= values.ndim
        dtype = torch.float32 if values.dtype == torch.uint8 else values.dtype
        mapped = values.new_empty(*values.shape[:dim], self.rows, *values.shape[dim + 1 :], dtype=dtype)
        for start, low, matrix in self.blocks:
            rows, vertices = matrix.shape
            part, out = values.narrow(dim, low, vertices), mapped.narrow(dim, start, rows)
            if values.dtype == torch.uint8:
                _map_bytes(matrix / STEPS, part, out, dim)
            else:
                out.copy_(_product(matrix, part, dim))
        return mapped


def _product(matrix: Float[Tensor, "rows vertices"], part: Float[Tensor, "*shape"], dim: int) -> Tensor:
    if dim == part.ndim - 1:
        return torch.matmul(part, matrix.T)
    return torch.matmul(matrix, part.flatten(dim + 1)).unflatten(-1, part.shape[dim + 1 :])


def _map_bytes(matrix: Float[Tensor, "rows vertices"], part: Tensor, out: Tensor, dim: int) -> None:
    """The same piece by piece along the longest other axis, so that few bytes are numbers at a time."""
    across = max((axis for axis in range(part.ndim) if axis != dim), key=lambda axis: part.shape[axis])
    at_once = max(1, _NUMBERS_AT_ONCE * part.shape[across] // max(part.numel(), 1))
    for piece, to in zip(part.split(at_once, across), out.split(at_once, across), strict=True):
        to.copy_(_product(matrix, piece.float(), dim))


def _few_rows(index: Int[Tensor, "n taps"]) -> int:
    """Positions of a block where they lie so far apart that a block would mostly be zeros."""
    spacing = (int(index.max()) - int(index.min()) + 1) / max(len(index), 1)
    return max(1, min(_ROWS, round(max(index.shape[1], _ROWS // 2) / spacing)))
