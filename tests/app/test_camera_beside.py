"""What stands beside in scenes that a camera sees: each side is what it is alone, in the window's frames and paths'."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from capsule import FACTS, capsule_file
from driving import DrivenSession, document_of, driven
from waves import Waves

import app.cli
from app.actions import press
from app.camera.beside import BesideRenderer
from app.frame_size import Size
from app.gl.offscreen import Offscreen
from app.path.keyframes import KeyframePath, keyframe_of, still_of
from app.path.path_file import read_path, write_path
from app.record.frame_renderer import whole
from app.record.passes import AS_SHOWN, lit
from app.scene import Scene
from app.scene_names import IN_SPACE, scene_named
from app.scenes.shape.baking import ShapeSubject
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.renderer import ShapeRenderer
from app.scenes.shape.state import shapes
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.settings import BY_NAME
from app.work.asking import EvaluateHere
from fieldcore.checkpoint import load_checkpoint
from fieldcore.fields.field import Field
from fieldcore.images import read_image
from fieldcore.images.curves import display_from_linear

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (96, 48)
CONTROLS = ShapeControls(field="capsule", other="sphere", cells=32, right="other", layout="two_up", caption=False)


class Sphere(Waves):
    """The signed distance of a sphere."""

    def _values(self, x: Any, filter: object) -> Any:
        return x.norm(dim=1, keepdim=True) - 0.4


@pytest.fixture(scope="module")
def capsule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return capsule_file(tmp_path_factory.mktemp("capsule"))


@pytest.mark.parametrize("scene", [scene_named(name) for name in IN_SPACE], ids=lambda scene: scene.name)
def test_each_side_is_shown_as_it_is_alone(scene: Scene) -> None:
    usual: Any = scene.controls()
    opened = {usual.opened_entry: "one"}
    shown = replace(usual, **opened, other="two", layout="wipe", right="other")
    assert (shown.own.layout, shown.own.left, shown.own.opened, shown.own.other) == ("one", usual.left, "one", "")
    assert (shown.beside.layout, shown.beside.opened, shown.beside.other) == ("one", "two", "")
    assert shown.beside.left == usual.left and shown.beside.camera == shown.camera
    swapped = replace(shown, left="other", right=usual.left)
    assert swapped.own == shown.own and swapped.beside == shown.beside
    alone = replace(shown, layout="one")
    assert alone.own is alone and alone.in_sight().other == "" and shown.in_sight().other == "two"


def test_a_model_without_a_field_stands_beside_by_mipmaps() -> None:
    shown = TexturedMeshControls(model="a", field="f", left="neural", other="b", right="other", layout="two_up")
    assert (shown.beside.left, shown.beside.field) == ("mipmap", "")
    beside = replace(shown, other_field="g").beside
    assert (beside.left, beside.field, beside.model) == ("neural", "g", "b")


def assert_alike(one: np.ndarray, other: np.ndarray) -> None:
    assert np.abs(one.astype(int) - other).max() <= 1, "numbers that lie between two of 8 bits may go to either"


def subject(field: Field) -> ShapeSubject:
    return ShapeSubject(field)


def test_frames_hold_both_as_they_are_alone(surface_of: SurfaceOf, capsule: Path) -> None:
    surface = surface_of(*SIZE)
    fields = load_checkpoint(capsule).field, Sphere(FACTS)
    one, other = map(subject, fields)

    def made() -> ShapeRenderer:
        return ShapeRenderer(surface.context, EvaluateHere())

    def alone(of: ShapeSubject, controls: ShapeControls, size: Size) -> np.ndarray:
        target, renderer = surface.context.simple_framebuffer(size), made()
        pixels = whole(renderer.render(of, controls, target)).pixels
        assert pixels is not None
        renderer.release()
        return pixels

    together = BesideRenderer(surface.context, made(), made, lambda controls: (other, controls.beside))
    frame = whole(together.render(one, CONTROLS, surface.framebuffer))
    assert frame.pixels is not None
    half = (SIZE[0] // 2, SIZE[1])
    expected = [alone(one, CONTROLS.own, half), alone(other, CONTROLS.beside, half)]
    assert np.abs(expected[0].astype(int) - expected[1]).max() > 50
    assert_alike(frame.pixels, np.concatenate(expected, 1))
    assert frame.description["other"] == "sphere" and frame.description["right"] == "other"

    wiped = replace(CONTROLS, layout="wipe", divider=0.25, left="other", right="field")
    frame = whole(together.render(one, wiped, surface.framebuffer))
    assert frame.pixels is not None
    at, near = SIZE[0] // 4, 16  # of the divider's line and handle
    left, right = alone(other, wiped.beside, SIZE), alone(one, wiped.own, SIZE)
    assert_alike(frame.pixels[:, : at - near], left[:, : at - near])
    assert_alike(frame.pixels[:, at + near :], right[:, at + near :])

    light = whole(together.render(one, CONTROLS, surface.framebuffer, lit(AS_SHOWN)))
    assert isinstance(light.stored, np.ndarray) and light.stored.dtype == np.float32 and light.pixels is not None
    encoded = display_from_linear(light.stored)
    assert np.abs(encoded * 255 - light.pixels).max() <= 0.51, "the same picture"
    assert len(np.unique(light.stored)) > 2 * 256, "which 8 bits do not hold"

    frame = whole(together.render(one, CONTROLS.own, surface.framebuffer))
    np.testing.assert_array_equal(frame.pixels, alone(one, CONTROLS.own, SIZE))
    together.release()


@contextmanager
def two_balls(folder: Path) -> Iterator[DrivenSession]:
    """The scene of shapes, with two fields open."""
    with driven(folder) as session:
        session.show_scene("shape")
        session.framebuffer_px = SIZE
        for name in ("a", "b"):
            shapes(session).take_document(document_of(Sphere(FACTS), f"{name}.safetensors"))
        yield session


def test_a_field_is_laid_beside_changes_places_and_leaves_when_it_is_closed(tmp_path: Path) -> None:
    with two_balls(tmp_path) as session:
        state = shapes(session)
        a, b = state.opened
        press(session, "Alt+1")
        state.show_beside(a)
        assert "choose another" in session.told[-1] and state.controls.layout == "one"
        state.advance(0.0)
        state.show_beside(b)
        assert (state.controls.shown, state.controls.field, state.controls.other) == (("field", "other"), a, b)
        own, beside = state.subject(state.controls.own), state.beside(state.controls)[0]
        assert own.field is state.opened[a].field and beside.field is state.opened[b].field
        state.advance(0.1)
        press(session, "N")
        state.advance(0.2)
        assert (state.controls.field, state.controls.other, state.controls.right) == (b, a, "other")
        state.close_opened(a)
        state.advance(0.3)
        assert (state.controls.field, state.controls.other, state.controls.layout) == (b, "", "one")


def test_views_that_are_not_linked_are_moved_by_the_mouse_that_is_on_them(tmp_path: Path) -> None:
    with two_balls(tmp_path) as session:
        state = shapes(session)
        state.show_beside(next(iter(state.opened)))
        before = state.controls.camera
        BY_NAME["linked-views"].set(session, False)
        assert state.controls.beside.camera == before, "at first both look from the same place"
        for x, moved in ((72.0, "apart"), (24.0, "camera")):
            cameras = {"apart": state.controls.beside.camera, "camera": state.controls.camera}
            session.cursor = (x, 20.0)
            state.press_button((x, 20.0))
            state.move((x + 200, 30.0))  # the hand stays with the view that it began in
            state.release_button()
            now = {"apart": state.controls.beside.camera, "camera": state.controls.camera}
            assert [name for name in now if now[name] != cameras[name]] == [moved]
        one, other = state.controls.camera, state.controls.beside.camera
        key = keyframe_of(state.controls, 0.0)
        write_path(tmp_path / "path.json", KeyframePath(still_of(replace(state.controls, field="f")), (key,)))
        read = read_path(tmp_path / "path.json").at(0.0)
        assert (read.camera, read.beside.camera, read.linked_views) == (one, other, False)
        BY_NAME["linked-views"].set(session, True)
        assert state.controls.beside.camera == one


@pytest.mark.usefixtures("surface_of")
def test_paths_render_what_stands_beside(
    capsule: Path, tmp_path: Path, surface_of: SurfaceOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    surface_of(8, 8)
    (tmp_path / "sphere.safetensors").write_bytes(b"a sphere")
    fields = {capsule.name: load_checkpoint(capsule).field, "sphere.safetensors": Sphere(FACTS)}
    monkeypatch.setattr(
        "app.scenes.shape.rendering.load_checkpoint", lambda file, device: SimpleNamespace(field=fields[file.name])
    )
    path: dict[str, Any] = {
        "format": "fieldscope-path", "version": 1, "scene": "shape", "field": str(capsule), "cells": 32,
        "frames_per_second": 1, "caption": False, "grid": False,
        "keyframes": [{"time": 0, "layout": "two_up", "right": "other"}],
    }  # fmt: skip

    def render(name: str, *more: str) -> tuple[int, str]:
        (tmp_path / "path.json").write_text(json.dumps(path))
        words = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / name), "--size", "96x48"]
        return app.cli.run([*words, *more]), capsys.readouterr().err

    code, said = render("none")
    assert code == 2 and "keyframes[0] shows something beside; name its file in the path's entry 'other'" in said
    path["other"] = "sphere.safetensors"
    assert render("both", "--report") == (0, "")
    report = json.loads((tmp_path / "both" / "report.json").read_text())
    (frame,) = report["frames"]
    assert set(frame["other"]["passes"]) == {"field"} and frame["other"]["passes"]["field"]["traced_ms"] >= 0
    assert report["means"]["other"]["milliseconds"] > 0 and report["means"]["other"]["iou"] is None, "no mesh is named"
    path |= {"field": "sphere.safetensors", "keyframes": [{"time": 0}]}
    path.pop("other")
    code, said = render("alone")
    assert code == 0, said
    both, alone = (read_image(tmp_path / name / "frame_000000.png")[0] for name in ("both", "alone"))
    assert both.shape == alone.shape == (48, 96, 3)
    middle = slice(18, 30)
    assert np.abs(both[middle, 66:78] - alone[middle, 42:54]).mean() < 0.02, "the same, in a pane half as wide"
