"""Values at the vertices of a cubic grid, linear along each axis between them, for points drawn anew at every step.

A batch of points meets a level as one sparse matrix, its row a point's eight corners. On a processor that matrix and
its transpose, both as SciPy has them, are the look-up and its gradient: a third of the time that any of PyTorch's own
scattered sums takes. Elsewhere, and on request, ``index_add`` does the same.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


class TrilinearGrid(nn.Module):
    """The vertices of a grid over the cube [-half_width, half_width]^3, of which some may have no values of their own.

    Vertices are numbered by rows of a table. While all are kept, row ``(z * n + y) * n + x`` is that of a vertex, with
    ``n = cells + 1``. After ``keep`` row 0 is shared by all that were left out: it is 0 and gets no gradient, and the
    others follow in the same order from row 1.

    Args:
        cells: along each axis.
        half_width: of the cube, in domain units.
    """

    numbers: Tensor | None

    def __init__(self, cells: int, half_width: float = 1.0) -> None:
        super().__init__()
        self.cells, self.half_width = cells, half_width
        self.register_buffer("numbers", None, persistent=False)
        self.row_count = (cells + 1) ** 3

    @property
    def cell(self) -> float:
        """Side of a cell, in domain units."""
        return 2 * self.half_width / self.cells

    @property
    def is_sparse(self) -> bool:
        """Whether some vertices share row 0."""
        return self.numbers is not None

    def keep(self, kept: Bool[Tensor, "n n n"]) -> None:
        """Give rows to these vertices alone; the axes are z, y, x."""
        numbers = kept.flatten().cumsum(0).to(torch.int32) * kept.flatten()
        self.numbers = numbers
        self.row_count = int(kept.sum()) + 1

    def vertices(self) -> Float[Tensor, "v 3"]:
        """Positions of all vertices, x varying fastest."""
        device = None if self.numbers is None else self.numbers.device
        axis = torch.linspace(-self.half_width, self.half_width, self.cells + 1, device=device)
        return torch.cartesian_prod(axis, axis, axis).flip(-1)

    def corners(self, x: Float[Tensor, "n 3"]) -> Corners:
        """The cells around ``x`` (n, 3), in domain units; a point beyond the cube is moved to its side.

        The weights carry the gradient of ``x``, which is constant inside a cell.
        """
        n = self.cells + 1
        position = ((x + self.half_width) / self.cell).clamp(0, self.cells)
        lower = position.detach().floor().clamp_max(self.cells - 1)
        share = position - lower
        first = (lower @ lower.new_tensor([1.0, n, n * n])).to(torch.int32)  # exact below 2^24, so up to 255 cells
        if self.cells > 254:
            whole = lower.to(torch.int32)
            first = (whole[:, 2] * n + whole[:, 1]) * n + whole[:, 0]
        steps = first.new_tensor([z * n * n + y * n + x for z in (0, 1) for y in (0, 1) for x in (0, 1)])
        return self.renumbered(Corners(first[:, None] + steps, _corner_weights(share), n**3))

    def renumbered(self, corners: Corners) -> Corners:
        """Corners in a grid of as many cells that has all its vertices as corners in this one."""
        if self.numbers is None:
            return corners
        rows = self.numbers.index_select(0, corners.rows.flatten()).view(corners.rows.shape)
        return Corners(rows, corners.weights, self.row_count, first_is_zero=True)

    def spread(self, table: Float[Tensor, "rows c"]) -> Float[Tensor, "c n n n"]:
        """A table as a dense volume, its axes z, y, x; 0 where a vertex was left out."""
        n = self.cells + 1
        values = table if self.numbers is None else table[self.numbers]
        return values.T.reshape(-1, n, n, n)


def _corner_weights(share: Float[Tensor, "n 3"]) -> Float[Tensor, "n 8"]:
    """Of a cell's corners, x varying fastest, from how far across the cell a point is along each axis."""
    upper = share.T.contiguous()  # rows of numbers side by side, turned at the end, which takes a third of the time
    lower = 1 - upper
    in_plane = [y * x for y in (lower[1], upper[1]) for x in (lower[0], upper[0])]
    return torch.stack([z * weight for z in (lower[2], upper[2]) for weight in in_plane]).T.contiguous()


class Corners:
    """Where points lie in a grid: the eight corners of each one's cell and their weights, for any number of tables.

    Attributes:
        rows: of a table, for each corner.
        weights: of the corners; they sum to 1.
        row_count: rows of every table.
        first_is_zero: whether row 0 is no vertex but 0, and so gets no gradient.
    """

    def __init__(
        self, rows: Int[Tensor, "n 8"], weights: Float[Tensor, "n 8"], row_count: int, first_is_zero: bool = False
    ) -> None:
        self.rows, self.weights = rows, weights
        self.row_count, self.first_is_zero = row_count, first_is_zero

    def of(self, table: Float[Tensor, "rows c"]) -> Float[Tensor, "n c"]:
        """Values of a table at the points, with gradients for the table and, where the points have one, for them."""
        values: Tensor = _Lookup.apply(table, self.weights, self)
        return values

    def kept(self, keep: Bool[Tensor, "n"]) -> Corners:
        """Those of some of the points."""
        return Corners(self.rows[keep], self.weights[keep], self.row_count, self.first_is_zero)

    @cached_property
    def matrix(self) -> Any:
        """The points' weights as a sparse matrix of SciPy, (points, rows)."""
        import scipy.sparse  # a while, which only who looks up on a processor should wait

        count = len(self.rows)
        starts = np.arange(0, 8 * count + 1, 8, dtype=np.int32)
        entries = (self.weights.detach().numpy().reshape(-1), self.rows.numpy().reshape(-1), starts)
        return scipy.sparse.csr_array(entries, shape=(count, self.row_count))

    def gathered(self, table: Float[Tensor, "rows c"]) -> Float[Tensor, "n c"]:
        """``of`` without gradients."""
        if table.device.type == "cpu":
            return torch.from_numpy(self.matrix @ table.detach().numpy())
        return (table[self.rows] * self.weights.detach()[..., None]).sum(1)

    def scattered(self, gradient: Float[Tensor, "n c"]) -> Float[Tensor, "rows c"]:
        """The gradient of a table from that of its values at the points."""
        if gradient.device.type == "cpu":
            table = torch.from_numpy(self.matrix.T @ gradient.contiguous().numpy())
        else:
            each = self.weights.detach()[..., None] * gradient[:, None]
            table = gradient.new_zeros(self.row_count, gradient.shape[1])
            table.index_add_(0, self.rows.flatten(), each.flatten(0, 1))
        if self.first_is_zero:
            table[0] = 0
        return table


class _Lookup(torch.autograd.Function):
    """``Corners.of``: linear in the table and in the weights."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, weights: Tensor, corners: Corners) -> Tensor:
        ctx.corners = corners
        ctx.save_for_backward(table if weights.requires_grad else None)
        return corners.gathered(table)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        corners: Corners = ctx.corners
        (table,) = ctx.saved_tensors
        for_table = corners.scattered(gradient) if ctx.needs_input_grad[0] else None
        for_weights = None if table is None else (table[corners.rows] * gradient[:, None]).sum(-1)
        return for_table, for_weights, None
