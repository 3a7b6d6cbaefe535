"""The state of shapes as a window drives it: opening, smoothing in space, training, paths, and what it refuses."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from ball import Ball, BallTruth
from driving import DrivenSession, ask_for_all, driven, put_nonsense
from patience import HANG_S, wait_until

import app.scenes.shape.true_bakes
import app.work.trainer
from app.action import perform
from app.actions import ACTIONS, actions_in, press, release
from app.camera.camera import Camera
from app.cli import given_settings, understood
from app.commands import COMMANDS
from app.document import Document
from app.opening import opened_scenes
from app.path.path_file import read_path
from app.scene_names import ALL, SIZED
from app.scenes.picture.state import pictures
from app.scenes.shape.baking import bake_truth, filter_of
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.state import ShapeState, shapes
from app.scenes.textured_mesh.state import textured_meshes
from app.setting import put
from app.settings import BY_NAME, SETTINGS
from app.work.engine import Engine
from app.work.trainer import Trainer
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.filters import Box
from fieldcore.signals import Shape

OF_SHAPES = [setting for setting in SETTINGS if "shape" in setting.scenes and setting.scenes not in (ALL, SIZED)]


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ball of a few triangles, without texture coordinates."""
    path = tmp_path_factory.mktemp("mesh") / "ball.obj"
    trimesh.creation.icosphere(subdivisions=1, radius=2.0).export(path)
    return path


@pytest.fixture(scope="module")
def field(mesh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A field of that ball, which nobody has trained."""
    path, facts = tmp_path_factory.mktemp("field") / "ball.safetensors", Shape.open(mesh).facts
    save_field(path, build_field(preset_recipe("trained_pyramid", "preview", facts), facts), TrainingFacts())
    return path


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DrivenSession]:
    monkeypatch.setattr(app.work.trainer, "default_preset", lambda kind, signal_type: "preview")  # which is quick
    with driven(tmp_path) as session:
        session.framebuffer_px = (640, 480)
        session.training.plan = replace(
            session.training.plan, kind="trained_pyramid", preset="preview", rule="steps", steps=2
        )
        yield session


def shown(session: DrivenSession, name: str = "/ball.safetensors", with_truth: bool = True, **controls) -> ShapeState:
    """Walk around a ball in closed form."""
    session.show_scene("shape")
    document = Document(Path(name), Ball(1e-3), TrainingFacts())
    document.truth = BallTruth() if with_truth else None
    shapes(session).take_document(document)
    shapes(session).change(cells=32, **controls)
    return shapes(session)


def settled(session: DrivenSession) -> None:
    session.until(lambda: shapes(session).baker.settled is not None)


# Opening


def test_a_field_of_a_shape_is_shown_and_finds_its_mesh_among_those_opened_lately(
    session: DrivenSession, mesh: Path, field: Path
) -> None:
    session.layout = session.layout.with_recent(str(mesh))
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None)
    document = shapes(session).document
    assert session.scene == "shape" and session.state is shapes(session) and pictures(session).documents == {}
    assert document is not None and document.signal_source == str(mesh) and document.truth is not None
    assert shapes(session).orbiting and not session.told and session.layout.recent[0] == str(field)
    shapes(session).change(cells=32)
    settled(session)
    assert shapes(session).baker.settled is not None and shapes(session).baker.settled.cells == 32


@pytest.mark.parametrize("field_first", [True, False])
def test_a_mesh_given_with_its_field_is_its_truth_and_is_not_trained(
    session: DrivenSession, mesh: Path, field: Path, field_first: bool
) -> None:
    sources = [str(field), str(mesh)] if field_first else [str(mesh), str(field)]
    session.open(sources)
    session.until(lambda: shapes(session).document is not None and not session.background.pending)
    assert session.scene == "shape" and textured_meshes(session).models == {}
    document = shapes(session).document
    assert document is not None and document.signal_source == str(mesh) and session.training.state == "idle"
    session.open([str(mesh)])
    session.until(lambda: session.told and not session.background.pending)
    assert (
        "is the truth of" in session.told[-1] and not shapes(session).working and shapes(session).document is document
    )


@pytest.mark.long
def test_a_mesh_without_texture_coordinates_can_be_trained_as_a_shape(
    session: DrivenSession, mesh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.work.trainer, "conclude", lambda training, *_, **__: TrainingFacts(steps=training.step))
    seen, planned = threading.Event(), session.training.planned
    monkeypatch.setattr(session.training, "planned", lambda *asked: planned(*asked) if seen.wait(HANG_S) else None)
    session.open([str(mesh)])
    session.until(lambda: session.question is not None)
    assert session.scene == "textured_mesh"
    shapes(session).change(cells=32)
    press(session, "T")
    assert session.scene == "shape" and "reading ball.obj" in shapes(session).working
    session.until(lambda: "preparing ball.obj" in shapes(session).working)
    seen.set()
    session.until(lambda: shapes(session).document is not None)
    session.until(lambda: session.training.state == "idle" and not session.background.pending)
    document = shapes(session).document
    assert document is not None and document.path.exists() and document.training.steps == 2
    assert document.field.facts.type == "shape"


def test_where_shapes_are_shown_a_mesh_is_one_at_once(
    session: DrivenSession, mesh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[str, str]] = []
    monkeypatch.setattr(
        shapes(session), "_prepare", lambda shape, source, asked: trained.append((shape.facts.name, source))
    )
    session.show_scene("shape")
    session.open([str(mesh)])
    session.until(lambda: trained)
    assert trained == [("ball.obj", str(mesh))] and session.question is None


def test_what_was_done_to_a_mesh_whose_triangles_disagree_is_told(
    session: DrivenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ball = trimesh.creation.icosphere(subdivisions=1)
    ball.faces[::2] = ball.faces[::2, ::-1]
    ball.export(tmp_path / "mixed.ply")
    trained: list[str] = []
    monkeypatch.setattr(shapes(session), "_prepare", lambda shape, source, asked: trained.append(source))
    session.show_scene("shape")
    session.open([str(tmp_path / "mixed.ply")])
    session.until(lambda: trained)
    assert "mesh 'mixed.ply': 40 triangles that faced the other way than their neighbours turned" in session.told[-1]


def test_a_shape_is_trained_by_its_own_preset_unless_another_was_chosen(tmp_path: Path) -> None:
    trainer = Trainer(Engine(), tmp_path)
    assert trainer.plan_for("shape").preset == "shape" and trainer.plan_for("texture").preset == "texture"
    assert trainer.plan_for("picture").preset == "picture"
    trainer.plan = replace(trainer.plan, preset="paper")
    assert trainer.plan_for("shape").preset == "paper", "it was chosen"


def test_a_mesh_dropped_later_is_the_truth_of_its_field(session: DrivenSession, mesh: Path, field: Path) -> None:
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None and not session.background.pending)
    assert "drop the mesh it was trained on, 'ball.obj', on the view" in shapes(session).compare_refusal("wipe")
    perform(next(action for action in ACTIONS if action.name == "compare-wipe"), session)
    assert shapes(session).controls.layout == "one" and "the truth is not known" in session.told[-1]
    session.open([str(mesh)])
    session.until(lambda: shapes(session).compare_refusal("wipe") == "")
    assert (
        "is the truth of trained_pyramid · ball.obj: press G" in session.told[-1] and session.training.state == "idle"
    )


@pytest.mark.parametrize(("name", "content"), [("empty.stl", b""), ("text.ply", b"text"), ("missing.off", None)])
def test_a_mesh_that_cannot_be_read_is_a_sentence(
    session: DrivenSession, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    session.show_scene("shape")
    session.open([str(tmp_path / name)])
    session.until(lambda: session.messages.errors)
    (told,) = session.told
    assert name in told and "Error" not in told and shapes(session).working == "" and shapes(session).document is None


def test_which_fields_are_of_shapes_is_known_from_their_files(field: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"broken")
    assert opened_scenes([str(field), "a.ply"]) == ("shape",)
    assert len(opened_scenes([str(tmp_path / "broken.safetensors"), "a.ply"])) > 1, "nobody knows"


def test_a_shape_that_is_closed_makes_room_for_the_next(session: DrivenSession) -> None:
    state = shown(session, "/a")
    shown(session, "/b")
    assert state.controls.field == "/b"
    state.next_field()
    assert state.controls.field == "/a"
    session.view_recording.toggle()
    state.close_opened("/a")
    assert "/a" in state.documents and "recorded: stop that first" in session.told[-1]
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    state.close_opened("/a")
    assert state.controls.field == "/b"
    state.close_opened("/b")
    assert state.nothing_shown and state.baker.baked is None
    session.step()


def test_who_leaves_does_not_wait_for_the_truth(
    tmp_path: Path, mesh: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with driven(tmp_path) as session:

        def baked_by_one_who_was_left(*asked: Any) -> Any:
            wait_until(lambda: session.truths.closed)
            return bake_truth(*asked)

        monkeypatch.setattr(app.scenes.shape.true_bakes, "bake_truth", baked_by_one_who_was_left)
        session.open([str(field), str(mesh)])
        shapes(session).change(cells=32)
        session.until(lambda: shapes(session).baker.settled is not None and shapes(session).document.truth is not None)  # type: ignore[union-attr]
        session._time.seconds += 10.0
        session.step()
        assert "sampling" not in shapes(session).working, "nobody has asked for it"
        assert shapes(session).document is not None
        shapes(session).baker.true_bake(
            shapes(session).document, shapes(session).controls
        )  # as for a comparison with it
        assert "sampling the true distances" in shapes(session).working
        session.close()
        assert not session.messages.errors and session.truths.pending == 0
        assert shapes(session).document is not None
        assert shapes(session).baker.true_bake(shapes(session).document, shapes(session).controls) is None


# Smoothing and comparing


def test_what_is_shown_is_baked_and_compared_with_the_truth(session: DrivenSession) -> None:
    state = shown(session)
    settled(session)
    session.until(lambda: state.agreement is not None)
    assert state.agreement is not None and state.agreement.mse == pytest.approx(1e-6, rel=1e-2)
    assert state.agreement.iou is not None and 0.98 < state.agreement.iou <= 1
    state.set_log10_variance(-2.0)
    session.step()
    assert state.agreement is None, "of another filter"
    session.until(lambda: state.agreement is not None)
    assert session.reported[-1][0] == "measured"


def test_the_filter_is_set_along_three_axes_and_turned(session: DrivenSession) -> None:
    state = shown(session)
    state.set_log10_variance(-3.0)
    assert state.controls.covariance == pytest.approx((1e-3, 0, 0, 1e-3, 0, 1e-3))
    state.set_axes(log10_variances=(-2.0, -4.0, -4.0), yaw_deg=90.0)
    xx, _, _, yy, _, zz = state.controls.covariance
    assert (xx, yy, zz) == pytest.approx((1e-4, 1e-4, 1e-2))
    assert state.log10_variance == pytest.approx(-10 / 3)
    state.step_size(1.0)
    assert state.axes.log10_variances == pytest.approx((-1.0, -3.0, -3.0)) and state.axes.yaw_deg == 90.0
    state.set_log10_variance(-6.0)
    state.step_size(-6.0)
    assert state.controls.covariance == (0.0,) * 6


def test_a_comparison_is_shown_and_again_the_field_alone(session: DrivenSession) -> None:
    state = shown(session)
    state.compare("error")
    assert state.controls.left == "error"
    state.compare("error")
    assert state.controls.left == "field"
    state.compare("wipe")
    shown(session, "/other", with_truth=False)
    assert (state.controls.layout, state.controls.left) == (
        "one",
        "field",
    ) and "drop the mesh" in state.compare_refusal("error")


def test_home_sees_all_of_it_also_in_narrow_panes(session: DrivenSession) -> None:
    state = shown(session)
    home = state.home()
    assert state.controls.camera == home == ShapeControls(field="").camera
    state.compare("two_up")
    away = np.linalg.norm(state.controls.camera.position) / np.linalg.norm(home.position)
    assert away == pytest.approx(480 / 320) and state.controls.camera.yaw_deg == home.yaw_deg
    state.change(camera=replace(state.controls.camera, yaw_deg=10.0))
    state.compare("two_up")
    assert state.controls.camera.yaw_deg == 10.0, "who had gone somewhere stays there"


# The hand


def test_the_hand_orbits_and_keys_fly(session: DrivenSession) -> None:
    state = shown(session)
    distance = np.linalg.norm(state.controls.camera.position)
    state.press_button((320.0, 240.0))
    state.move((420.0, 240.0))
    state.release_button()
    turned = state.controls.camera
    assert np.linalg.norm(turned.position) == pytest.approx(distance) and not state.captured
    assert turned.yaw_deg != pytest.approx(state.home().yaw_deg)
    state.scroll(2.0)
    assert np.linalg.norm(state.controls.camera.position) < distance
    before = state.controls.camera
    state.advance(100.0)
    press(session, "Shift")
    state.advance(100.05)
    assert state.controls.camera.pitch_deg == pytest.approx(before.pitch_deg), "Shift is a part of +"
    release(session, "Shift")
    state.toggle_orbit()
    state.advance(100.1)
    at = np.array(state.controls.camera.position)
    press(session, "W")
    state.advance(100.15)
    release(session, "W")
    for moment in range(1, 30):
        state.advance(100.15 + 0.05 * moment)
    way = np.array(state.controls.camera.position) - at
    assert not state.under_way and way == pytest.approx(0.05 * state.speed * state.controls.camera.axes[2])


def test_a_divider_is_dragged(session: DrivenSession) -> None:
    state = shown(session)
    state.compare("wipe")
    state.press_button((322.0, 100.0))
    state.move((480.0, 100.0))
    assert state.controls.divider == pytest.approx(0.75)


# Paths and recordings


def test_a_path_is_made_saved_and_taken_again(session: DrivenSession, field: Path, tmp_path: Path) -> None:
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None and not session.background.pending)
    state = shapes(session)
    session.add_keyframe()
    state.set_log10_variance(-2.0)
    state.change(slice="x", slice_position=0.25, cells=32)
    session.add_keyframe()
    session.save_path(tmp_path / "path.json")
    path = read_path(tmp_path / "path.json")
    assert isinstance(path.still, ShapeControls) and path.still.cells == 32 and len(path.keyframes) == 2
    with driven(tmp_path / "again") as again:
        again.open([str(tmp_path / "path.json")])
        again.until(lambda: shapes(again).document is not None)
        assert again.scene == "shape" and shapes(again).controls.cells == 32
        assert shapes(again).controls.covariance == (0.0,) * 6 and len(again.path.keyframes) == 2
        again.state.go_to(again.path.keyframes[1])
        assert shapes(again).controls.slice_position == 0.25
        assert shapes(again).controls.covariance[0] == pytest.approx(1e-2)
        again.toggle_playing()
        assert again.path.playing
        again.step()
        assert shapes(again).controls.covariance[0] < 1e-2
        shapes(again).change(level=0.1)
        assert not again.path.playing


def test_a_recording_notes_what_is_shown(session: DrivenSession) -> None:
    state = shown(session)
    session.view_recording.toggle()
    folder = session.recording.running.folder  # type: ignore[union-attr]
    session.until(lambda: session.recording.frames_noted > 1)
    state.set_log10_variance(-2.0)
    session.until(lambda: session.recording.frames_noted > 4)
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    path = read_path(folder / "path.json")
    assert isinstance(path.still, ShapeControls) and path.keyframes[0].covariance == (0.0,) * 6
    assert path.keyframes[-1].covariance == pytest.approx((0.01, 0, 0, 0.01, 0, 0.01))
    report = json.loads((folder / "frames.json").read_text())
    assert report["field"]["kind"] == "ball" and len(report["frames"]) == len(path.keyframes)


def test_a_mesh_is_written_in_the_background(session: DrivenSession, tmp_path: Path) -> None:
    state = shown(session, covariance=(0.01, 0.0, 0.0, 0.01, 0.0, 0.01))
    file = tmp_path / "ball.ply"
    state.export_mesh(file)
    assert "writing ball.ply" in state.working
    session.until(lambda: state.working == "")
    written = trimesh.load(file)
    assert written.is_watertight and session.told[-1].endswith(f"triangles written as {file}")
    state.export_mesh(tmp_path / "ball.txt")
    assert "is no mesh format" in session.told[0]


# Tables and commands


CHANGES = {
    "kernel": "gaussian", "log10-half-size": -1.0, "log10-half-size-y": -2.0, "linked": False, "half-size": "0.1,0.2,0",
    "log10-variance-1": -2.0, "log10-variance-2": -3.0, "log10-variance-3": -4.0,
    "filter-yaw": 30.0, "filter-pitch": 20.0, "filter-roll": -40.0, "level": 0.05, "colouring": "curvature",
    "slice": "y", "slice-position": 0.3, "cells": "32", "exact": True, "shadows": False, "light-yaw": 12.0,
    "light-pitch": 60.0, "grid": False,
    "variance": 0.002, "covariance": "0.01,0.001,0,0.002,0,0.003", "position": "0.5,-0.25,2", "yaw": 30.0,
    "pitch": -40.0, "field-of-view": 60.0, "speed": 3.0, "parallel": True,
}  # fmt: skip


def test_every_setting_of_shapes_sets_what_it_gets(session: DrivenSession) -> None:
    shown(session)
    assert {setting.name for setting in OF_SHAPES} == set(CHANGES)
    for setting in OF_SHAPES:
        assert setting.refusal(session) == "", setting.name
        put(setting, session, CHANGES[setting.name])
        expected = CHANGES[setting.name]
        assert setting.get(session) == (pytest.approx(expected) if isinstance(expected, float) else expected)
        session.step()
    assert not session.told


NONSENSE = ["", "nonsense", "1,2,3", "nan", "nan,nan,nan,nan,nan,nan", "-1,0,0,-1,0,-1", float("nan"), float("inf"),
            10**400, -1, None, [], object(), True]  # fmt: skip


def test_nonsense_is_refused_or_put_within_bounds(session: DrivenSession) -> None:
    shown(session)
    put_nonsense(session, OF_SHAPES, NONSENSE)


@pytest.mark.parametrize("is_open", [True, False])
def test_every_action_of_shapes_can_be_asked_for(session: DrivenSession, is_open: bool) -> None:
    if is_open:
        shown(session)
    else:
        session.show_scene("shape")
    ask_for_all(session, [action for action in actions_in("shape") if action.name not in ("next-scene", "train")])


def test_the_scenes_come_round(session: DrivenSession, monkeypatch: pytest.MonkeyPatch) -> None:
    for state in session.states.values():
        monkeypatch.setattr(state, "open_shipped", lambda: None)
    seen = []
    for _ in ALL:
        session.next_scene()
        seen.append(session.scene)
    assert seen == [*ALL[1:], ALL[0]]


def test_what_is_shipped_is_opened_although_something_is_being_read(session: DrivenSession) -> None:
    release = threading.Event()
    session.background.submit(lambda: release.wait(HANG_S), lambda _: None, session.fail)
    while session.scene != "shape":
        session.next_scene()
    assert session.background.pending
    release.set()
    session.until(lambda: shapes(session).document is not None)
    assert not textured_meshes(session).models, "the scene that was passed by has nothing to show"


def test_the_window_as_it_is_can_be_opened_again_by_its_command(
    session: DrivenSession, mesh: Path, field: Path, tmp_path: Path
) -> None:
    session.open([str(field), str(mesh)])
    session.until(lambda: shapes(session).document is not None and not session.background.pending)
    state = shapes(session)
    state.change(camera=replace(state.controls.camera, position=(0.5, -0.25, 2.0), yaw_deg=-12.5))
    state.set_axes(log10_variances=(-2.0, -3.0, -4.0), yaw_deg=30.0)
    state.compare("wipe")
    state.change(divider=0.25, level=-0.05, slice="z", slice_position=0.125, grid=False, exact=True, cells=32)
    words = shlex.split(COMMANDS["this window"].words(session))
    options = understood(words[1:])
    with driven(tmp_path / "again") as again:
        again.open(options.sources)
        again.until(lambda: shapes(again).document is not None and not again.background.pending)
        for setting, value in given_settings(options).items():
            setting.set(again, value)
        assert shapes(again).controls.covariance == pytest.approx(state.controls.covariance, abs=1e-9)
        expected = replace(state.controls, covariance=shapes(again).controls.covariance, camera=Camera())
        assert replace(shapes(again).controls, camera=Camera()) == expected
        camera = shapes(again).controls.camera
        assert (camera.position, camera.yaw_deg) == ((0.5, -0.25, 2.0), -12.5)


def test_commands_do_what_is_shown(session: DrivenSession, mesh: Path, field: Path) -> None:
    session.open([str(field), str(mesh)])
    session.until(lambda: shapes(session).document is not None and not session.background.pending)
    state = shapes(session)
    state.set_log10_variance(-3.0)
    state.change(level=-0.05)
    written = COMMANDS["this mesh"].words(session)
    assert written == (f"fieldcore mesh {field} --variance 0.001 --level=-0.05 --resolution 128 --out ball-smooth.ply")
    fitted = shlex.split(COMMANDS["this training"].words(session))
    assert fitted[:4] == ["fieldcore", "fit", "shape", str(mesh)]
    assert COMMANDS["this judgement"].words(session) == f"fieldcore score {field} --signal {mesh}"


def test_a_kernel_that_no_field_takes_is_refused_with_what_to_fit(session: DrivenSession) -> None:
    state = shown(session)
    put(BY_NAME["kernel"], session, "box")
    assert session.told == [
        "a ball field cannot be filtered by Box; it supports Gaussian; open the mesh it was trained on, or fit a field "
        "of kind 'integral'"
    ]
    assert state.controls.is_gaussian


def test_a_bake_is_filtered_by_the_kernel_that_the_controls_say() -> None:
    controls = ShapeControls(kernel="box", half_size=(0.2, 0.1, 0.0))
    found = filter_of(controls.smoothing)
    assert isinstance(found, Box) and found.lengths(3).tolist() == pytest.approx([0.2, 0.1, 0.0])
    assert filter_of(replace(controls, half_size=(0.0,) * 3).smoothing) is None
    assert controls.described == {"kernel": "box", "half_size": [0.2, 0.1, 0.0]}
