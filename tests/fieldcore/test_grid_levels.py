"""Levels of a pyramid: hashed ones do what dense ones do where no vertices share an entry."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from fieldcore.fields import grid_levels
from fieldcore.fields.grid_levels import CubicLevel, DenseLevel, HashedLevel, _hashed

HALF = (1.0, 0.8, 0.3)


def lattice(cell: float) -> tuple[list[int], float, list[float]]:
    """Vertices that reach a fifth beyond the box, the cell, and a centre that is not the origin."""
    return [math.ceil(2 * (half + 0.2) / cell) + 1 for half in HALF], cell, [0.01, -0.02, 0.03]


def points(count: int, reach: float = 1.0) -> torch.Tensor:
    return reach * (2 * torch.rand(count, 3, generator=torch.Generator().manual_seed(0)) - 1)


def filled(level: DenseLevel, hashed: HashedLevel) -> None:
    """Give both the same features at every vertex."""
    counts = [round(float(n)) + 1 for n in hashed.last]
    assert list(reversed(level.values.shape[2:])) == counts, "this test needs the same vertices in both"
    vertices = torch.tensor(list(itertools.product(*map(range, counts))))
    entries = _hashed(vertices)[:, 0] & hashed._mask
    assert len(entries.unique()) == len(entries), "this test needs a table without collisions"
    with torch.no_grad():
        level.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(1))
        x, y, z = vertices.T
        hashed.values[entries] = level.values[:, 0, z, y, x].T


def test_a_hashed_level_without_collisions_is_a_dense_one() -> None:
    dense, hashed = DenseLevel(*lattice(0.16), 2), HashedLevel(*lattice(0.16), 2, 20)
    filled(dense, hashed)
    x = points(300, 1.5)  # beyond the grid too
    torch.testing.assert_close(hashed(x), dense(x), rtol=0, atol=2e-6)


def test_gradients_of_both_agree() -> None:
    dense, hashed = DenseLevel(*lattice(0.16), 2), HashedLevel(*lattice(0.16), 2, 20)
    filled(dense, hashed)
    for level in (dense, hashed):
        level(points(100)).square().sum().backward()
    assert dense.values.grad is not None and hashed.values.grad is not None
    torch.testing.assert_close(hashed.values.grad.sum(0), dense.values.grad.flatten(1).sum(1), rtol=1e-4, atol=1e-4)
    assert float(hashed.values.grad.abs().max()) == pytest.approx(float(dense.values.grad.abs().max()), rel=1e-4)


@pytest.mark.parametrize("make", [lambda: DenseLevel(*lattice(0.05), 2), lambda: HashedLevel(*lattice(0.05), 2, 10)])
def test_interpolation_is_linear_between_vertices(make) -> None:
    level = make()
    with torch.no_grad():
        level.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(2))
        # Two points on one edge of a cell, and their middle.
        corner = (
            level.centre
            - (level.last if isinstance(level, HashedLevel) else 2 * level.corner / level.cell) / 2 * level.cell
        )
        start = corner + level.cell * torch.tensor([3.0, 5, 7])
        ends = start + level.cell * torch.tensor([[0.2, 0.3, 0.4], [0.8, 0.3, 0.4]])
        left, right = level(ends).T
        middle = level(ends.mean(0, keepdim=True))[:, 0]
    torch.testing.assert_close(middle, (left + right) / 2, rtol=0, atol=1e-5)


@pytest.mark.parametrize("count", [1, 7, 1000])
def test_runs_of_points_give_what_one_batch_of_features_gives(count: int) -> None:
    level = DenseLevel(*lattice(0.02), 3)  # too big for runs while training
    with torch.no_grad():
        level.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(3))
        in_runs = level(points(count))
    torch.testing.assert_close(in_runs, level(points(count)).detach(), rtol=0, atol=1e-6)


def test_training_a_hashed_level_is_reproducible_to_the_bit() -> None:
    results = []
    for _ in range(2):
        level = HashedLevel(*lattice(0.02), 2, 12)
        optimizer = torch.optim.Adam(level.parameters(), lr=1e-2, fused=True)
        for _ in range(5):
            optimizer.zero_grad()
            (level(points(3000)) - 1).square().sum().backward()
            optimizer.step()
        results.append(level.values.detach().clone())
    assert torch.equal(*results)


MAKERS = [
    lambda: DenseLevel(*lattice(0.05), 2),
    lambda: CubicLevel(*lattice(0.05), 2),
    lambda: HashedLevel(*lattice(0.05), 2, 10),
]


@torch.no_grad()
def test_a_cubic_level_is_a_quadratic_between_its_vertices_and_has_no_kinks() -> None:
    level = CubicLevel(*lattice(0.1), 1)
    x, y, z = torch.meshgrid(*level.axes, indexing="ij")
    level.values[0, 0] = (x * x - 0.5 * y * z + z).permute(2, 1, 0)
    at = points(500, 0.25)
    expected = at[:, 0] ** 2 - 0.5 * at[:, 1] * at[:, 2] + at[:, 2]
    torch.testing.assert_close(level(at)[0], expected, rtol=0, atol=1e-5)
    level.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(6))
    vertex = torch.stack([axis[4] for axis in level.axes])
    step = 1e-3
    left, middle, right = (level((vertex + k * torch.tensor([step, 0.0, 0.0]))[None])[0, 0] for k in (-1, 0, 1))
    assert float(middle) == pytest.approx(float(level.values[0, 0, 4, 4, 4]), abs=1e-5)
    assert float((right - middle) / step) == pytest.approx(float((middle - left) / step), abs=1.0)


@pytest.mark.parametrize("make", MAKERS)
@torch.no_grad()
def test_positions_that_cross_give_what_their_points_give(make) -> None:
    level = make()
    level.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(5))
    x, y, z = (torch.linspace(-1.4, 1.3, count) for count in (5, 7, 9))  # beyond the grid too
    crossings = torch.stack([axis.ravel() for axis in torch.meshgrid(z, y, x, indexing="ij")][::-1], -1)
    torch.testing.assert_close(level.on_lattice([x, y, z]), level(crossings), rtol=0, atol=1e-5)


@pytest.mark.parametrize("make", MAKERS)
@torch.no_grad()
def test_offsets_worked_off_together_give_what_one_after_the_other_gives(make, monkeypatch) -> None:
    level = make()
    level.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(5))
    axes = [torch.linspace(-1.2, 1.1, count) for count in (5, 7, 3)]
    offsets = torch.tensor([[0.0, 0.0, 0.0], [0.1, -0.2, 0.03], [0.5, 0.4, -0.3]])
    weights = torch.tensor([0.5, 0.3, 0.2])
    shifted = [[axis + shift for axis, shift in zip(axes, offset, strict=True)] for offset in offsets]
    expected = sum(weight * level.on_lattice(at) for weight, at in zip(weights, shifted, strict=True))
    torch.testing.assert_close(level.averaged_on_lattice(axes, offsets, weights), expected, rtol=0, atol=1e-5)
    monkeypatch.setattr(grid_levels, "_MANY", 1)  # as where memory asks for it
    torch.testing.assert_close(level.averaged_on_lattice(axes, offsets, weights), expected, rtol=0, atol=1e-5)
