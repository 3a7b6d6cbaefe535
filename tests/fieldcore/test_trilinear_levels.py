"""Values at the vertices of a grid: against PyTorch's own look-up, sparse against dense, and gradients."""

import torch
import torch.nn.functional as F

from fieldcore.fields.trilinear_levels import Corners, TrilinearGrid


def points(count: int = 200, half: float = 1.1, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return half * (2 * torch.rand(count, 3, generator=torch.Generator().manual_seed(1), dtype=dtype) - 1)


def table(rows: int, channels: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(rows, channels, generator=torch.Generator().manual_seed(2), dtype=dtype)


def by_index_add(corners: Corners, values: torch.Tensor) -> torch.Tensor:
    """The table's gradient of ``(of(table) * values).sum()``, one corner after the other."""
    result = torch.zeros(corners.row_count, values.shape[1], dtype=values.dtype)
    for corner in range(8):
        result.index_add_(0, corners.rows[:, corner], corners.weights[:, corner, None] * values)
    return result


def test_values_are_those_of_grid_sample() -> None:
    for cells, channels in ((1, 1), (5, 4), (16, 3)):
        grid = TrilinearGrid(cells, half_width=0.9)
        values, x = table(grid.row_count, channels), points()
        expected = F.grid_sample(
            grid.spread(values)[None], x[None, None, None] / 0.9, padding_mode="border", align_corners=True
        )
        assert torch.allclose(grid.corners(x).of(values), expected.view(channels, -1).T, atol=1e-5)


def test_a_linear_function_is_met_exactly() -> None:
    grid = TrilinearGrid(7)
    slope = torch.tensor([[0.3], [-2.0], [1.1]])
    x = points(half=1.0)
    assert torch.allclose(grid.corners(x).of(grid.vertices() @ slope), x @ slope, atol=1e-5)


def test_the_transposed_product_is_index_add() -> None:
    grid = TrilinearGrid(6)
    corners, gradient = grid.corners(points(dtype=torch.float64)), table(200, 5, torch.float64)
    assert torch.allclose(corners.scattered(gradient), by_index_add(corners, gradient), atol=1e-13)


def test_gradients_of_table_and_points() -> None:
    grid = TrilinearGrid(2)
    values = table(grid.row_count, 2, torch.float64).requires_grad_()
    x = points(6, 0.9, torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda values, x: grid.corners(x).of(values), (values, x))


def test_a_sparse_grid_is_a_dense_one_where_both_have_vertices() -> None:
    dense, sparse = TrilinearGrid(8), TrilinearGrid(8)
    kept = sparse.vertices().norm(dim=1) < 0.8
    sparse.keep(kept.view(9, 9, 9))
    values = table(dense.row_count, 3) * kept[:, None]
    few = torch.cat([torch.zeros(1, 3), values[kept]])
    assert sparse.row_count == int(kept.sum()) + 1 == len(few)
    x = points()
    assert torch.allclose(sparse.corners(x).of(few), dense.corners(x).of(values), atol=1e-6)
    gradient = table(len(x), 3)
    found = sparse.corners(x).scattered(gradient)
    assert torch.allclose(found[1:], dense.corners(x).scattered(gradient)[kept], atol=1e-5)
    assert not found[0].any(), "the vertices that were left out stay 0"
    assert torch.equal(sparse.spread(few), dense.spread(values))


def test_rows_are_right_where_they_no_longer_fit_a_float() -> None:
    grid = TrilinearGrid(300)
    x = torch.tensor([[1.0, 1.0, 1.0], [-1.0, -1.0, 1.0]])
    rows, weights = grid.corners(x).rows, grid.corners(x).weights
    assert [int(rows[i, weights[i].argmax()]) for i in range(2)] == [301**3 - 1, 300 * 301**2]
