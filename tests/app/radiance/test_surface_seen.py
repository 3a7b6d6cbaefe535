"""Surfaces seen by the cameras of their photographs: in the scene of what cameras see, and without a window."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import DrivenSession, driven
from screen import Program, lay_out
from sphere_scenes import write_ball_scene

from app.action import Action, perform
from app.actions import ACTIONS
from app.camera.frusta import Frusta
from app.camera.frustum import MOVED, Frustum, frustum_at
from app.cli import run
from app.gl.offscreen import offscreen
from app.scenes.radiance.commands import window_command
from app.scenes.radiance.photo_pictures import OF_FIELD, OF_MASK
from app.scenes.radiance.pictures import flying_camera
from app.scenes.radiance.state import radiance_fields
from app.scenes.shape.state import shapes
from app.settings import BY_NAME
from fieldcore.checkpoint import TrainingFacts, load_field, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fitting import Stop, fit
from fieldcore.images import read_image
from fieldcore.views.camera import Camera
from fieldcore.views.orbit import looking_at
from fieldcore.views.views import Views

TINY = {"points_per_step": 64, "finest_cells": 32, "samples": 8}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ball_scene(tmp_path_factory.mktemp("scene") / "balls", 9, 24)


@pytest.fixture(scope="module")
def field(scene: Path) -> Path:
    """A surface that is little more than its hull."""
    views = Views.open(scene)
    made = build_field(preset_recipe("surface", "preview", views.facts).changed(TINY, "views"), views.facts)
    for _ in fit(made, views, stop=Stop(steps=2)):
        pass
    path = scene.parent / "balls.safetensors"
    save_field(path, made.eval(), TrainingFacts())
    return path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        session.framebuffer_px = (48, 32)
        yield session


def test_the_surface_shown_before_is_looked_at_through_the_cameras_of_its_photographs(
    session: DrivenSession, field: Path
) -> None:
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None)
    session.next_scene()
    state = radiance_fields(session)
    session.until(lambda: state.document is not None)
    assert session.scene == "radiance" and state.document is shapes(session).document
    assert state.views is not None, "its folder lies beside it"
    assert "no density" in state.output_refusal("density")
    state.next_view(1)
    state.change(layout="two_up", left="normals", right="photo")
    session.until(
        lambda: state.seen is not None and state.seen.stage.final and {"normals", "photo"} <= set(_images(session))
    )


def _images(session: DrivenSession) -> dict[str, np.ndarray]:
    seen = radiance_fields(session).seen
    return {} if seen is None else dict(seen.stage.pictures.images)


def test_frames_are_what_the_field_renders(tmp_path: Path, field: Path, scene: Path, surface_of: object) -> None:
    path = {
        "format": "fieldscope-path", "version": 1, "scene": "radiance", "field": str(field), "truth": str(scene),
        "appearance": str(field), "frames_per_second": 1, "caption": False, "keyframes": [{"time": 0, "view": 3}],
    }  # fmt: skip
    (tmp_path / "path.json").write_text(json.dumps(path))
    given = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / "out"), "--size", "24x24"]
    passes = "colour,normals,photo,error,flip,outline,agreement,borrowed"
    assert run([*given, "--passes", passes]) == 0
    views, surface = Views.open(scene), load_field(field)
    frame = read_image(next((tmp_path / "out" / "colour").glob("*.png"))).values
    expected = surface.render(views.views[3].camera).colour.numpy()  # type: ignore[operator]
    assert np.abs(frame[..., :3] - expected).max() < 2 / 255
    seen = {name: read_image(next((tmp_path / "out" / name).glob("*.png"))).values for name in passes.split(",")}
    photograph = views.views[3].pixels().numpy()
    assert np.abs(seen["photo"][..., :3] - photograph[..., :3]).max() < 2 / 255
    assert np.abs(seen["borrowed"] - seen["colour"]).max() < 2 / 255, "its own appearance"
    near = (seen["outline"][..., :3][:, :, None] - np.array([OF_MASK, OF_FIELD])).__abs__().max(3) < 2 / 255
    assert near.any((0, 1)).all() and not near[photograph[..., 3] > 128][:, 0].any()
    assert seen["flip"][0, 0, :3].max() < 0.1 < np.ptp(seen["flip"]), "where both are black there is no error"
    off = surface.render(views.views[3].camera).alpha.numpy() < 0.5  # type: ignore[operator]
    assert seen["agreement"][off].max() == 0 < seen["agreement"][~off].min(0).max()


def test_what_a_path_lacks_for_an_output_is_said(
    tmp_path: Path, field: Path, scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = {"format": "fieldscope-path", "version": 1, "scene": "radiance", "field": str(field)}
    path |= {"frames_per_second": 1, "keyframes": [{"time": 0, "view": 3}]}
    file, out = tmp_path / "path.json", ["--out", str(tmp_path / "out"), "--size", "24x24"]
    cases = (({}, "borrowed", "appearance"), ({}, "agreement", "truth"), ({}, "flip", "truth"),
             ({"appearance": str(scene / "transforms.json")}, "borrowed", "transforms.json"))  # fmt: skip
    for more, name, words in cases:
        file.write_text(json.dumps(path | more))
        assert run(["--render-path", str(file), *out, "--passes", name]) == 2, name
        assert words in capsys.readouterr().err, name


def _action(name: str) -> Action:
    return next(action for action in ACTIONS if action.name == name)


def test_a_double_click_looks_through_a_camera_and_an_appearance_is_borrowed(
    session: DrivenSession, field: Path, scene: Path
) -> None:
    other = field.with_name("other.safetensors")
    shutil.copy(field, other)
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None)
    assert BY_NAME["kind"].get(session) == "surface" and not BY_NAME["rule"].refusal(session), "what would be trained"
    perform(_action("shape-cameras"), session)
    state = radiance_fields(session)
    assert session.scene == "radiance" and state.controls.frusta and state.views is not None
    assert state.controls.camera == shapes(session).controls.camera
    assert "open one" in state.output_refusal("borrowed") and state.output_refusal("agreement") == ""
    number = 4
    session.framebuffer_px = (300, 200)
    eye = flying_camera(state.controls.camera, session.framebuffer_px)
    cameras = state.subject(state.controls).field.cameras
    column, row = eye.project(cameras.camera(number).centre[None])[0][0].tolist()
    state.press_button((column, row))
    state.release_button()
    assert state.controls.view == -1, "one click turns"
    state.press_button((column, row))
    assert state.under_way, "it flies there"
    session.until(lambda: state.controls.view == number)
    assert state.controls.shown == ("colour", "photo") and not state.under_way
    flown = state.controls.camera.position
    assert np.linalg.norm(cameras.camera(number).centre.numpy() - flown) < 0.3, "that is where it has flown"
    session.show_scene("shape")
    perform(_action("shape-through-camera"), session)
    assert session.scene == "radiance" and state.controls.view == number + 1
    session.open([str(other)])
    session.until(lambda: len(state.documents) == 2)
    state.show_opened(str(field))
    assert [*state.lenders] == [str(other)] and state.controls.appearance == str(other)
    state.borrow(str(other))
    session.until(lambda: "borrowed" in _images(session))
    assert state.controls.shown == ("colour", "borrowed")
    copied = window_command(session)
    assert copied.index(field.name) < copied.index(other.name), "what lends is opened, too"
    state.close_opened(str(other))
    assert state.controls.appearance == "" and "borrowed" not in state.controls.shown


def test_thumbnails_are_hidden_by_what_is_nearer() -> None:
    front = Camera(40, 30, 300.0, 300.0, 20.0, 15.0, looking_at(np.array([0.0, 0.0, 2.0])))
    red = np.zeros((8, 8, 4), np.uint8)
    red[..., [0, 3]] = 255
    there = Camera(40, 30, 40.0, 40.0, 20.0, 15.0, torch.eye(4, dtype=torch.float64))
    seen = {}
    with offscreen((40, 30)) as surface:
        frusta = Frusta(surface.context)
        frusta.take([Frustum(there, (0.0, 1.0, 0.0), np.array([[0.0, 0.03, 0.0], [0.02, 0.0, 0.0]]), red)])
        for name, away in (("far", 5.0), ("near", 1.0)):
            depth = surface.context.texture((40, 30), 1, np.full((30, 40), away, "f4").tobytes(), dtype="f4")
            surface.framebuffer.use()
            surface.framebuffer.clear(0, 0, 0, 1)
            frusta.draw(front, (0, 0, 40, 30), depth)
            seen[name] = surface.pixels().copy()
            depth.release()
        frusta.release()
    far = seen["far"].reshape(-1, 3) / 255
    for colour in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), MOVED):
        assert (np.abs(far - colour).max(1) < 0.01).any(), colour
    assert seen["near"].max() == 0, "all of it is behind"
    assert frustum_at(front, [there], (20.0, 15.0)) == 0 and frustum_at(front, [there], (2.0, 2.0)) is None
    behind = replace(there, world_from_camera=looking_at(np.array([0.0, 0.0, 4.0])))
    assert frustum_at(front, [behind], (20.0, 15.0)) is None


def test_a_field_without_normals_is_refused_them(session: DrivenSession, field: Path) -> None:
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None)
    session.next_scene()
    state = radiance_fields(session)
    session.until(lambda: state.document is not None)
    state.arrange(replace(state.controls, left="density"))
    assert state.controls.left == "colour"


@pytest.mark.long
def test_in_a_window_its_cameras_are_a_key_away(display: str, tmp_path: Path, field: Path) -> None:
    lay_out(tmp_path, (320, 240))
    program = Program(display, tmp_path, str(field), "--cells", "32")
    try:
        ready = program.wait_for("ready")
        program.shown_at_first(scene="shape", cells=32)
        program.xdo("mousemove", 160, 120)
        program.key("f")
        program.wait_for("scene", scene="radiance")
        program.wait_for("shown", scene="radiance", view=-1)
        assert program.view(ready).std() > 10, "the surface, between cameras"
        program.key("period")
        program.wait_for("shown", scene="radiance", view=0, layout="one")
        program.key("x")
        program.wait_for("shown", scene="radiance", view=0, layout="wipe", right="photo")
        assert program.process.poll() is None
    finally:
        program.kill()
