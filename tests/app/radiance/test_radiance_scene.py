"""The radiance scene as a window drives it: a folder is learned while one looks around; frames without a window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import DrivenSession, ask_for_all, driven
from sphere_scenes import write_ball_scene

import app.work.trainer
from app.action import perform
from app.actions import ACTIONS
from app.camera.frusta import clip_from_world
from app.camera.frustum import frustum_lines
from app.cli import run
from app.opening import opened_scenes
from app.scenes.radiance.controls import RadianceControls
from app.scenes.radiance.pictures import RadiancePictures, RadianceSubject, flying_camera, nearness, picturing
from app.scenes.radiance.state import RadianceState, radiance_fields
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.radiance import Radiance
from fieldcore.fitting import Stop, fit
from fieldcore.images import read_image, write_image
from fieldcore.views.views import Views

TINY = {
    "points_per_step": 64,
    "finest_cells": 24,
    "levels": 2,
    "occupancy_cells": 12,
    "intervals": 24,
    "level_steps": 0,
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_ball_scene(tmp_path_factory.mktemp("scene") / "balls", 9, 16)
    for file in (folder / "images").iterdir():  # without alpha
        write_image(file, read_image(file).values[..., :3])
    return folder


@pytest.fixture(scope="module")
def field(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A field that has just begun."""
    views = Views.open(scene)
    made = build_field(preset_recipe("radiance", "preview", views.facts).changed(TINY, "views"), views.facts)
    for _ in fit(made, views, stop=Stop(steps=2)):
        pass
    path = tmp_path_factory.mktemp("field") / "balls.safetensors"
    save_field(path, made, TrainingFacts())
    return path


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DrivenSession]:
    def tiny(*given: object, **more: object) -> object:
        return preset_recipe(*given, **more).changed(TINY, "views")  # type: ignore[arg-type]

    monkeypatch.setattr(app.work.trainer, "preset_recipe", tiny)
    with driven(tmp_path) as session:
        session.framebuffer_px = (48, 32)
        session.training.plan = replace(session.training.plan, rule="steps", steps=3)
        yield session


def until_seen(session: DrivenSession) -> RadiancePictures:
    """Go on until what is asked for is there as finely as it will be."""
    state = radiance_fields(session)
    session.until(lambda: state.seen is not None and state.seen.stage.final and _is_of(state))
    assert state.seen is not None
    return state.seen.stage.pictures  # type: ignore[no-any-return]


def _is_of(state: RadianceState) -> bool:
    assert state.seen is not None
    return bool(state.seen.request.controls == state.controls and state.seen.request.document is state.document)


def test_a_folder_of_photographs_is_of_this_scene(scene: Path, field: Path) -> None:
    assert opened_scenes([str(scene)]) == ("radiance",)
    assert opened_scenes([str(field)]) == opened_scenes([str(field), str(scene)]) == ("radiance",)


@pytest.mark.long
def test_a_folder_is_learned_and_looked_at(session: DrivenSession, scene: Path) -> None:
    session.open([str(scene)])
    state = radiance_fields(session)
    session.until(lambda: session.messages._errors or (state.document and session.training.state == "idle"))
    assert not session.messages._errors, session.told
    assert isinstance(state.document.field, Radiance) and state.views is not None  # type: ignore[union-attr]
    assert until_seen(session).images["colour"].shape == (32, 48, 3)
    state.next_view(1)
    through = until_seen(session)
    assert state.controls.view == 0 and through.images["colour"].shape == (32, 32, 3)
    state.compare("wipe")
    state.compare("error")
    assert set(until_seen(session).images) >= {"colour", "photo"}
    state.next_view(-1)
    assert state.controls.view == 8
    state.go_home()
    assert state.controls.view == -1 and "photo" not in state.controls.needed, "there is none where it flies"
    assert not session.messages._errors


def test_every_action_does_or_says_why_not(session: DrivenSession, field: Path) -> None:
    ask_for_all(session, [action for action in ACTIONS if "radiance" in action.scenes and action.name.endswith("view")])
    session.open([str(field)])
    state = radiance_fields(session)
    session.until(lambda: state.document is not None)
    assert "photographs are not known" in state.output_refusal("photo")
    perform(next(action for action in ACTIONS if action.name == "frusta"), session)
    assert state.controls.frusta
    assert state.train_refusal


def test_photographs_that_are_opened_later_belong_to_their_field(
    session: DrivenSession, field: Path, scene: Path
) -> None:
    session.open([str(field)])
    state = radiance_fields(session)
    session.until(lambda: state.document is not None)
    session.open([str(scene)])
    session.until(lambda: state.views is not None)
    assert len(state.documents) == 1 and not state.train_refusal
    assert "press , or ." in state.output_refusal("photo")


def test_pictures_are_those_of_the_field(field: Path, scene: Path) -> None:
    from fieldcore.checkpoint import load_field

    made = load_field(field)
    assert isinstance(made, Radiance)
    subject = RadianceSubject(made, Views.open(scene))
    controls = RadianceControls(field=str(field), view=3, layout="four", left="colour")
    *_, pictures = picturing(subject, controls, (20, 20))
    assert isinstance(pictures, RadiancePictures)
    whole = made.render(made.cameras.camera(3), (20, 20))
    np.testing.assert_allclose(pictures.images["colour"], whole.colour.numpy(), atol=1e-6)
    assert set(pictures.images) == {"colour", "photo", "depth", "density"}
    assert nearness(np.array([[0.0, 1.0, 2.0]])).argsort().tolist() == [[0, 2, 1]]


def test_a_flying_camera_is_one_of_views() -> None:
    controls = RadianceControls(field="any")
    camera = flying_camera(controls.camera, (60, 40))
    (column, row), depth = (part[0].tolist() for part in camera.project(torch.zeros(1, 3, dtype=torch.float64)))
    assert (column, row) == pytest.approx((30, 20)) and depth == pytest.approx(camera.centre.norm())


def test_frusta_lie_where_their_cameras_are() -> None:
    camera = flying_camera(RadianceControls(field="any").camera, (60, 40))
    lines = frustum_lines(camera, 0.5)
    np.testing.assert_allclose(lines[::2][:4], camera.centre.numpy()[None].repeat(4, 0))
    corners, depths = camera.project(torch.from_numpy(lines[1:8:2]))
    np.testing.assert_allclose(corners, [[0, 0], [60, 0], [60, 40], [0, 40]], atol=1e-9)
    np.testing.assert_allclose(depths, 0.5)
    inside = torch.tensor([[0.1, 0.05, -0.2]], dtype=torch.float64)
    clip = clip_from_world(camera) @ np.append(inside[0].numpy(), 1)
    (column, row) = camera.project(inside)[0][0].tolist()
    np.testing.assert_allclose(clip[:2] / clip[3], [2 * column / 60 - 1, 1 - 2 * row / 40])


@pytest.mark.long
def test_a_path_is_rendered_in_all_passes(
    field: Path, scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = [{"time": 0, "view": 0}, {"time": 1, "view": 4, "log10_smoothing": -2.0}]
    entries = {"format": "fieldscope-path", "version": 1, "scene": "radiance", "field": str(field), "frusta": True}
    (tmp_path / "path.json").write_text(
        json.dumps({**entries, "truth": str(scene), "frames_per_second": 1, "keyframes": moments})
    )
    out = ["--out", str(tmp_path / "frames"), "--size", "64x48", "--quiet"]
    passes = "colour,depth,density,photo,error"
    assert run(["--render-path", str(tmp_path / "path.json"), *out, "--passes", passes]) == 0
    seen = {name: read_image(tmp_path / "frames" / name / "frame_000001.png").values for name in passes.split(",")}
    assert all(values.shape[:2] == (48, 64) and values.std() > 0.005 for values in seen.values())
    moments[1]["view"] = 99
    (tmp_path / "path.json").write_text(json.dumps({**entries, "keyframes": moments}))
    capsys.readouterr()
    assert run(["--render-path", str(tmp_path / "path.json"), *out, "--passes", "colour", "--overwrite"]) == 2
    assert "0 to 8" in capsys.readouterr().err
    assert run(["--render-path", str(tmp_path / "path.json"), *out, "--passes", "photo", "--overwrite"]) == 2
    assert "truth" in capsys.readouterr().err
