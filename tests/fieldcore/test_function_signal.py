"""Functions of one's own as signals."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from preloaded import run_preloaded

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.provenance import find_signal, open_as_seen

TINY = {"steps": 2, "width": 16, "points_per_step": 64, "device": "cpu"}


def wave(x: torch.Tensor) -> torch.Tensor:
    return 3 * torch.sin(2 * math.pi * x[:, 0]) + 1


def test_channels_range_and_name_are_measured() -> None:
    facts = fc.FunctionSignal(wave, (1.0, 0.5)).facts
    assert (facts.type, facts.name, facts.channels, facts.half_extent) == ("function", "wave", 1, (1.0, 0.5))
    assert facts.value_range == pytest.approx((-2, 4), abs=0.01)
    assert fc.FunctionSignal(lambda x: x, (1.0, 1.0, 1.0), name="itself").facts.channels == 3


def test_what_is_said_takes_precedence() -> None:
    facts = fc.FunctionSignal(wave, [1], channels=1, value_range=(-5, 5), name="mine").facts
    assert (facts.name, facts.channels, facts.value_range) == ("mine", 1, (-5.0, 5.0))


def test_the_digest_is_of_the_values() -> None:
    def scaled(factor: float) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda x: factor * x[:, 0]

    one, again, other = (fc.FunctionSignal(scaled(factor), (1.0,)).facts.digest for factor in (2.0, 2.0, 3.0))
    assert one == again != other


@pytest.mark.parametrize("f", [lambda x: np.asarray(x)[:, 0], lambda x: (x > 0).all(1), lambda x: x[:, :1].double()])
def test_arrays_booleans_and_float64_are_values(f: Callable) -> None:
    signal = fc.FunctionSignal(f, (1.0, 1.0))
    assert signal([[0.5, 0.5]]).shape == (1, 1)
    assert signal(np.zeros((3, 2))).is_floating_point()


@pytest.mark.parametrize(
    "f, settings, message",
    [
        (lambda x: x.sum(), {}, "expected values of shape"),
        (lambda x: x[:5], {}, "expected values of shape"),
        (lambda x: x, {"channels": 3}, r"expected values of shape \(1024, 3\)"),
        (lambda x: x[:, 0] / 0, {}, "NaN or infinite"),
        (lambda x: None, {}, "expected a tensor or array of numbers"),
        (lambda x: "values", {}, "expected a tensor or array of numbers"),
        (lambda x: x, {"half_extent": (2.0, 1.0)}, "half_extent: no signal has"),
        (lambda x: x, {"half_extent": (1.0,) * 7}, "half_extent: no signal has"),
        (lambda x: x, {"half_extent": ()}, "half_extent: expected one number an axis"),
        (lambda x: x, {"channels": 0}, "channels: expected at least 1, got 0"),
        (lambda x: x, {"value_range": (1.0, float("nan"))}, "value_range: no signal has"),
    ],
)
def test_what_is_no_signal_is_refused(f: Callable, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fc.FunctionSignal(f, **{"half_extent": (1.0, 1.0), **settings})


def test_a_constant_has_a_range() -> None:
    assert fc.FunctionSignal(lambda x: 0 * x[:, 0] + 2, (1.0,)).facts.value_range == (2.0, 3.0)


def test_its_truth_is_sampled() -> None:
    line = fc.FunctionSignal(lambda x: torch.cos(2 * math.pi * x[:, 0]), (1.0,))
    grid = fc.Grid((9,), (-1.0,), (1.0,))
    values, standard_error = line.truth().estimate(fc.Gaussian(1e-2), grid)
    expected = math.exp(-2 * math.pi**2 * 1e-2) * np.cos(2 * math.pi * grid.axes()[0].numpy())
    assert values[:, 0] == pytest.approx(expected, abs=1e-4)
    assert standard_error < 1e-4


@pytest.mark.parametrize("dim", [1, 2, 3, 4])
def test_formulas_of_any_dimension_are_scored_with_bounded_work(dim: int) -> None:
    asked = 0

    def f(x: torch.Tensor) -> torch.Tensor:
        nonlocal asked
        asked += len(x)
        return x.square().sum(1)

    signal = fc.FunctionSignal(f, (1.0,) * dim)
    field = fc.train("spectral", signal, **TINY)
    asked = 0
    (score,) = fc.score(field, signal, [fc.Gaussian(1e-3)])
    assert asked < 2**25
    assert 0 < score.psnr < 60
    assert (score.ssim is None) == (dim != 2)


def test_a_field_is_kept_without_the_function(tmp_path: Path) -> None:
    signal = fc.FunctionSignal(wave, (1.0, 0.5))
    field = fc.train("scale_space", signal, **TINY)
    fc.save_field(str(tmp_path / "wave.safetensors"), field)
    loaded = fc.load_field(tmp_path / "wave.safetensors")
    assert loaded.facts == signal.facts
    assert fc.calibrate(loaded).factor > 0
    assert find_signal(loaded.facts, ["wave"]) is None
    with pytest.raises(InputError, match="which no file holds"):
        open_as_seen(loaded.facts, "wave.py")


def test_a_signal_that_nobody_registered_is_kept_as_well(tmp_path: Path) -> None:
    class Video(fc.Signal):
        type = "a type of my own"
        facts = fc.SignalFacts(type, "clip", "", (1.0, 0.5, 1.0), 1, smooth_axes=(2,))

        def __call__(self, x: torch.Tensor) -> torch.Tensor:
            return x.sum(1, keepdim=True)

    field = fc.build_field(fc.SpectralRecipe(width=16), Video().facts)
    fc.save_field(tmp_path / "clip.safetensors", field)
    loaded = fc.load_field(tmp_path / "clip.safetensors")
    assert loaded.facts == Video.facts
    with pytest.raises(InputError, match="is no file to open"):
        open_as_seen(loaded.facts, "clip.mp4")


def test_filters_live_on_the_smoothed_axes() -> None:
    """A video along time: a filter of one axis, and the truth of a plane wave in space and time."""
    signal = fc.FunctionSignal(lambda x: torch.cos(4 * x[:, 0] + 3 * x[:, 1]), (1.0, 1.0), smooth_axes=(1,))
    grid = fc.Grid.covering((1.0, 1.0), 8)
    values, _ = signal.truth().estimate(fc.Gaussian(1e-2), grid)
    expected = math.exp(-0.5 * 9 * 1e-2) * signal(grid.points(0, grid.count)).reshape(8, 8, 1)
    assert values == pytest.approx(expected.numpy(), abs=1e-3)
    assert fc.border_px(signal.facts.embedded(fc.Gaussian(9e-3)), fc.Grid.covering((1.0, 1.0), 100)) == (0, 15)


@pytest.mark.usefixtures("few_samples")
@pytest.mark.parametrize("kind", ["spectral", "scale_space"])
def test_a_light_stage_is_trained_calibrated_and_scored_along_its_light(kind: str, tmp_path: Path) -> None:
    """Two coordinates in the picture, two of the light, of which the filters are."""

    def lit(x: torch.Tensor) -> torch.Tensor:
        return torch.sin(3 * x[:, :2]).sum(1) * torch.cos(2 * x[:, 2:]).prod(1)

    stage = fc.FunctionSignal(lit, (1.0, 1.0, 1.0, 1.0), smooth_axes=(2, 3))
    field = fc.train(kind, stage, **TINY)
    fc.save_field(tmp_path / "stage.safetensors", field)
    field = fc.load_field(tmp_path / "stage.safetensors")
    scores = list(fc.score(field, stage, [fc.Gaussian(1e-3), *fc.covariance_filters(dim=2)[:1]]))
    assert len(scores) == 2
    assert scores[1].border_px[:2] == (0, 0)
    with pytest.raises(InputError, match="2 x 2"):
        next(fc.score(field, stage, fc.covariance_filters(dim=4)))


def test_a_box_is_numbers() -> None:
    """In a process of its own, as the tests' own type checks would come first."""
    program = (
        "import fieldcore as fc\n"
        "for half_extent in (1.0, 'ab', (1.0, 'wide'), None):\n"
        "    try: fc.FunctionSignal(lambda x: x, half_extent)\n"
        "    except fc.InputError as error: print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    result = run_preloaded(["-c", program], env=environment)
    assert result.stdout.count("half_extent: expected one number an axis") == 4, result.stderr
