"""The state of textured meshes as a window drives it: opening, flying by hand, training, paths, and what it refuses."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import DrivenSession, ask_for_all, driven, field_file, picture_file
from rectangle import QUAD, quad_file

from app.actions import ACTIONS, actions_in, press, release
from app.camera.camera import MOST_PITCH_DEG
from app.camera.piloting import framing
from app.cli import given_settings, understood
from app.commands import COMMANDS
from app.path.path_file import read_path
from app.scene_names import IN_SPACE
from app.scenes.picture.state import pictures
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.scenes.textured_mesh.state import TexturedMeshState, textured_meshes
from app.setting import NUMBERS, put
from app.settings import BY_NAME, SETTINGS
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.signals import SignalFacts

HOME = framing((-1.0, -0.5, 0.0), (1.0, 0.5, 0.0), 40.0)
"""Where the rectangle is seen from at first."""


@pytest.fixture
def quad(tmp_path: Path) -> Path:
    """A textured rectangle."""
    return quad_file(tmp_path)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A rectangle without texture coordinates."""
    lines = [line for line in QUAD.splitlines() if not line.startswith(("vt", "mtllib", "usemtl"))]
    (tmp_path / "bare.obj").write_text(
        "\n".join(lines).replace("/1", "").replace("/2", "").replace("/3", "").replace("/4", "")
    )
    return tmp_path / "bare.obj"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        session.training.plan = replace(
            session.training.plan, kind="trained_pyramid", preset="preview", rule="steps", steps=4
        )
        yield session


def texture_file(
    folder: Path, facts: SignalFacts, name: str = "texture.safetensors", kind: str = "trained_pyramid"
) -> Path:
    """An untrained field of a texture."""
    save_field(folder / name, build_field(preset_recipe(kind, "preview", facts), facts), TrainingFacts())
    return folder / name


def opened(session: DrivenSession, quad: Path) -> TexturedMeshState:
    """Fly through the model, its texture trained."""
    session.open([str(quad)])
    session.until(lambda: textured_meshes(session).model is not None and not session.background.pending)
    session.until(lambda: session.training.state == "idle" and not session.background.pending)
    return textured_meshes(session)


# Opening


def test_a_model_is_opened_and_its_texture_is_trained(session: DrivenSession, quad: Path) -> None:
    session.open([str(quad)])
    session.until(lambda: textured_meshes(session).model is not None)
    state = textured_meshes(session)
    assert session.state is state and session.scene == "textured_mesh" and state.controls.left == "mipmap"
    session.until(lambda: session.training.state == "idle" and state.document is not None)
    document = state.document
    assert document is not None and document.path.exists() and document.training.stopped_by == "steps"
    assert document.signal is state.model.signal and document.field.facts.type == "texture"
    assert pictures(session).documents == {}, "a texture is no picture"
    session.until(lambda: state.controls.left == "shader")
    assert session.layout.recent[-1] == str(quad) and not session.messages.errors


def test_on_the_processor_the_field_is_shown_by_torch(session: DrivenSession, quad: Path) -> None:
    session.draws_in_software = True
    assert opened(session, quad).controls.left == "neural"


def test_who_chooses_a_way_of_shading_meanwhile_keeps_it(session: DrivenSession, quad: Path) -> None:
    session.open([str(quad)])
    session.until(lambda: textured_meshes(session).document is not None)
    textured_meshes(session).shade("single")
    session.until(lambda: session.training.state == "idle")
    session.step()
    assert textured_meshes(session).controls.left == "single"


def test_a_field_given_with_the_model_is_its_texture_and_nothing_is_trained(
    session: DrivenSession, quad: Path, tmp_path: Path
) -> None:
    facts = opened(session, quad).model.signal.facts  # type: ignore[union-attr]
    texture = texture_file(tmp_path, facts)
    with driven(tmp_path / "again") as again:
        again.open([str(quad), str(texture)])
        again.until(lambda: textured_meshes(again).document is not None and not again.background.pending)
        assert again.training.state == "idle" and textured_meshes(again).controls.field == str(texture)
        assert textured_meshes(again).document.signal is textured_meshes(again).model.signal  # type: ignore[union-attr]
        assert textured_meshes(again).controls.left == "shader" and not pictures(again).documents and not again.told


def test_a_field_of_another_texture_is_used_with_a_word(session: DrivenSession, quad: Path, tmp_path: Path) -> None:
    state = opened(session, quad)
    other = replace(state.model.signal.facts, digest="0" * 64, name="elsewhere.obj")  # type: ignore[union-attr]
    session.open([str(texture_file(tmp_path, other))])
    session.until(lambda: not session.background.pending)
    assert "was trained on elsewhere.obj, another texture" in session.told[-1]
    assert state.controls.field.endswith("texture.safetensors")


def test_a_field_of_a_picture_leads_back_to_pictures(session: DrivenSession, quad: Path, tmp_path: Path) -> None:
    opened(session, quad)
    picture = picture_file(tmp_path, np.zeros((8, 8, 3), np.float32))
    field = field_file(tmp_path, picture)
    session.open([str(field)])
    session.until(lambda: not session.background.pending)
    assert session.scene == "picture" and pictures(session).controls.field == str(field)
    session.next_scene()
    session.next_scene()
    assert session.scene == "textured_mesh" and textured_meshes(session).model is not None, "the model is still there"


def test_without_texture_coordinates_an_atlas_is_offered(session: DrivenSession, bare: Path) -> None:
    session.open([str(bare)])
    session.until(lambda: session.question is not None)
    assert session.question is not None and "has no texture coordinates" in session.question.text
    assert [key for key, _, _ in session.question.answers] == ["Enter", "T", "Escape"]
    press(session, "Escape")
    assert session.question is None and textured_meshes(session).model is None
    session.open([str(bare)])
    session.until(lambda: session.question is not None)
    press(session, "Enter")
    session.until(lambda: textured_meshes(session).model is not None)
    assert textured_meshes(session).model.options.atlas and not session.messages.errors  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["missing.obj", "empty.glb", "text.ply"])
def test_a_model_that_cannot_be_read_is_a_sentence(session: DrivenSession, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.glb").write_bytes(b"")
    (tmp_path / "text.ply").write_text("text")
    session.open([str(tmp_path / name)])
    session.until(lambda: session.messages.errors)
    (told,) = session.told
    assert name in told and "Error" not in told and textured_meshes(session).model is None
    session.step()


def test_a_picture_dropped_on_a_model_may_become_its_texture(
    session: DrivenSession, quad: Path, tmp_path: Path
) -> None:
    state = opened(session, quad)
    picture = picture_file(tmp_path, np.full((8, 8, 3), 0.5, np.float32), "plain.png")
    session.open([str(picture)])
    assert session.question is not None and "Use plain.png as the texture of quad.obj?" in session.question.text
    press(session, "Enter")
    session.until(lambda: state.model is not None and state.model.options.texture == picture)
    assert float(np.ptp(state.model.model.sheet.pixels)) == 0.0  # type: ignore[union-attr]


def test_models_are_closed_unless_they_are_in_use(session: DrivenSession, quad: Path) -> None:
    session.training.plan = replace(session.training.plan, preset="standard", steps=10**6)
    session.open([str(quad)])
    session.until(lambda: session.training.steps_done > 0)
    state = textured_meshes(session)
    state.close_opened(str(quad))
    assert state.model is not None and "being trained" in session.told[-1]
    session.training.stop()
    session.until(lambda: session.training.state == "idle")
    state.close_opened(str(quad))
    assert state.model is None and state.models == {} and session.nothing_shown
    session.step()


# The hand


def come_to_rest(state: Any, now: float) -> None:
    while state.under_way:
        now += 0.05
        state.advance(now)


def test_held_keys_fly_by_time_and_stop_when_they_come_up(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    state.speed = 2.0
    state.advance(100.0)
    press(session, "W")
    press(session, "W", repeated=True)
    state.advance(100.05)
    way = np.array(state.controls.camera.position) - np.array(HOME.position)
    assert 0 < way @ HOME.axes[2] < 0.1, "it begins softly"
    release(session, "W")
    assert state.under_way, "and ends softly"
    come_to_rest(state, 100.05)
    way = np.array(state.controls.camera.position) - np.array(HOME.position)
    assert way == pytest.approx(HOME.axes[2] * 0.1), "but all the way"


def test_a_stalled_loop_throws_nobody_across_the_scene(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    state.advance(100.0)
    state.hold("W")
    state.advance(160.0)
    assert np.linalg.norm(np.subtract(state.controls.camera.position, HOME.position)) < 0.2


def test_a_tap_between_two_passes_is_not_lost(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    state.advance(100.0)
    press(session, "D")
    release(session, "D")
    come_to_rest(state, 100.0)
    way = np.subtract(state.controls.camera.position, HOME.position)
    assert way == pytest.approx(HOME.axes[0] * 0.05 * state.speed)


def test_keys_that_fly_do_what_they_do_in_pictures_there_alone(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    for key in ("S", "Space"):
        press(session, key)
    assert state.under_way and session.training.state == "idle" and not session.told[1:]
    session.show_scene("picture")
    assert not state.under_way
    press(session, "S")
    assert "no training is under way" in session.told[-1]


def test_a_key_that_is_held_toggles_once(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    for repeated in (False, True, True):
        press(session, "B", repeated)
    assert state.controls.grid
    for repeated in (False, True, True):
        press(session, "+", repeated)
    assert state.log10_variance == pytest.approx(-8.0 + 0.75)


def test_the_mouse_looks_around_after_a_click_until_escape(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    session.messages.dismiss()
    state.move((10.0, 10.0))
    assert state.controls.camera == HOME and not state.captured
    state.press_button((20.0, 20.0))
    state.release_button()
    assert state.captured
    for x in (500.0, 500.0, 512.0):  # the first tells where the hidden cursor begins
        state.move((x, 7.0))
    assert state.controls.camera.yaw_deg == pytest.approx(HOME.yaw_deg - 12 * HOME.fov_deg / 48)
    state.move((512.0, -1e6))
    assert state.controls.camera.pitch_deg == MOST_PITCH_DEG
    press(session, "Escape")
    assert not state.captured and not session.ended and session.question is None
    assert not any("look around" in text for text in session.told), "which holds no longer"


def test_losing_the_focus_lets_everything_go(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    press(session, "W")
    state.press_button((5.0, 5.0))
    state.let_go()
    assert not state.under_way and not state.captured
    before = state.controls
    state.move((60.0, 60.0))
    assert state.controls == before


def test_in_orbit_a_drag_turns_around_the_middle_and_the_wheel_comes_closer(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    press(session, "O")
    distance = np.linalg.norm(HOME.position)
    state.press_button((10.0, 10.0))
    state.move((30.0, 15.0))
    state.release_button()
    camera = state.controls.camera
    assert not state.captured and camera.position != HOME.position
    assert np.linalg.norm(camera.position) == pytest.approx(distance)
    assert camera.axes[2] == pytest.approx(-np.array(camera.position) / distance)
    state.scroll(2.0)
    assert np.linalg.norm(state.controls.camera.position) < distance
    speed = state.speed
    press(session, "O")
    state.scroll(1.0)
    assert state.speed > speed and "units a second" in session.told[-1]


def test_a_wipes_divider_is_dragged(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    press(session, "X")
    state.press_button((33.0, 20.0))
    state.move((16.0, 22.0))
    state.release_button()
    assert state.controls.divider == pytest.approx(16 / 64) and not state.captured
    state.move((60.0, 22.0))
    assert state.controls.divider == pytest.approx(16 / 64)


# Shading


def test_ways_of_shading_are_gone_through_and_those_that_need_a_field_are_refused_without(
    session: DrivenSession, quad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        textured_meshes(session), "_train_if_bare", lambda model: None
    )  # which may begin in the same pass
    session.open([str(quad)])
    session.until(lambda: textured_meshes(session).model is not None)
    state = textured_meshes(session)
    assert not state.document and "no neural texture yet" in state.output_refusal("neural")
    state.shade("shader")
    assert state.controls.left == "mipmap" and "no neural texture yet" in session.told[-1]
    seen = []
    for _ in range(5):
        press(session, "N")
        seen.append(state.controls.left)
    assert seen == ["anisotropic", "supersampled", "single", "mipmap", "anisotropic"]
    press(session, "V")
    assert state.controls.left == "uv"
    press(session, "V")
    assert state.controls.left == "mipmap"


def test_only_pyramids_are_shaded_in_the_fragment_shader(session: DrivenSession, quad: Path) -> None:
    session.training.plan = replace(session.training.plan, kind="spectral").checked()
    state = opened(session, quad)
    assert state.controls.left == "neural"
    state.shade("shader")
    assert state.controls.left == "neural" and "pyramids only" in session.told[-1]


STATES = ("nothing open", "a model open", "training", "recording", "playing")


def bring_into(state: str, session: DrivenSession, quad: Path) -> None:
    session.show_scene("textured_mesh")
    if state == "nothing open":
        return
    if state == "training":
        session.training.plan = replace(session.training.plan, preset="standard", steps=10**6)
        session.open([str(quad)])
        session.until(lambda: session.training.steps_done > 0)
        return
    state = opened(session, quad)
    if state == "recording":
        session.view_recording.toggle()
        session.until(lambda: session.recording.frames_noted > 1)
    elif state == "playing":
        session.add_keyframe()
        state.change(camera=replace(state.controls.camera, yaw_deg=10.0))
        session.add_keyframe()
        session.toggle_playing()


@pytest.mark.parametrize("state", STATES)
def test_every_action_and_setting_of_the_flight_can_be_used_in_every_state(
    session: DrivenSession, quad: Path, state: str
) -> None:
    bring_into(state, session, quad)
    flying = [action for action in actions_in("textured_mesh") if action.name not in ("next-scene", "leave", "open")]
    ask_for_all(session, flying)
    for setting in SETTINGS:
        if "textured_mesh" in setting.scenes:
            before = setting.get(session)
            for value in (before, "nonsense", float("nan"), -1e12, 1e12, None):
                put(setting, session, value)
                if setting.widget in NUMBERS:
                    assert setting.least <= setting.get(session) <= setting.most, setting.name
            session.step()
    assert not [told for told in session.told if "Error" in told or "Exception" in told]


CHANGES: dict[str, Any] = {
    "position": "0.5,-0.25,2", "yaw": 30.0, "pitch": -40.0, "field-of-view": 60.0, "speed": 3.0,
    "pixel-filter": "box", "samples": 3, "light": False, "grid": True, "parallel": True,
}  # fmt: skip


def test_every_setting_of_the_flight_sets_what_it_gets(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    flying = [setting for setting in SETTINGS if setting.scenes in (("textured_mesh",), IN_SPACE)]
    assert {setting.name for setting in flying} == set(CHANGES)
    for setting in flying:
        assert setting.refusal(session) == "", setting.name
        put(setting, session, CHANGES[setting.name])
        got, expected = setting.get(session), CHANGES[setting.name]
        assert got == (pytest.approx(expected) if isinstance(expected, float) else expected), setting.name
    put(BY_NAME["log10-variance"], session, -4.0)
    assert state.controls.variance == pytest.approx(1e-4)
    put(BY_NAME["log10-variance"], session, -8.0)
    assert state.controls.variance == 0.0 and not session.messages.errors


# Recording and paths


def test_a_flight_is_recorded_and_its_path_says_what_was_shown(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    session.view_recording.toggle()
    session.until(lambda: session.recording.frames_noted > 2)
    press(session, "W")
    session.until(lambda: session.recording.frames_noted > 8)
    release(session, "W")
    session.until(lambda: not state.under_way)
    press(session, "V")
    noted = session.recording.frames_noted
    session.until(lambda: session.recording.frames_noted > noted + 1)
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    folder = Path(dict(session.reported)["recorded"]["folder"])
    path = read_path(folder / "path.json")
    assert isinstance(path.still, TexturedMeshControls) and Path(path.still.model).resolve() == quad
    assert Path(path.still.field).resolve() == Path(state.controls.field)
    report = json.loads((folder / "frames.json").read_text())
    assert len(report["frames"]) == len(path.frame_times()) == len(list(folder.glob("frame_*.png")))
    assert path.keyframes[0].position == HOME.position and path.keyframes[-1].position == state.controls.camera.position
    assert path.keyframes[0].left == "shader" and path.keyframes[-1].left == "uv"


def test_leaving_the_scene_ends_the_recording_and_its_frames_are_still_made(session: DrivenSession, quad: Path) -> None:
    opened(session, quad)
    session.view_recording.toggle()
    session.until(lambda: session.recording.frames_noted > 3)
    session.show_scene("picture")
    session.step()
    assert not session.recording.noting
    session.until(lambda: session.recording.running is None)
    folder = Path(dict(session.reported)["recorded"]["folder"])
    assert json.loads((folder / "frames.json").read_text())["state"] == "complete"


def test_keyframes_are_played_saved_and_opened_again(session: DrivenSession, quad: Path, tmp_path: Path) -> None:
    state = opened(session, quad)
    press(session, "K")
    state.change(camera=replace(state.controls.camera, position=(0.0, 0.5, 2.0), yaw_deg=20.0))
    state.compare("wipe")
    press(session, "K")
    press(session, "P")
    assert session.path.playing
    state.advance(session.now)
    assert state.controls.camera.position == pytest.approx(HOME.position, abs=1e-2)
    press(session, "W")
    state.advance(session.now + 0.01)
    assert not session.path.playing, "a hand on the keys takes over"
    state.let_go()
    session.save_path(tmp_path / "flight.json")
    with driven(tmp_path / "again") as again:
        again.open([str(tmp_path / "flight.json")])
        again.until(lambda: textured_meshes(again).document is not None and not again.background.pending)
        assert again.scene == "textured_mesh" and again.training.state == "idle" and not again.messages.errors
        assert textured_meshes(again).controls.camera.position == HOME.position
        assert textured_meshes(again).controls.field == state.controls.field
        assert again.path.keyframes == state.path.keyframes and not again.path.unsaved


def test_a_path_of_pictures_and_one_of_the_flight_are_kept_apart(session: DrivenSession, quad: Path) -> None:
    opened(session, quad)
    press(session, "K")
    session.show_scene("picture")
    assert session.path.keyframes == ()
    session.show_scene("textured_mesh")
    assert len(session.path.keyframes) == 1


def test_the_camera_a_moment_before_is_that_of_the_flight(session: DrivenSession, quad: Path) -> None:
    state = opened(session, quad)
    assert state.camera_before != state.controls.camera, "one that never moved is turned a little"
    for number in range(10):
        state.change(camera=replace(state.controls.camera, yaw_deg=float(number)))
        state.advance(200.0 + number / 60)
    assert state.camera_before.yaw_deg == pytest.approx(7.0)


def test_no_action_of_the_flight_has_a_key_that_flies() -> None:
    flown = {"W", "A", "S", "D", "Space", "Shift", "Left", "Right", "Up", "Down"}
    assert not flown & {action.key_in("textured_mesh") for action in ACTIONS if "textured_mesh" in action.scenes}


def test_the_window_as_it_is_can_be_opened_again_by_its_command(
    session: DrivenSession, quad: Path, tmp_path: Path
) -> None:
    state = opened(session, quad)
    state.change(camera=replace(state.controls.camera, position=(0.5, -0.25, 2.0), yaw_deg=-12.5))
    state.change(left="single", right="anisotropic", layout="wipe", grid=True, lit=False)
    words = shlex.split(COMMANDS["this window"].words(session))
    assert words[0] == "fieldscope"
    options = understood(words[1:])
    assert options.sources == (str(quad), state.controls.field)
    with driven(tmp_path / "again") as again:
        again.open(options.sources)
        again.until(lambda: textured_meshes(again).document is not None and not again.background.pending)
        for setting, value in given_settings(options).items():
            setting.set(again, value)
        camera = textured_meshes(again).controls.camera
        assert camera.pitch_deg == pytest.approx(state.controls.camera.pitch_deg)
        assert replace(textured_meshes(again).controls, camera=state.controls.camera) == state.controls
        assert (camera.position, camera.yaw_deg) == ((0.5, -0.25, 2.0), -12.5)


def test_the_training_can_be_done_again_by_its_command(session: DrivenSession, quad: Path) -> None:
    opened(session, quad)
    words = shlex.split(COMMANDS["this training"].words(session))
    assert words[:4] == ["fieldcore", "fit", "texture", str(quad)]
    assert words[words.index("--steps") + 1] == "4" and words[words.index("--kind") + 1] == "trained_pyramid"
    session.show_scene("picture")
    assert COMMANDS["this training"].words(session) == ""


def test_a_picture_given_with_a_model_is_laid_on_it(session: DrivenSession, quad: Path, tmp_path: Path) -> None:
    picture = picture_file(tmp_path, np.full((8, 8, 3), 0.25, np.float32), "plain.png")
    session.open([str(quad), str(picture)])
    session.until(lambda: textured_meshes(session).model is not None)
    assert textured_meshes(session).model.options.texture == picture and pictures(session).documents == {}  # type: ignore[union-attr]
