"""Fields of shapes: every kind trains on one, filters in 3-D, and comes back from its file bit for bit."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
import trimesh
from solids import FormulaShape, ball_distance, mesh_of, smoothed_ball_distance

from fieldcore.calibration import calibrate
from fieldcore.checkpoint import TrainingFacts, load_checkpoint, save_field, weights_digest
from fieldcore.evaluation import Grid, TileSize, evaluate
from fieldcore.fields import build_field, default_preset, kinds_for, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.fields.grid_levels import DenseLevel, HashedLevel
from fieldcore.fields.pyramid import Pyramid
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.filters import Gaussian
from fieldcore.fitting import Progress, Stop, fit
from fieldcore.sampling import random_covariances
from fieldcore.signals import Shape, Signal
from fieldcore.truth import smooth_points

SMALL = {
    "integral": {"formula_cells": 32},
    "trained_pyramid": {"formula_cells": 32, "log2_entries": 13, "points_per_step": 2048, "learning_rate": 0.1},
    "pyramid": {"formula_cells": 32, "points_per_step": 2048},
    "coordinate": {"width": 32, "points_per_step": 1024},
}
DENSE = {"width": 64, "points_per_step": 1024, "learning_rate": 1e-2}


@pytest.fixture(scope="module")
def ball() -> Shape:
    return Shape(mesh_of(trimesh.creation.icosphere(subdivisions=3, radius=1.0)))


def small_field(kind: str, signal: Signal, **changes: object) -> Field:
    """One that learns in a moment, or is solved for."""
    recipe = preset_recipe(kind, default_preset(kind, signal.facts.type), signal.facts)
    return build_field(dataclasses.replace(recipe, **{**SMALL.get(kind, DENSE), **changes}), signal.facts)


def train(field: Field, signal: Signal, steps: int) -> Field:
    for _ in fit(field, signal, stop=Stop(steps=steps)):
        pass
    return field.eval()


@pytest.fixture(scope="module")
def trained(ball: Shape) -> Field:
    return train(small_field("trained_pyramid", ball), ball, 100)


def covariances(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    return random_covariances(-4 + 2.5 * torch.rand(count, 3, generator=generator), generator)


def points(count: int, half: float = 0.9) -> torch.Tensor:
    return half * (2 * torch.rand(count, 3, generator=torch.Generator().manual_seed(1)) - 1)


@pytest.mark.parametrize("variance", [0.0, 1e-3, 1e-2])
@torch.no_grad()
def test_a_pyramid_learns_a_ball_and_its_smoothing(trained: Field, variance: float) -> None:
    x = points(2000)
    expected = smoothed_ball_distance(x, 1.0, max(variance, 1e-12)).float()
    error = trained(x, Gaussian(variance))[:, 0] - expected
    assert float(error.square().mean().sqrt()) < 0.04


@torch.no_grad()
def test_probes_smooth_along_two_axes_as_the_truth_does(trained: Field, ball: Shape) -> None:
    x = points(200, 0.6)
    for covariance in covariances(4):
        expected = smooth_points(FormulaShape(ball_distance(1.0)).sampled, x, Gaussian(covariance), samples=1024).mean
        assert float((trained(x, Gaussian(covariance)) - expected).square().mean().sqrt()) < 0.06


@torch.no_grad()
def test_batched_equals_looped_in_three_dimensions(trained: Field) -> None:
    x, covariance = points(10), covariances(10)
    for gaussians in (Gaussian(covariance), Gaussian(torch.logspace(-5, -1, 10))):
        looped = torch.cat([trained(x[i : i + 1], gaussians[i : i + 1]) for i in range(10)])
        torch.testing.assert_close(trained(x, gaussians), looped, rtol=0, atol=1e-5)


@torch.no_grad()
def test_a_multiple_of_the_identity_is_a_variance(trained: Field) -> None:
    x = points(50)
    torch.testing.assert_close(trained(x, Gaussian(2e-3 * torch.eye(3))), trained(x, Gaussian(2e-3)), rtol=0, atol=1e-5)


def test_a_learned_shape_has_dense_and_hashed_levels(ball: Shape) -> None:
    field = build_field(preset_recipe("trained_pyramid", "preview", ball.facts), ball.facts)
    assert isinstance(field, TrainedPyramid)
    kinds = [type(level) for level in field.levels]
    assert kinds == sorted(kinds, key=[DenseLevel, HashedLevel].index)
    assert set(kinds) == {DenseLevel, HashedLevel}
    for preset in TrainedPyramid.presets:  # every length of training takes a shape's own settings
        recipe = preset_recipe("trained_pyramid", preset, ball.facts)
        assert (recipe.smoothness, recipe.log2_entries) == (field.recipe.smoothness, field.recipe.log2_entries)


@pytest.fixture(scope="module")
def solved() -> tuple[Field, Progress]:
    ball = FormulaShape(ball_distance(1.0))
    recipe = dataclasses.replace(Pyramid.presets["shape"], formula_cells=64)
    assert default_preset("pyramid", "shape") == "shape"
    field = build_field(recipe, ball.facts)
    (progress,) = fit(field, ball, stop=Stop(seconds=1e9))
    return field.eval(), progress


@pytest.mark.parametrize(("variance", "most"), [(0.0, 2e-3), (1e-4, 2e-3), (1e-3, 2e-3), (1e-2, 3e-3), (1e-1, 3e-2)])
@torch.no_grad()
def test_a_distance_is_solved_for(solved: tuple[Field, Progress], variance: float, most: float) -> None:
    x = points(2000, 1.1)
    error = solved[0](x, Gaussian(variance))[:, 0] - smoothed_ball_distance(x, 1.0, max(variance, 1e-12)).float()
    assert float(error.square().mean().sqrt()) < most


@torch.no_grad()
def test_what_is_solved_for_is_smoothed_in_any_direction(solved: tuple[Field, Progress]) -> None:
    x = points(200, 1.1)
    for covariance in covariances(4):
        truth = smooth_points(FormulaShape(ball_distance(1.0)).sampled, x, Gaussian(covariance), samples=1024).mean
        assert float((solved[0](x, Gaussian(covariance)) - truth).square().mean().sqrt()) < 0.01


def test_solving_takes_one_step_and_says_so(solved: tuple[Field, Progress], tmp_path: Path) -> None:
    field, progress = solved
    assert (progress.step, progress.stopped_by, progress.share_done) == (1, "solved", 1.0)
    assert progress.psnr is not None and progress.psnr > 60
    save_field(tmp_path / "solved.safetensors", field, TrainingFacts(stopped_by="solved"))
    loaded = load_checkpoint(tmp_path / "solved.safetensors")
    x = points(100)
    assert torch.equal(loaded.field(x, Gaussian(1e-3)), field(x, Gaussian(1e-3)))


def test_papers_settings_for_meshes() -> None:
    facts = FormulaShape(ball_distance(0.5)).facts
    for kind in ("scale_space", "spectral"):
        recipe = preset_recipe(kind, "paper", facts)
        assert (recipe.steps, recipe.points_per_step, recipe.width) == (50_000, 200_000, 1024)
        assert recipe.frequency_variance == 100
        assert preset_recipe(kind, "preview", facts).frequency_variance == 10  # a tenth, as for pictures


@pytest.mark.parametrize("kind", kinds_for(3))
def test_every_kind_learns_and_loads_bit_equal(kind: str, ball: Shape, tmp_path: Path) -> None:
    field = small_field(kind, ball)
    psnr = ball.monitor(field)
    before = psnr()
    train(field, ball, 40)
    assert psnr() > before + 0.5
    save_field(tmp_path / "f.safetensors", field, TrainingFacts(steps=20))
    loaded = load_checkpoint(tmp_path / "f.safetensors").field
    x = points(100)
    with torch.no_grad():
        for gaussian in (Gaussian(0.0), Gaussian(1e-3), Gaussian(covariances(100))):
            if field.refuses(gaussian):
                continue
            assert torch.equal(loaded(x, gaussian), field(x, gaussian))
    assert loaded.facts == ball.facts
    assert loaded.facts.source_center == ball.facts.source_center


def test_training_by_steps_gives_the_same_bytes(ball: Shape) -> None:
    digests = set()
    for _ in range(2):
        fresh = Shape(mesh_of(trimesh.creation.icosphere(subdivisions=2)))
        digests.add(weights_digest(train(small_field("pyramid", fresh), fresh, 6)))
    assert len(digests) == 1


def test_calibration_looks_near_the_surface() -> None:
    field = small_field("scale_space", FormulaShape(ball_distance(0.5)))
    x = Shape.calibration_points(field, 0)
    everywhere = Signal.calibration_points(field, 0)
    with torch.no_grad():
        assert float(field(x).abs().max()) < float(field(everywhere).abs().median())
    result = calibrate(field)
    assert result.variances[0] == pytest.approx(1e-2)
    assert result.variances[-1] == pytest.approx(1e-1)
    assert field.calibration[0].tolist() == pytest.approx(result.variances)


@pytest.mark.parametrize("kind", ["none", "isotropic", "any direction"])
@torch.no_grad()
def test_a_grid_is_evaluated_as_its_points_are(trained: Field, kind: str) -> None:
    gaussian = {"none": None, "isotropic": Gaussian(1e-3), "any direction": Gaussian(covariances(1)[0])}[kind]
    grid = Grid((9, 8, 7), (-1.2, -1.0, -0.9), (1.2, 1.1, 0.8))
    expected = trained(grid.points(0, grid.count), gaussian).view(7, 8, 9, 1)
    for points in (None, TileSize(100)):  # of which a layer is the least
        torch.testing.assert_close(evaluate(trained, grid, gaussian, tile_size=points), expected, rtol=0, atol=2e-6)
