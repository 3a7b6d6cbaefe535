"""A pyramid that starts with the signal's own Laplacian pyramid: the preset ``texture``."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from fieldcore.checkpoint import TrainingFacts, load_field, save_field
from fieldcore.evaluation import Grid, evaluate
from fieldcore.fields.pyramid import Pyramid
from fieldcore.filters import Gaussian
from fieldcore.fitting import Stop, Training, fit
from fieldcore.picture_truth import smooth_picture
from fieldcore.signals import Ackley, Picture, Signal

RECIPE = dataclasses.replace(Pyramid.presets["texture"], points_per_step=512)
TRAINED = dataclasses.replace(RECIPE, width=16, learning_rate=1e-3)  # beside its levels it has a network


def noise(width: int, height: int) -> Picture:
    """Detail at every scale, down to single pixels."""
    random = np.random.default_rng(0)
    pixels = np.zeros((height, width, 3))
    for size in (1, 2, 4, 16):
        coarse = random.standard_normal((-(-height // size), -(-width // size), 3))
        pixels += 0.1 * np.kron(coarse, np.ones((size, size, 1)))[:height, :width]
    return Picture((0.5 + pixels).clip(0, 1), "noise")


def prepared(signal: Signal, **entries: object) -> Pyramid:
    field = Pyramid(dataclasses.replace(RECIPE, **entries), signal.facts)
    field.prepare(signal)
    return field.eval()


def inside(signal: Signal, count: int) -> torch.Tensor:
    noise = torch.rand(count, signal.dim, generator=torch.Generator().manual_seed(1))
    return (2 * noise - 1) * torch.tensor(signal.facts.half_extent)


@pytest.fixture(scope="module")
def warm() -> Pyramid:
    return prepared(noise(256, 192))


def psnr(field: Pyramid, signal: Picture, gaussian: Gaussian, deviation: float) -> float:
    height, width = signal.pixels.shape[:2]
    crop = min(math.ceil(3 * deviation * width / 2), height // 2 - 16)
    middle = (slice(crop, height - crop), slice(crop, width - crop))
    values = evaluate(field, Grid.covering(signal.facts.half_extent, width), gaussian).numpy()
    return -10 * math.log10(np.square(values[middle] - smooth_picture(signal, gaussian)[middle]).mean())


@pytest.mark.parametrize("size", [(64, 48), (65, 24), (33, 47)])
def test_what_is_not_smoothed_is_the_signal_itself_everywhere(size: tuple[int, int]) -> None:
    signal = noise(*size)
    x = 1.15 * inside(signal, 2000)  # beyond the border too
    with torch.no_grad():
        torch.testing.assert_close(prepared(signal)(x), signal(x), rtol=0, atol=2e-5)


@pytest.mark.parametrize("pixels", [1, 1.4, 2, 3, 5, 8, 13])
def test_without_a_step_of_training_smoothing_is_near_the_exact_one(warm: Pyramid, pixels: float) -> None:
    deviation = pixels * 2 / 256
    assert psnr(warm, noise(256, 192), Gaussian(deviation**2), deviation) > 42


@pytest.mark.parametrize("ratio", [2, 8, 16])
@pytest.mark.parametrize("angle_deg", [0, 20, 45, 110])
def test_the_same_for_footprints_at_grazing_angles(warm: Pyramid, ratio: float, angle_deg: float) -> None:
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    axes = torch.tensor([[cosine, -sine], [sine, cosine]])
    minor = 1.2 * 2 / 256
    covariance = axes @ torch.diag(torch.tensor([(ratio * minor) ** 2, minor**2])) @ axes.T
    assert psnr(warm, noise(256, 192), Gaussian(covariance), ratio * minor) > 40


def test_smoothing_by_all_of_the_picture_gives_its_mean_colour() -> None:
    signal = noise(64, 64)
    values = prepared(signal)(inside(signal, 10), Gaussian(4.0))
    np.testing.assert_allclose(values.detach().mean(0), signal.pixels.mean((0, 1)), atol=0.02)


def test_one_colour_stays_that_colour() -> None:
    signal = Picture(np.full((40, 40, 3), [0.2, 0.5, 0.9], np.float32), "plain")
    field, x = prepared(signal), inside(signal, 50)
    for gaussian in (Gaussian(1e-5), Gaussian(1e-2), Gaussian(torch.diag(torch.tensor([1e-2, 1e-5])))):
        torch.testing.assert_close(field(x, gaussian), signal(x), rtol=0, atol=1e-3)


def test_every_vertex_is_one_of_the_next_finer_level_too() -> None:
    for size in ((64, 48), (65, 24)):
        levels = Pyramid(RECIPE, noise(*size).facts).levels
        for level, finer in pairwise(levels):
            for axis, count in enumerate(level.size):
                at = level.centre[axis] - level.corner[axis] + level.cell * torch.arange(count)
                index = (at - (finer.centre[axis] - finer.corner[axis])) / finer.cell
                assert (index - index.round()).abs().max() < 1e-3


def test_a_formula_is_prepared_too() -> None:
    field = prepared(Ackley(), formula_cells=128)
    x = inside(Ackley(), 1000)
    with torch.no_grad():
        assert (field(x) - Ackley()(x)).square().mean().sqrt() < 0.02


def test_a_picture_with_more_pixels_than_cells_is_averaged_not_picked() -> None:
    stripes = np.tile((np.arange(256) % 2).astype(np.float32)[None, :, None], (256, 1, 3))
    signal = Picture(stripes, "stripes")
    values = prepared(signal, max_cells=50)(0.9 * inside(signal, 500))
    assert (values - 0.5).abs().max() < 0.2  # a pixel picked at each vertex would give 0 and 1


def test_preparing_is_reproducible_and_follows_the_seed() -> None:
    first, second, other = (prepared(noise(64, 48), seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["fading"], other["fading"])


def test_other_presets_start_as_they_always_did() -> None:
    signal = noise(64, 48)
    field = Pyramid(Pyramid.presets["preview"], signal.facts)
    before = {name: tensor.clone() for name, tensor in field.state_dict().items()}
    field.prepare(signal)
    assert all(torch.equal(tensor, before[name]) for name, tensor in field.state_dict().items())
    assert "fading" not in before


def test_training_prepares_once_and_keeps_what_that_gave() -> None:
    signal = noise(64, 48)
    training = Training(Pyramid(TRAINED, signal.facts))
    list(fit(training, signal, stop=Stop(steps=3)))
    ready = prepared(signal, width=TRAINED.width)
    for got, expected in zip(training.field.levels, ready.levels, strict=True):
        assert torch.equal(got.values, expected.values)
    network = training.field.network.state_dict()
    assert any(not torch.equal(network[name], tensor) for name, tensor in ready.network.state_dict().items())


def test_resumed_training_is_the_same_to_the_bit(tmp_path: Path) -> None:
    signal, path = noise(64, 48), tmp_path / "state.safetensors"
    whole = Training(Pyramid(TRAINED, signal.facts))
    list(fit(whole, signal, stop=Stop(steps=6)))
    steps = fit(
        Training(Pyramid(TRAINED, signal.facts)), signal, stop=Stop(steps=6), checkpoint=path, checkpoint_seconds=0.0
    )
    for _ in range(3):
        next(steps)
    steps.close()
    resumed = Training.load(path)
    assert 0 < resumed.step < 6
    list(fit(resumed, signal, stop=Stop(steps=6)))
    theirs = resumed.field.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in whole.field.state_dict().items())


def test_a_saved_field_answers_the_same(tmp_path: Path, warm: Pyramid) -> None:
    path = tmp_path / "noise.safetensors"
    save_field(path, warm, TrainingFacts())
    x, gaussian = inside(noise(256, 192), 100), Gaussian(torch.logspace(-7, 0, 100))
    with torch.no_grad():
        assert torch.equal(load_field(path)(x, gaussian), warm(x, gaussian))
