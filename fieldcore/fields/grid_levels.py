"""Grids of features, the levels of a pyramid."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class DenseLevel(nn.Module):
    """Features at the vertices of a grid of square cells, interpolated linearly.

    A hashed level, for grids too big to be dense, would take its place with the same two methods.

    Args:
        vertices: along each axis.
        cell: side of a cell, in domain units.
        centre: of the grid.
        features: features a vertex.
    """

    centre: Tensor
    corner: Tensor

    def __init__(self, vertices: Sequence[int], cell: float, centre: Sequence[float], features: int) -> None:
        super().__init__()
        self.cell = cell
        self.size = tuple(vertices)
        self.register_buffer("centre", torch.tensor(centre), persistent=False)
        self.register_buffer("corner", torch.tensor([(n - 1) * cell / 2 for n in vertices]), persistent=False)
        self.values = nn.Parameter(torch.zeros(features, 1, *reversed(vertices)))

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "f n"]:
        """Features at ``x``, one row a feature; beyond the grid those of its border."""
        points = ((x - self.centre) / self.corner).view(1, *[1] * (x.shape[1] - 1), *x.shape)
        # Features stand where grid_sample expects a batch: its backward pass uses a thread for each batch entry.
        points = points.expand(len(self.values), *points.shape[1:])
        values = F.grid_sample(self.values, points, padding_mode="border", align_corners=True)
        return values.view(len(self.values), len(x))

    def set_colours(self, values: Float[Tensor, "c *shape"]) -> None:
        """Let the first features be the middle of ``values``, which may reach farther than the grid."""
        for axis, (have, want) in enumerate(zip(values.shape[1:], reversed(self.size), strict=True), start=1):
            values = values.narrow(axis, (have - want) // 2, want)
        self.values[: len(values), 0].copy_(values)

    def nearest_vertex(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Position of the vertex nearest to each point."""
        first = self.centre - self.corner
        return ((x - first) / self.cell).round() * self.cell + first
