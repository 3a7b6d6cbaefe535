"""Training in one call."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.fields import kinds_for

QUICK = {"steps": 3, "points_per_step": 256}
SETTINGS = {"spectral": {**QUICK, "width": 16}, "scale_space": {**QUICK, "width": 16}}


@pytest.fixture
def picture(smooth_pixels: np.ndarray) -> fc.Picture:
    return fc.Picture(smooth_pixels)


@pytest.mark.parametrize("kind", kinds_for(2))
def test_a_kind_by_name_is_ready_to_be_used(kind: str, picture: fc.Picture) -> None:
    field = fc.train(kind, picture, fc.Stop(steps=3), device="cpu", **SETTINGS.get(kind, {}))
    assert (field.kind, field.training) == (kind, False)
    assert field(torch.zeros(2, 2), fc.Gaussian(1e-3)).shape == (2, 3)
    if field.calibrated:
        assert field.calibration_factor != 1


def test_settings_seed_and_steps_are_the_recipes(picture: fc.Picture) -> None:
    field = fc.train("spectral", picture, preset="standard", seed=7, device="cpu", **SETTINGS["spectral"])
    assert (field.recipe.width, field.recipe.seed, field.recipe.steps, field.recipe.preset) == (16, 7, 3, "custom")
    assert fc.train("spectral", picture, device="cpu", steps=1, preset="preview").recipe.preset == "preview"


def test_every_step_is_reported(picture: fc.Picture) -> None:
    seen: list[int] = []
    fc.train("spectral", picture, device="cpu", report=lambda p: seen.append(p.step), **SETTINGS["spectral"])
    assert seen == [1, 2, 3]


def test_a_field_is_trained_in_place(picture: fc.Picture) -> None:
    recipe = fc.SpectralRecipe(**SETTINGS["spectral"])
    field = fc.build_field(recipe, picture.facts)
    before = fc.weights_digest(field)
    assert fc.train(field, picture) is field
    assert fc.weights_digest(field) != before


def test_an_array_is_a_picture(smooth_pixels: np.ndarray) -> None:
    field = fc.train("spectral", smooth_pixels, device="cpu", **SETTINGS["spectral"])
    assert fc.image(field).shape == smooth_pixels.shape
    assert fc.image(field, 1e-3, size=12).shape == (8, 12, 3)
    assert fc.image(field, [[1e-2, 0], [0, 1e-4]], size=(5, 6)).shape == (6, 5, 3)


@pytest.mark.parametrize(
    "arguments, settings, message",
    [
        (("nothing", fc.Ackley()), {}, "kind: expected one of"),
        (("spectral", fc.Ackley()), {"preset": "none"}, "preset: a spectral field has"),
        (("spectral", fc.Ackley()), {"size": 5}, "size: a spectral field has no such setting; it has .*width"),
        (("spectral", fc.Ackley()), {"width": 7}, "width: expected an even number"),
        (("spectral", fc.Ackley()), {"width": "wide"}, "width: expected int"),
        (("spectral", lambda x: x), {}, r"FunctionSignal\(f, half_extent\)"),
        (("spectral", "photo.png"), {}, "signal: expected a signal or an array of pixels, got str"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fc.train(*arguments, **settings)


def test_settings_for_a_field_that_has_its_own_are_refused(picture: fc.Picture) -> None:
    field = fc.build_field(fc.SpectralRecipe(**SETTINGS["spectral"]), picture.facts)
    with pytest.raises(InputError, match="it has its recipe already"):
        fc.train(field, picture, width=32)


def test_an_image_is_of_two_dimensions() -> None:
    line = fc.FunctionSignal(lambda x: x[:, 0], (1.0,))
    field = fc.train("spectral", line, device="cpu", **SETTINGS["spectral"])
    with pytest.raises(InputError, match="is 1-D; evaluate it on a Grid"):
        fc.image(field)


def test_showing_a_field_from_another_thread_does_not_change_its_training(picture: fc.Picture) -> None:
    """The mode is one flag of the field; in evaluation mode the Lipschitz network lets no gradient through."""

    def trained(shown: bool) -> str:
        field = fc.build_field(fc.ScaleSpaceRecipe(**{**SETTINGS["scale_space"], "steps": 30}), picture.facts)
        done = threading.Event()
        grid = fc.Grid.covering(picture.facts.half_extent, 64)

        def show() -> None:
            while not done.is_set():
                fc.evaluate(field, grid, fc.Gaussian(1e-3))

        thread = threading.Thread(target=show)
        if shown:
            thread.start()
        for _ in fc.fit(field, picture):
            assert not field.training
        done.set()
        if shown:
            thread.join()
        return fc.weights_digest(field)

    assert trained(shown=True) == trained(shown=False)


@pytest.mark.parametrize("size", [0, -3, (4,) * 3, (0, 4), ()])
def test_an_image_has_whole_pixels(picture: fc.Picture, size: object) -> None:
    field = fc.build_field(fc.SpectralRecipe(**SETTINGS["spectral"]), picture.facts)
    with pytest.raises(InputError, match="size: expected a number of pixels"):
        fc.image(field, size=size)


def test_a_field_is_evaluated_on_as_many_axes_as_it_has(picture: fc.Picture) -> None:
    field = fc.build_field(fc.SpectralRecipe(**SETTINGS["spectral"]), picture.facts)
    for grid in (fc.Grid.covering((1.0, 1.0, 1.0), 4), fc.Grid.covering((1.0,), 4), fc.Points(torch.zeros(4, 3))):
        with pytest.raises(InputError, match="grid: expected 2 axes for a 2-D field"):
            next(fc.evaluate_tiles(field, grid))


def test_a_device_that_is_not_there_is_refused(tmp_path: Path, picture: fc.Picture) -> None:
    field = fc.build_field(fc.SpectralRecipe(**SETTINGS["spectral"]), picture.facts)
    fc.save_field(tmp_path / "f.safetensors", field)
    with pytest.raises(InputError, match="device"):
        fc.load_field(tmp_path / "f.safetensors", "cuda:99")
    with pytest.raises(InputError, match="device"):
        fc.train("spectral", picture, device="tpu")


@pytest.mark.parametrize("rule", [{"steps": "5"}, {"seconds": True}, {"plateau": float("inf")}, {"steps": 0}])
def test_rules_are_numbers(rule: dict) -> None:
    stop = object.__new__(fc.Stop)
    vars(stop).update({"steps": None, "seconds": None, "target_psnr": None, "plateau": None, **rule})
    with pytest.raises(InputError, match="expected a number above 0"):
        stop.__post_init__()
