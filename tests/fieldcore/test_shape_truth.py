"""The truth of shapes: closed forms, sampling, and laws that any smoothing obeys."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import trimesh
from solids import FormulaShape, ball_distance, cube_distance, mesh_of, smoothed_ball_distance
from torch import Tensor

from fieldcore import shape_truth
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.filters import Box, BSpline, Ellipsoid, Gaussian, Kernel, Profile, Tent
from fieldcore.sampling import random_covariances
from fieldcore.shape_truth import ShapeTruth
from fieldcore.signals import Shape
from fieldcore.truth import smooth_points


def grid(cells: int = 16, half: float = 0.9) -> Grid:
    return Grid((cells,) * 3, (-half,) * 3, (half,) * 3)


def cell_at(point: Tensor) -> Grid:
    return Grid((1, 1, 1), tuple((point - 1e-6).tolist()), tuple((point + 1e-6).tolist()))


def points_of(cells: Grid) -> Tensor:
    return cells.points(0, cells.count).double()


def error(truth: np.ndarray, expected: Tensor) -> float:
    return float(np.abs(truth.ravel() - expected.numpy().ravel()).max())


def truth_of(formula: Callable[[Tensor], Tensor], cells: int = 64) -> ShapeTruth:
    return ShapeTruth(FormulaShape(formula), cells)


@pytest.mark.parametrize("variance", [1e-4, 1e-3, 1e-2, 1e-1])
def test_a_smoothed_ball_has_its_closed_form(variance: float) -> None:
    expected = smoothed_ball_distance(points_of(grid()), 0.6, variance).numpy()
    values = truth_of(ball_distance(0.6), 128).values(Gaussian(variance), grid()).ravel()
    wrong = np.abs(values - expected)
    assert wrong[np.abs(expected) < 0.2].max() < 3e-4
    assert wrong.max() < 8e-3  # at the centre, where the distance has its crease, between vertices of a coarser grid
    assert wrong.mean() < 8e-4


def test_the_smoothed_level_set_of_a_ball_lies_where_the_closed_form_says() -> None:
    variance, radius = 1e-2, 0.6
    line = Grid((400, 1, 1), (0.4, -1e-6, -1e-6), (0.7, 1e-6, 1e-6))
    values = truth_of(ball_distance(radius), 128).values(Gaussian(variance), line).ravel()
    r = points_of(line)[:, 0].numpy()
    found = np.interp(0.0, values, r)
    expected = np.interp(0.0, smoothed_ball_distance(points_of(line), radius, variance).numpy(), r)
    assert found == pytest.approx(expected, abs=2e-4)
    assert expected < radius - variance / radius * 0.9  # a ball shrinks by about variance / radius


@pytest.mark.parametrize("direction", [(1.0, 0, 0), (0, 0, 1.0), (0.6, 0, 0.8), (0.48, 0.6, 0.64)])
def test_smoothing_leaves_a_half_space_where_it_is(direction: tuple[float, float, float]) -> None:
    normal = torch.tensor(direction, dtype=torch.float64)
    truth = truth_of(lambda x: x @ normal.to(x) - 0.1)
    generator = torch.Generator().manual_seed(1)
    rotated = random_covariances(torch.tensor([[-2.0, -3.0, -2.5]], dtype=torch.float64), generator)[0]
    small = grid(8, 0.5)
    for gaussian in (Gaussian(1e-4), Gaussian(1e-2), Gaussian(rotated)):
        assert error(truth.values(gaussian, small), points_of(small) @ normal - 0.1) < 2e-4


@pytest.mark.long
@pytest.mark.parametrize("log10_eigenvalues", [(-4.0, -3.0, -2.0), (-2.0, -2.5, -1.5), (-5.0, -2.0, -2.0)])
def test_rotated_covariances_agree_with_sampling(log10_eigenvalues: tuple[float, float, float]) -> None:
    generator = torch.Generator().manual_seed(7)
    gaussian = Gaussian(random_covariances(torch.tensor([log10_eigenvalues], dtype=torch.float64), generator)[0])
    shape = FormulaShape(cube_distance)
    small = grid(6, 0.6)
    sampled = smooth_points(lambda x: cube_distance(x)[:, None], points_of(small), gaussian, samples=1 << 13)
    assert error(ShapeTruth(shape, 128).values(gaussian, small), sampled.mean) < 1e-3


def test_a_long_rotated_filter_takes_a_coarser_lattice_and_not_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    generator, small = torch.Generator().manual_seed(7), grid(6, 0.6)
    streak = Gaussian(random_covariances(torch.tensor([[-5.0, -5.0, 0.0]], dtype=torch.float64), generator)[0])
    whole = truth_of(cube_distance).values(streak, small)
    monkeypatch.setattr(shape_truth, "_MOST_VERTICES", 100**3)
    bounded = truth_of(cube_distance)
    assert np.abs(bounded.values(streak, small) - whole).max() < 4e-3
    assert bounded._last is not None and bounded._last[1].coefficients.size <= 100**3


def test_a_diagonal_matrix_smooths_each_axis_by_its_own() -> None:
    gaussian = Gaussian([[1e-2, 0.0, 0.0], [0.0, 1e-4, 0.0], [0.0, 0.0, 1e-3]])
    small = grid(6, 0.6)
    sampled = smooth_points(lambda x: cube_distance(x)[:, None], points_of(small), gaussian, samples=1 << 13)
    assert error(truth_of(cube_distance, 128).values(gaussian, small), sampled.mean) < 1e-3


@pytest.mark.long
def test_turning_shape_and_covariance_together_changes_nothing() -> None:
    generator = torch.Generator().manual_seed(3)
    covariance = random_covariances(torch.tensor([[-3.0, -2.0, -1.7]], dtype=torch.float64), generator)[0]
    turn = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64)).Q
    box = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)

    def distance(x: Tensor) -> Tensor:
        beyond = x.abs() - box.to(x)
        return beyond.clamp_min(0).norm(dim=-1) + beyond.amax(-1).clamp_max(0)

    straight = truth_of(distance, 128)
    turned = truth_of(lambda x: distance(x @ turn.to(x)), 128)
    x = torch.rand(8, 3, generator=generator, dtype=torch.float64) - 0.5
    for point in x:
        ours = straight.values(Gaussian(covariance), cell_at(point)).item()
        theirs = turned.values(Gaussian(turn @ covariance @ turn.T), cell_at(turn @ point)).item()
        assert theirs == pytest.approx(ours, abs=1e-3)


def test_without_smoothing_the_lattice_is_the_distance_near_a_mesh() -> None:
    shape = Shape(mesh_of(trimesh.creation.icosphere(subdivisions=3)))
    cells = Grid.covering((1.0, 1.0, 1.0), 32)
    exact = shape(points_of(cells))[:, 0]
    values = ShapeTruth(shape, 64).values(Gaussian(0.0), cells).ravel()
    near = (exact.abs() < 0.05).numpy()
    np.testing.assert_allclose(values[near], exact.numpy()[near], atol=1e-6)
    np.testing.assert_allclose(values, exact.numpy(), atol=5e-3)


def test_a_slice_and_a_corner_are_parts_of_the_whole() -> None:
    truth, whole = truth_of(cube_distance), grid()
    for gaussian in (Gaussian(1e-3), Gaussian([[1e-2, 3e-3, 0.0], [3e-3, 2e-3, 0.0], [0.0, 0.0, 1e-3]])):
        values = truth.values(gaussian, whole)
        np.testing.assert_allclose(truth.values(gaussian, whole.layers(5, 6)), values[5:6], atol=2e-6)
        np.testing.assert_allclose(truth.values(gaussian, whole.cropped((3, 0, 6))), values[6:10, :, 3:13], atol=2e-6)


@pytest.mark.long
def test_truth_takes_shapes() -> None:
    shape = FormulaShape(ball_distance(0.5))
    values, standard_error = shape.truth().estimate(Gaussian(1e-2), grid(4))
    assert values.shape == (4, 4, 4, 1)
    assert standard_error == 0
    assert error(values, smoothed_ball_distance(points_of(grid(4)), 0.5, 1e-2)) < 1e-3


def test_refusals() -> None:
    shape = FormulaShape(ball_distance(0.5))
    for cells in (16, 100, 1024):
        with pytest.raises(InputError, match="at most 512"):
            ShapeTruth(shape, cells)


def test_half_a_sphere_of_variance_is_what_is_lost_on_a_crease() -> None:
    """On the edge between two half-spaces at a right angle the mean of max(x, y) is std / sqrt(pi)."""
    truth = truth_of(lambda x: x[..., :2].amax(-1), 128)
    point = Grid((1, 1, 1), (-1e-6,) * 3, (1e-6,) * 3)
    assert truth.values(Gaussian(1e-2), point).item() == pytest.approx(0.1 / math.sqrt(math.pi), abs=5e-4)


def test_other_filters_and_filters_that_differ_are_sampled() -> None:
    """Far outside the ball the distance is nearly linear, whose mean over anything centred is itself."""
    ball = FormulaShape(ball_distance(0.5))
    disc = Ellipsoid.of_radius(0.2)
    values, standard_error = ball.truth().estimate(disc, grid(4), samples=4096)
    expected = smooth_points(ball, points_of(grid(4)), disc, samples=1 << 13).mean
    assert 0 < standard_error < 1e-3
    assert error(values, expected) < 5e-3
    variances = torch.logspace(-4, -2, 64)
    values, _ = ball.truth().estimate(Gaussian(variances), grid(4), samples=4096)
    expected = smooth_points(ball, points_of(grid(4)), Gaussian(variances), samples=1 << 13).mean
    assert error(values, expected) < 5e-3


@pytest.mark.long
def test_kernels_along_the_axes_are_summed_exactly() -> None:
    formula, cells = ball_distance(0.5), grid(5, 0.8)
    truth, points = truth_of(formula, 128), points_of(grid(5, 0.8))
    edge = Kernel([Profile.quadratic().derivative(), Profile.tent(), Profile.tent()], 0.3)
    for kernel in (Box(0.2), Tent([0.4, 0.0, 0.1]), BSpline(0.6)):
        values, standard_error = truth.estimate(kernel, cells)
        assert standard_error == 0
        assert error(values, smooth_points(formula, points, kernel, samples=1 << 13).mean) < 2e-3
    # A ball's slope along x, smoothed: for a half size of 1 the kernel's derivative is that of the smoothed distance.
    step, smooth = 1e-3, Kernel([Profile.quadratic(), Profile.tent(), Profile.tent()], 0.3)
    shifted = [truth.values(smooth, Grid((5,) * 3, (-0.8 + s, -0.8, -0.8), (0.8 + s, 0.8, 0.8))) for s in (-step, step)]
    slope = (shifted[1] - shifted[0]) / (2 * step)
    assert np.abs(truth.values(edge, cells) - 0.3 * slope).max() < 2e-3
