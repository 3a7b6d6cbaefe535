"""The trained pyramid: its structure, its laws, and that it learns smoothing in a few seconds."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, TileSize, evaluate
from fieldcore.fields.trained_pyramid import TrainedPyramid, TrainedPyramidRecipe
from fieldcore.filters import Filter, Gaussian
from fieldcore.picture_truth import smooth_picture
from fieldcore.recipe import Recipe
from fieldcore.sampling import random_covariances
from fieldcore.signals import Ackley, Picture, Signal

RECIPE = TrainedPyramidRecipe(points_per_step=4096)


def picture(width: int = 64, height: int = 64) -> Picture:
    """Stripes of several widths, a disc with sharp edges and a gradient."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    disc = np.hypot(x - 0.4, y - 0.5) < 0.25
    stripes = 0.5 + 0.5 * np.sin(60 * x * (1 + y))
    return Picture(np.stack([np.where(disc, stripes, x), 0.2 + 0.6 * disc, 0.5 * (x + y)], -1), "synthetic")


def train(signal: Signal, recipe: TrainedPyramidRecipe, steps: int) -> TrainedPyramid:
    field = TrainedPyramid(recipe, signal.facts)
    field.train()
    generator = torch.Generator().manual_seed(recipe.seed)
    optimizer = field.optimizer()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = group["scale"] * recipe.learning_rate_at(step / steps)
        optimizer.zero_grad()
        field.loss(signal, generator).backward()
        optimizer.step()
    return field.eval()


@pytest.fixture(scope="module")
def trained() -> TrainedPyramid:
    return train(picture(), RECIPE, 300)


def psnr(field: TrainedPyramid, signal: Picture, gaussian: Gaussian, deviation: float) -> float:
    """In dB against the exact result, without the border that a filter of this deviation reaches beyond."""
    height, width = signal.pixels.shape[:2]
    crop = math.ceil(3 * deviation * max(width, height) / 2)
    inside = (slice(crop, height - crop), slice(crop, width - crop))
    grid = Grid.covering(signal.facts.half_extent, max(width, height))
    error = evaluate(field, grid, gaussian).numpy()[inside] - smooth_picture(signal, gaussian)[inside]
    return -10 * math.log10(np.square(error).mean())


def points(count: int, seed: int = 0) -> torch.Tensor:
    return 2 * torch.rand(count, 2, generator=torch.Generator().manual_seed(seed)) - 1


def covariances(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    return random_covariances(-5 + 4 * torch.rand(count, 2, generator=generator), generator)


@pytest.mark.parametrize("variance", [0.0, 1e-4, 1e-3, 1e-2, 5e-2])
def test_three_hundred_steps_learn_isotropic_smoothing(trained: TrainedPyramid, variance: float) -> None:
    assert psnr(trained, picture(), Gaussian(variance), math.sqrt(variance)) > 33


@pytest.mark.parametrize("eigenvalues", [(3e-3, 3e-4), (1e-2, 1e-4), (1e-2, 1e-5)])
@pytest.mark.parametrize("angle_deg", [0, 25, 90])
def test_probes_give_anisotropic_smoothing(
    trained: TrainedPyramid, eigenvalues: tuple[float, float], angle_deg: float
) -> None:
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    axes = torch.tensor([[cosine, -sine], [sine, cosine]])
    covariance = axes @ torch.diag(torch.tensor(eigenvalues)) @ axes.T
    assert psnr(trained, picture(), Gaussian(covariance), math.sqrt(eigenvalues[0])) > 30


def test_filter_of_zero_variance_is_no_filter(trained: TrainedPyramid) -> None:
    x = points(100)
    for zero in (Gaussian(0.0), Gaussian(torch.zeros(2, 2)), Gaussian(torch.zeros(100))):
        torch.testing.assert_close(trained(x, zero), trained(x), rtol=0, atol=1e-6)


def test_values_are_continuous_where_variance_vanishes(trained: TrainedPyramid) -> None:
    x = points(100)
    torch.testing.assert_close(trained(x, Gaussian(1e-10)), trained(x), rtol=0, atol=1e-3)


def test_one_gaussian_a_point_equals_each_point_alone(trained: TrainedPyramid) -> None:
    x, variance, covariance = points(12), torch.logspace(-6, 0, 12), covariances(12)
    for gaussians in (Gaussian(variance), Gaussian(covariance)):
        looped = torch.cat([trained(x[i : i + 1], gaussians[i : i + 1]) for i in range(12)])
        torch.testing.assert_close(trained(x, gaussians), looped, rtol=0, atol=1e-5)


def test_one_gaussian_a_point_equals_a_shared_one(trained: TrainedPyramid) -> None:
    x, covariance = points(30), covariances(1)
    torch.testing.assert_close(
        trained(x, Gaussian(covariance.expand(30, 2, 2))),
        trained(x, Gaussian(covariance[0])),
        rtol=0,
        atol=1e-6,
    )
    torch.testing.assert_close(
        trained(x, Gaussian(torch.full((30,), 2e-3))), trained(x, Gaussian(2e-3)), rtol=0, atol=1e-6
    )


def test_multiple_of_the_identity_equals_a_variance(trained: TrainedPyramid) -> None:
    x = points(30)
    torch.testing.assert_close(trained(x, Gaussian(2e-3 * torch.eye(2))), trained(x, Gaussian(2e-3)), rtol=0, atol=1e-6)


def test_tiles_do_not_show(trained: TrainedPyramid) -> None:
    grid = Grid.covering((1.0, 1.0), 20)
    gaussian = Gaussian(covariances(grid.count))
    whole = evaluate(trained, grid, gaussian)
    torch.testing.assert_close(evaluate(trained, grid, gaussian, tile_size=TileSize(77)), whole, rtol=0, atol=1e-5)


def test_swapping_the_axes_of_an_isotropic_field_swaps_the_covariance(trained: TrainedPyramid) -> None:
    """A field whose grids are transposed gives the transposed picture under the transposed covariance."""
    swapped = TrainedPyramid(RECIPE, picture().facts)
    swapped.load_state_dict(
        {name: value.mT if name.startswith("levels") else value for name, value in trained.state_dict().items()}
    )
    x, covariance = points(40), covariances(1)[0]
    torch.testing.assert_close(
        swapped.eval()(x.flip(1), Gaussian(covariance.flip(0, 1))),
        trained(x, Gaussian(covariance)),
        rtol=0,
        atol=1e-5,
    )


def test_cells_are_square_and_vertices_on_the_samples_of_a_long_picture() -> None:
    signal = picture(65, 24)
    field = TrainedPyramid(RECIPE, signal.facts)
    for level in field.levels:
        size = torch.tensor(level.values.shape[:1:-1])  # vertices along (width, height)
        torch.testing.assert_close(2 * level.corner / (size - 1), torch.full((2,), level.cell))
        assert (level.corner >= torch.tensor(signal.facts.half_extent) + 0.2 - 1e-6).all()
    finest = field.levels[-1]
    assert finest.cell == pytest.approx(2 / 65)
    centres = Grid.covering(signal.facts.half_extent, 65).points(0, 65 * 24)
    torch.testing.assert_close(finest.nearest_vertex(centres), centres, rtol=0, atol=1e-6)


def test_finest_level_is_capped_and_a_formula_has_its_own() -> None:
    capped = dataclasses.replace(RECIPE, max_cells=32)
    assert TrainedPyramid(capped, picture(256, 128).facts).levels[-1].cell == pytest.approx(2.4 / 32)
    assert TrainedPyramid(RECIPE, Ackley().facts).levels[-1].cell == pytest.approx(2.4 / RECIPE.formula_cells)


def test_levels_interpolate_linearly() -> None:
    level = TrainedPyramid(RECIPE, picture().facts).levels[3]
    height, width = level.values.shape[2:]
    with torch.no_grad():
        y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
        level.values.copy_((2 * x - 3 * y).expand_as(level.values))
    at = points(50)
    expected = 2 * at[:, 0] / level.corner[0] - 3 * at[:, 1] / level.corner[1]
    torch.testing.assert_close(level(at), expected.expand(len(level.values), -1), rtol=0, atol=1e-5)


def test_training_is_reproducible_to_the_bit() -> None:
    first, second = (train(picture(), RECIPE, 5).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = train(picture(), dataclasses.replace(RECIPE, seed=1), 5).state_dict()
    assert not torch.equal(first["levels.3.values"], other["levels.3.values"])


def test_a_formula_is_learned_too() -> None:
    field = train(Ackley(), RECIPE, 150)
    x = points(2000)
    assert (field(x) - Ackley()(x)).square().mean().sqrt() < 0.05


def test_other_filters_are_refused_by_name() -> None:
    class Tent(Filter):
        per_point = None
        offsets = response = __getitem__ = to = None  # type: ignore[assignment]

    with pytest.raises(InputError, match="trained_pyramid field cannot be filtered by Tent; it supports Gaussian"):
        TrainedPyramid(RECIPE, picture().facts)(points(3), Tent())


@pytest.mark.parametrize("preset", sorted(TrainedPyramid.presets))
def test_presets_travel_through_a_checkpoint(preset: str) -> None:
    recipe = TrainedPyramid.presets[preset]
    assert recipe.preset == preset
    assert TrainedPyramidRecipe.from_dict(recipe.to_dict()) == recipe


@pytest.mark.parametrize(
    "entry",
    [
        {"growth": 1.0},
        {"width": 0},
        {"probes": 0},
        {"probes": 201},
        {"max_cells": 1},
        {"unfiltered": 1.0},
        {"kappa": 0.0},
        {"sharpness": 0.0},
        {"log10_variance": 0.0},
    ],
)
def test_bad_settings_are_refused_by_name(entry: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(entry))):
        dataclasses.replace(RECIPE, **entry)


def test_recipe_is_a_recipe() -> None:
    assert issubclass(TrainedPyramidRecipe, Recipe)
    assert TrainedPyramid.kind == TrainedPyramidRecipe.kind
