"""Radiance fields on views of balls whose pictures are known."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from sphere_scenes import ball_views

from fieldcore.checkpoint import load_field, save_field, weights_digest
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.networks import RADIANCE_ENCODINGS
from fieldcore.fields.radiance import Radiance
from fieldcore.filters import Gaussian
from fieldcore.fitting import Stop, Training, fit
from fieldcore.views.views import Views

TINY = {
    "points_per_step": 256,
    "finest_cells": 40,
    "coarsest_cells": 10,
    "occupancy_cells": 20,
    "intervals": 32,
    "level_steps": 10,
    "width": 12,
    "log2_entries": 12,
}


@cache
def views() -> Views:
    return ball_views(10, 32, holdout=5)


def new_field(seed: int = 0, **changes: object) -> Radiance:
    recipe = preset_recipe("radiance", "preview", views().facts, seed=seed)
    field = build_field(recipe.changed({**TINY, **changes}, "views"), views().facts)
    assert isinstance(field, Radiance)
    return field


def trained(steps: int, **changes: object) -> Radiance:
    field = new_field(**changes)
    for _ in fit(field, views(), stop=Stop(steps=steps)):
        pass
    return field


@pytest.mark.long
def test_a_ball_is_learned_and_seen_from_elsewhere() -> None:
    field = trained(120)
    for view in views().held_out:
        error = field.render(view.camera).colour - view.pixels()[..., :3]
        assert float(-10 * error.square().mean().log10()) > 21
    assert field.occupancy.share < 0.9


def test_what_is_behind_begins_as_the_photographs_show_it() -> None:
    """Else fog in front of each camera would stand for it."""
    cameras = [view.camera for view in views().views]
    red = np.zeros((len(cameras), 32, 32, 4), np.uint8)
    red[..., 0], red[..., 3] = 204, 255
    field = new_field()
    field.prepare(Views(cameras, list(red), "red", holdout=5))
    x = torch.nn.functional.normalize(torch.randn(100, 3, generator=torch.Generator().manual_seed(0)), dim=1)
    torch.testing.assert_close(field.behind(x), torch.tensor([0.8, 0.01, 0.01]).expand(100, 3), atol=0.01, rtol=0)


def test_training_is_the_same_again_and_when_interrupted(tmp_path: Path) -> None:
    whole = trained(12)
    training = Training(new_field())
    for _ in fit(training, views(), stop=Stop(steps=12)):
        if training.step == 5:
            training.save(tmp_path / "state.safetensors")
            break
    training = Training.load(tmp_path / "state.safetensors")
    for _ in fit(training, views(), stop=Stop(steps=12)):
        pass
    assert weights_digest(training.field) == weights_digest(whole)


def test_a_file_holds_the_whole_field(tmp_path: Path) -> None:
    for encoding in ("grid", "relu"):
        field = trained(3, encoding=encoding)
        save_field(tmp_path / "field.safetensors", field)
        camera = views().held_out[0].camera.resized(8, 8)
        again = load_field(tmp_path / "field.safetensors")
        assert isinstance(again, Radiance)
        assert torch.equal(again.render(camera).colour, field.render(camera).colour)


def test_every_encoding_learns() -> None:
    for encoding in RADIANCE_ENCODINGS:
        field = new_field(encoding=encoding)
        before = weights_digest(field)
        losses = [progress.loss for progress in fit(field, views(), stop=Stop(steps=2))]
        assert weights_digest(field) != before and all(loss < 2 for loss in losses)


def test_levels_join_one_after_another() -> None:
    recipe = new_field().recipe
    assert [recipe.levels_at(step) for step in (0, 9, 10, 20, 1000)] == [1, 1, 2, 3, 3]
    assert recipe.level_cells == (10, 20, 40)


def test_levels_fade_under_a_filter_and_far_away() -> None:
    field = trained(30)
    camera = views().held_out[0].camera
    sharp, smooth = field.render(camera).colour, field.render(camera, filter=1e-2).colour
    assert float((sharp - smooth).abs().mean()) > 1e-3
    torch.testing.assert_close(field.render(camera, filter=0.0).colour, sharp)
    x = torch.rand(50, 3) * 2 - 1
    torch.testing.assert_close(field(x, 0.0), field(x))
    weights = field.volume.level_weights(torch.tensor([0.0, 1e-4, 1e-2]))  # type: ignore[operator]
    assert bool((weights[0] == 1).all()) and bool((weights.diff(dim=0) < 0).all())
    assert bool((weights[1:].diff(dim=1) < 0).all())


def test_what_is_refused() -> None:
    field = new_field()
    with pytest.raises(InputError, match="isotropic"):
        field(torch.zeros(1, 3), Gaussian(torch.diag(torch.tensor([1e-2, 1e-3, 1e-3]))))
    with pytest.raises(InputError, match="encoding grid"):
        new_field(encoding="finer")(torch.zeros(1, 3), 1e-3)
    with pytest.raises(InputError, match="encoding"):
        new_field(encoding="cosine")
    with pytest.raises(InputError, match="finest_cells"):
        new_field(finest_cells=5)


def test_density_is_never_negative_and_has_one_channel() -> None:
    values = trained(3)(torch.rand(20, 3) * 2 - 1)
    assert values.shape == (20, 1) and bool((values >= 0).all())


def test_a_file_keeps_the_cameras(tmp_path: Path) -> None:
    field = trained(1)
    save_field(tmp_path / "field.safetensors", field)
    cameras = load_field(tmp_path / "field.safetensors").float().cameras
    for number, view in enumerate(views().views):
        assert torch.equal(cameras.camera(number).world_from_camera, view.camera.world_from_camera)
        assert cameras.camera(number).fx == view.camera.fx
    assert cameras.number_of(views().views[3].name) == 3
    with pytest.raises(InputError, match="0 to 9"):
        cameras.number_of("10")
    with pytest.raises(InputError, match="not trained"):
        new_field().cameras.camera(0)
