"""Linear maps along one axis of a lattice: what its vertices are worth at other positions, as blocks of a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

_ROWS = 64
"""Positions of a block. Neighbouring positions read neighbouring vertices, so that a block of the matrix is narrow."""

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
        blocks = []
        for start in range(0, len(index), _ROWS):
            near = index[start : start + _ROWS]
            low, high = int(near.min()), int(near.max()) + 1
            matrix = torch.zeros(len(near), high - low, dtype=weights.dtype)
            matrix.scatter_add_(1, near - low, weights[start : start + _ROWS])
            blocks.append((start, low, matrix.to(like)))
        return cls(len(index), tuple(blocks))

    @property
    def least_vertex(self) -> int:
        """The first vertex that is read."""
        return min(low for _, low, _ in self.blocks)

    @property
    def most_vertex(self) -> int:
        """The last vertex that is read."""
        return max(low + matrix.shape[1] for _, low, matrix in self.blocks) - 1

    def __call__(self, values: Float[Tensor, "*shape"], dim: int) -> Float[Tensor, "*mapped"]:
        """``values`` with the vertices along ``dim`` replaced by the positions."""
        dim %= values.ndim
        mapped = values.new_empty(*values.shape[:dim], self.rows, *values.shape[dim + 1 :])
        for start, low, matrix in self.blocks:
            rows, vertices = matrix.shape
            part, out = values.narrow(dim, low, vertices), mapped.narrow(dim, start, rows)
            if dim == values.ndim - 1:
                out.copy_(torch.matmul(part, matrix.T))
            else:
                out.flatten(dim + 1).copy_(torch.matmul(matrix, part.flatten(dim + 1)))
        return mapped
