"""The two tables: everything that can be done and set, in every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import DrivenSession, ask_for_all, document_of, driven, field_file, picture_file, put_nonsense
from waves import Waves

from app.action import Action, perform
from app.actions import ACTIONS, BY_KEY, GESTURES, actions_in, help_sections
from app.scene import SceneName
from app.scene_names import ALL
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import pictures
from app.setting import NUMBERS, Setting, numbers_of, put
from app.settings import BY_NAME, SETTINGS
from fieldcore.errors import InputError

OF_PICTURES = [setting for setting in SETTINGS if "picture" in setting.scenes]
STATES = ("nothing open", "a field open", "with its picture", "training", "recording", "playing", "a question")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("files")
    y, x = np.mgrid[0:16, 0:24] / 24
    picture = picture_file(folder, np.stack([x, y, 0 * x], -1).astype(np.float32))
    return picture, field_file(folder, picture)


def bring_into(state: str, session: DrivenSession, picture: Path, field: Path) -> None:
    if state == "nothing open":
        return
    if state != "a field open":
        session.layout = session.layout.with_recent(str(picture))
    session.open([str(field)])
    session.until_quiet()
    if state == "training":
        session.training.plan = replace(session.training.plan, rule="steps", steps=10**6)
        session.train()
        session.until(lambda: session.training.steps_done > 0)
    elif state == "recording":
        session.view_recording.toggle()
        session.until(lambda: session.recording.frames_noted > 1)
    elif state == "playing":
        session.add_keyframe()
        pictures(session).zoom(2.0, (0.0, 0.0))
        session.add_keyframe()
        session.toggle_playing()
        assert session.path.playing
    elif state == "a question":
        session.view_recording.toggle()
        session.leave()
        assert session.question is not None


@pytest.fixture(params=STATES)
def session(request: pytest.FixtureRequest, tmp_path: Path, files: tuple[Path, Path]) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        bring_into(request.param, session, *files)
        yield session


def test_every_action_can_be_asked_for_in_every_state(session: DrivenSession) -> None:
    ask_for_all(session, [action for action in actions_in("picture") if action.name != "next-scene"])


def test_every_setting_can_be_set_to_what_it_is_in_every_state(session: DrivenSession) -> None:
    for setting in OF_PICTURES:
        before = setting.get(session)
        put(setting, session, before)
        after = setting.get(session)
        assert after == (pytest.approx(before) if isinstance(before, float) else before), setting.name
        session.step()


NONSENSE = ["", "nonsense", "1,2", "1,2,3,4", "nan", "nan,nan", "nan,0,nan", "inf,0", "1e400,0,1", "-1,0,-1", "é,ü",
            float("nan"), float("inf"), -float("inf"), 10**400, -1, None, [], {}, object(), b"1", True]  # fmt: skip


def test_nonsense_is_refused_or_put_within_bounds_and_the_view_goes_on(session: DrivenSession) -> None:
    put_nonsense(session, OF_PICTURES, NONSENSE)
    if pictures(session).document is not None and not session.path.playing:
        # While steps are taken the view may stay coarser, as fine as a share of the time allows.
        session.until(
            lambda: pictures(session)._answered if session.training.state == "running" else session._answered_fully
        )
    assert not session.messages.errors


CHANGES: dict[str, Any] = {
    "kernel": "tent", "log10-half-size": -1.0, "log10-half-size-y": -2.0, "linked": False, "half-size": "0.1,0.2",
    "gain": 4.0, "half-size-map": "radial", "half-size-least": 0.01, "map-focus": "0.1,0.2", "map-whole": "0.5,0",
    "map-feather": 0.3, "brush-size": 20.0, "brush-strength": 0.5, "log10-variance": -2.5, "anisotropy": 1.5,
    "angle": 30.0, "variance": 0.01,
    "covariance": "0.01,0.001,0.002",
    "falloff": 0.5, "fovea-radius": 0.35, "falloff-power": 3.0, "foveated": True,
    "filter-preset": "4 px",
    "layout": "wipe", "left": "truth", "right": "error", "divider": 0.75,
    "error": "signed", "metric": "relative", "linked-views": False, "flip-range": 0.75, "error-range": 0.25,
    "zoom": 3.0,
    "exposure": 1.5, "offset": 0.25, "tone": "aces",
    "center": "0.25,-0.125", "insets": "filter", "inset-spectrum": True, "inset-filter": False, "caption": False,
    "kind": "spectral", "preset": "paper", "settings": "learning_rate=0.001", "rule": "steps",
    "seconds": 12.5, "steps": 77, "target-psnr": 33.0, "plateau": 99, "seed": 4, "size": "1280x720",
    "frames-per-second": 24.0, "png": True, "exr": True, "video": True, "folder": "elsewhere",
    "film-size": "1280x720", "film-frames": "10-80", "film-png": False, "film-exr": False, "film-video": "gif",
    "film-quality": "good", "shutter": 0.5, "shutter-samples": 3, "font-size": 17.0, "theme": "light",
    "panel-side": "left", "go-on": True,
}  # fmt: skip
FIRST = {"flip-range": ("metric", "flip"),
         "falloff": ("foveated", True), "fovea-radius": ("foveated", True), "falloff-power": ("foveated", True),
         "layout": ("foveated", False),
         "seconds": ("rule", "seconds"), "steps": ("rule", "steps"), "target-psnr": ("rule", "target_psnr"),
         "plateau": ("rule", "plateau"),
         "anisotropy": ("log10-variance", -2.0), "angle": ("anisotropy", 1.0)}  # fmt: skip


@pytest.fixture
def with_picture(tmp_path: Path, files: tuple[Path, Path]) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        bring_into("with its picture", session, *files)
        yield session


def test_every_setting_sets_what_it_gets(with_picture: DrivenSession) -> None:
    session = with_picture
    assert {setting.name for setting in OF_PICTURES} == set(CHANGES)
    for setting in OF_PICTURES:
        if setting.name in FIRST:
            name, value = FIRST[setting.name]
            if name == "foveated":
                put(BY_NAME["half-size-map"], session, "")
            put(BY_NAME[name], session, value)
        assert setting.refusal(session) == "", setting.name
        put(setting, session, CHANGES[setting.name])
        if setting.name == "kernel":  # which a pyramid does not take: a field that does is made
            session.until(lambda: not pictures(session).controls.is_gaussian)
        got = setting.get(session)
        expected = CHANGES[setting.name]
        assert got == (pytest.approx(expected) if isinstance(expected, float) else expected), setting.name
        if setting.name in ("foveated", "falloff", "fovea-radius", "falloff-power"):
            put(BY_NAME["foveated"], session, False)
    assert not session.messages.errors


def numeric() -> list[Setting]:
    return [setting for setting in OF_PICTURES if setting.widget in NUMBERS]


@pytest.mark.parametrize("setting", numeric(), ids=lambda setting: setting.name)
def test_numbers_out_of_bounds_are_set_to_the_nearest_by_hand_and_refused_on_the_command_line(
    setting: Setting, tmp_path: Path
) -> None:
    with driven(tmp_path) as session:
        setting = replace(setting, refusal=lambda session: "")
        for value, nearest in zip((-1e12, 1e12), setting.bounds_in(session), strict=True):
            if setting.name in ("anisotropy", "angle"):
                put(BY_NAME["log10-variance"], session, -2.0)
                put(BY_NAME["anisotropy"], session, 1.0)
            put(setting, session, value)
            assert setting.get(session) == pytest.approx(nearest) or setting.name == "angle"
            with pytest.raises(InputError, match=rf"^{setting.name}: expected a (whole )?number from"):
                setting.set(session, value)
        assert not session.told


def test_the_reason_a_setting_is_refused_for_is_told(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        put(BY_NAME["falloff"], session, 0.5)
        assert session.told == ["only for the foveated filter: press F"]
        put(BY_NAME["center"], session, "here")
        assert session.told == ["center: expected a number, a number with commas between, got 'here'"]
        put(BY_NAME["video"], session, False)
        put(BY_NAME["png"], session, False)
        assert "choose at least one" in session.told[0] and session.recording.settings.png
        put(BY_NAME["kind"], session, "nonsense")
        assert "expected one of" in session.told[0]


def test_a_kind_brings_a_preset_of_its_own(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        for kind in BY_NAME["kind"].choices(session):
            put(BY_NAME["kind"], session, kind)
            assert session.training.plan.preset in BY_NAME["preset"].choices(session)


def test_the_filter_by_size_and_shape_and_by_its_matrix_are_one(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        put(BY_NAME["covariance"], session, "0.01,0,0.0001")
        assert [BY_NAME[name].get(session) for name in ("log10-variance", "anisotropy", "angle")] == pytest.approx(
            [-3.0, 2.0, 0.0]
        )
        put(BY_NAME["angle"], session, 90.0)
        assert pictures(session).controls.covariance == pytest.approx((1e-4, 0.0, 1e-2), abs=1e-12)
        put(BY_NAME["log10-variance"], session, -6.0)
        assert pictures(session).controls.covariance == (0.0, 0.0, 0.0)
        put(BY_NAME["log10-variance"], session, -3.0)  # the shape was remembered
        assert pictures(session).controls.covariance == pytest.approx((1e-4, 0.0, 1e-2), abs=1e-12)


def test_numbers_are_read_from_text() -> None:
    assert numbers_of(" 1, 2e-3 ,-4", 3, "x") == (1.0, 2e-3, -4.0)
    with pytest.raises(InputError, match="x: expected 3 numbers with commas between, got '1;2'"):
        numbers_of("1;2", 3, "x")


def test_names_and_in_every_scene_keys_and_labels_are_unique() -> None:
    for entries in ([a.name for a in ACTIONS], [s.name for s in SETTINGS]):
        assert len(entries) == len(set(entries))
    for scene in ALL:
        keys = [action.key_in(scene) for action in actions_in(scene) if action.key_in(scene)]
        assert len(keys) == len(set(keys)) == len(BY_KEY[scene])
        settings = [(setting.group, setting.label) for setting in SETTINGS if scene in setting.scenes]
        labels = [(action.group, action.label) for action in actions_in(scene)] + settings
        assert len(labels) == len(set(labels))
    assert all(action.meaning and action.label for action in ACTIONS) and all(s.meaning for s in SETTINGS)
    assert {name: BY_NAME[name].name for name in BY_NAME} == {s.name: s.name for s in SETTINGS}


@pytest.mark.parametrize("scene", ALL)
def test_the_help_holds_every_key_and_gesture_of_its_scene(scene: SceneName) -> None:
    sections = help_sections(scene)
    listed = [(group, key, meaning) for group, entries in sections for key, meaning in entries]
    assert {key for _, key, _ in listed} == set(BY_KEY[scene]) | {gesture for _, gesture, _ in GESTURES[scene]}
    assert len({group for group, _ in sections}) == len(sections)
    assert all((action.group, key, action.meaning) in listed for key, action in BY_KEY[scene].items())


def action_of(name: str) -> Action:
    return next(action for action in ACTIONS if action.name == name)


def test_actions_do_what_they_say(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        document = document_of(Waves(), "f")
        pictures(session).documents["f"], pictures(session).controls = (
            document,
            Controls(field="f", zoom=4.0, center=(0.5, 0.0)),
        )
        perform(action_of("fit"), session)
        assert (pictures(session).controls.zoom, pictures(session).controls.center) == (1.0, (0.0, 0.0))
        perform(action_of("smoother"), session)
        perform(action_of("smoother"), session)
        assert pictures(session).controls.covariance == pytest.approx((10**-5.5, 0.0, 10**-5.5))
        for _ in range(3):
            perform(action_of("sharper"), session)
        assert pictures(session).controls.covariance == (0.0, 0.0, 0.0)
        for name, shows in {
            "caption": lambda: pictures(session).controls.caption,
            "panel": lambda: session.panel_shown,
            "help": lambda: session.help_shown,
            "foveated": lambda: pictures(session).controls.foveated,
        }.items():
            before = shows()
            perform(action_of(name), session)
            assert shows() != before and action_of(name).active(session) == shows()
        perform(action_of("screenshot"), session)
        assert session.screenshot_asked
        perform(action_of("compare-truth"), session)
        assert pictures(session).controls.left == "field" and "the truth is not known" in session.told[-1]


def test_the_panel_passes_on_every_key_that_does_something() -> None:
    from app.panel.keys import KEYS  # it imports Dear PyGui

    wanted = {action.key.rpartition("+")[2] or action.key for action in ACTIONS} - {""}
    assert wanted <= set(KEYS.values())
