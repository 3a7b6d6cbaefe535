"""Making a path from what is shown, playing, saving and loading it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.panel.timeline import scale_of, tick_step
from app.path.easing import EASES, eased
from app.path.editor import SECONDS_BETWEEN_KEYFRAMES, PathEditor
from app.path.keyframes import KeyframePath
from app.path.path_file import read_path
from app.path.timeline import Keyframe
from app.scenes.picture.controls import Controls
from fieldcore.errors import InputError

FIRST = Controls(field="field.safetensors", covariance=(1e-2, 0.0, 1e-2), gaze=(0.1, 0.2))
SECOND = Controls(
    field="field.safetensors", center=(0.5, -0.25), zoom=4.0, covariance=(1e-3, 1e-4, 1e-4), layout="wipe", divider=0.25
)
THIRD = Controls(field="field.safetensors", center=(-0.5, 0.25), zoom=2.0, covariance=(0.0, 0.0, 0.0), foveated=True)


def editor_with(*shown: Controls) -> PathEditor:
    editor = PathEditor()
    for controls in shown:
        editor.add(controls)
    return editor


def loaded_into(editor: PathEditor, file: Path) -> KeyframePath:
    path = read_path(file)
    editor.take(path, file)
    return path


def times(editor: PathEditor) -> list[float]:
    return [keyframe.time for keyframe in editor.keyframes]


def test_keyframes_are_added_moved_replaced_and_deleted() -> None:
    editor = editor_with(FIRST, SECOND, THIRD)
    assert times(editor) == [0.0, SECONDS_BETWEEN_KEYFRAMES, 2 * SECONDS_BETWEEN_KEYFRAMES] and editor.unsaved
    editor.move(0, 10.0)
    assert times(editor) == [2.0, 4.0, 10.0] and editor.keyframes[-1].zoom == FIRST.zoom
    editor.replace(0, THIRD)
    assert editor.keyframes[0].zoom == THIRD.zoom and times(editor) == [2.0, 4.0, 10.0]
    editor.delete(1)
    assert times(editor) == [2.0, 10.0] and editor.next_time == 12.0


@pytest.mark.parametrize("time", [2.0, float("nan"), float("inf")])
def test_a_keyframe_cannot_be_moved_to_no_moment_or_a_taken_one(time: float) -> None:
    editor = editor_with(FIRST, SECOND)
    with pytest.raises(InputError):
        editor.move(0, time)
    assert times(editor) == [0.0, 2.0]


def test_a_playing_path_leads_what_it_keys_and_nothing_else() -> None:
    editor = editor_with(FIRST, SECOND, THIRD)
    shown = Controls(field="another.safetensors", caption=False, error_range=0.3, falloff=0.5, other="beside")
    editor.play(shown, now=100.0)
    for seconds, expected in ((0.0, FIRST), (2.0, SECOND), (3.0, SECOND)):
        led = editor.shown(shown, 100.0 + seconds)
        assert (led.field, led.caption, led.error_range, led.other) == ("another.safetensors", False, 0.3, "beside")
        assert (led.layout, led.left, led.foveated) == (expected.layout, expected.left, expected.foveated)
        if seconds != 3.0:
            names = ("covariance", "center", "zoom", "divider", "gaze")
            assert [getattr(led, name) for name in names] == [getattr(expected, name) for name in names]
    assert SECOND.zoom > editor.shown(shown, 103.0).zoom > THIRD.zoom


def test_an_open_path_ends_by_itself_at_its_last_keyframe() -> None:
    editor = editor_with(FIRST, SECOND)
    editor.play(FIRST, now=5.0)
    assert editor.moment(6.0) == 1.0 and editor.moment(60.0) == 2.0
    assert editor.shown(FIRST, 6.9).zoom < SECOND.zoom and editor.playing
    assert editor.shown(FIRST, 60.0).zoom == SECOND.zoom and not editor.playing
    assert editor.moment(60.0) == 0.0


def test_a_loop_goes_on_and_returns_to_its_start() -> None:
    editor = editor_with(FIRST, SECOND)
    editor.close_loop(True)
    editor.loop_seconds = 3.0
    editor.play(FIRST, now=0.0)
    assert editor.shown(FIRST, 5.0).zoom == FIRST.zoom
    assert editor.shown(FIRST, 5.0 * 7 + 2.0).zoom == pytest.approx(SECOND.zoom) and editor.playing
    assert editor.moment(5.0 * 7 + 2.0) == pytest.approx(2.0)


@pytest.mark.parametrize("change", ["add", "replace", "delete", "move", "close"])
def test_a_change_of_the_path_ends_its_playing(change: str) -> None:
    editor = editor_with(FIRST, SECOND, THIRD)
    editor.play(FIRST, 0.0)
    {
        "add": lambda: editor.add(FIRST),
        "replace": lambda: editor.replace(0, SECOND),
        "delete": lambda: editor.delete(0),
        "move": lambda: editor.move(0, 1.0),
        "close": lambda: editor.close_loop(True),
    }[change]()
    assert not editor.playing


def test_playing_needs_two_keyframes_and_saving_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two keyframes"):
        editor_with(FIRST).play(FIRST, 0.0)
    with pytest.raises(InputError, match="no keyframes to save"):
        PathEditor().save(tmp_path / "path.json", FIRST)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("closed", [False, True])
def test_what_was_saved_is_loaded_with_its_timing(tmp_path: Path, closed: bool) -> None:
    editor = editor_with(FIRST, THIRD)
    editor.move(1, 1.25)
    editor.close_loop(closed)
    editor.loop_seconds, editor.frames_per_second = 0.75, 24.0
    assert editor.unsaved
    editor.save(tmp_path / "path.json", replace(FIRST, truth="sample:astronaut"))
    assert not editor.unsaved and editor.file == tmp_path / "path.json"

    loaded = PathEditor()
    path = loaded_into(loaded, tmp_path / "path.json")
    assert Path(path.still.field).resolve() == Path("field.safetensors").resolve()
    assert path.still.truth == "sample:astronaut"
    assert loaded.keyframes == editor.keyframes
    assert (loaded.closed, loaded.frames_per_second, loaded.unsaved) == (closed, 24.0, False)
    assert loaded.loop_seconds == (0.75 if closed else SECONDS_BETWEEN_KEYFRAMES)
    assert path.duration == 1.25 + 0.75 * closed


def test_what_only_the_last_keyframe_of_a_loop_says_is_kept(tmp_path: Path) -> None:
    keyframes = [{"time": 0, "zoom": 1}, {"time": 1, "zoom": 3}, {"time": 4, "variance": 0.01, "zoom": 1}]
    document = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "f.safetensors", "closed": True}
    (tmp_path / "loop.json").write_text(json.dumps({**document, "keyframes": keyframes}))
    editor = PathEditor()
    loaded_into(editor, tmp_path / "loop.json")
    assert [(k.time, k.zoom, k.covariance) for k in editor.keyframes] == [(0, 1, (0.01, 0.0, 0.01)), (1, 3, None)]
    assert editor.loop_seconds == 3.0


def test_a_path_that_cannot_be_read_leaves_the_one_there_is(tmp_path: Path) -> None:
    editor = editor_with(FIRST, SECOND)
    (tmp_path / "path.json").write_text("{")
    with pytest.raises(InputError):
        loaded_into(editor, tmp_path / "path.json")
    assert len(editor.keyframes) == 2 and editor.unsaved


def test_a_loop_without_time_is_refused() -> None:
    editor = editor_with(FIRST, SECOND)
    editor.close_loop(True)
    editor.loop_seconds = 0.0
    with pytest.raises(InputError, match="takes some time"):
        editor.play(FIRST, 0.0)


def test_the_playhead_shows_the_path_and_playing_goes_on_from_there() -> None:
    editor = editor_with(FIRST, SECOND, THIRD)
    shown = editor.scrubbed(3.0, FIRST)
    assert editor.playhead == 3.0 and SECOND.zoom > shown.zoom > THIRD.zoom
    editor.play(FIRST, now=10.0)
    assert editor.moment(10.0) == 3.0 and editor.shown(FIRST, 10.5).zoom < shown.zoom and editor.playhead == 3.5
    editor.pause()
    assert editor.playhead == 3.5
    assert editor.scrubbed(99.0, FIRST).zoom == THIRD.zoom and editor.playhead == 4.0
    editor.play(FIRST, now=20.0)
    assert editor.moment(20.0) == 0.0, "from the end it begins anew"


def test_a_keyframe_at_the_playhead_splits_the_path_and_changes_nothing_there() -> None:
    editor = editor_with(FIRST, SECOND)
    split = editor.scrubbed(1.0, FIRST)
    editor.insert(split)
    assert times(editor) == [0.0, 1.0, 2.0] and editor.selected == 1
    assert editor.scrubbed(1.0, FIRST) == split
    with pytest.raises(InputError, match="already"):
        editor.insert(SECOND)


def test_a_duplicate_holds_its_keyframe() -> None:
    editor = editor_with(FIRST, SECOND)
    editor.duplicate(0)
    assert times(editor) == [0.0, 1.0, 2.0] and editor.selected == 1
    assert editor.scrubbed(0.7, FIRST).zoom == FIRST.zoom
    editor.duplicate(2)
    assert times(editor) == [0.0, 1.0, 2.0, 4.0]


def test_what_is_chosen_is_chosen_still_when_it_has_moved() -> None:
    editor = editor_with(FIRST, SECOND, THIRD)
    editor.selected = 0
    editor.move(0, 3.0)
    assert times(editor) == [2.0, 3.0, 4.0] and editor.selected == 1 and editor.playhead == 2.0
    editor.delete(1)
    assert editor.selected is None


def test_speed_is_seconds_of_the_path_in_a_second(tmp_path: Path) -> None:
    editor = editor_with(FIRST, SECOND)
    editor.go_at(0.5)
    editor.play(FIRST, now=0.0)
    assert editor.moment(1.0) == 0.5 and editor.moment(9.0) == 2.0
    editor.frames_per_second = 10.0
    editor.save(tmp_path / "path.json", FIRST)
    path = read_path(tmp_path / "path.json")
    assert len(path.frame_times()) == 41 and path.frame_times()[1] == pytest.approx(0.05) and path.step == 0.05
    loaded = PathEditor()
    loaded.take(path, tmp_path / "path.json")
    assert loaded.speed == 0.5


def test_easing_is_saved_and_kept_where_a_keyframe_is_set_anew(tmp_path: Path) -> None:
    editor = editor_with(FIRST, SECOND)
    editor.ease(0, "hold")
    editor.replace(0, THIRD)
    editor.close_loop(True)
    editor.save(tmp_path / "path.json", FIRST)
    path = read_path(tmp_path / "path.json")
    assert [keyframe.ease for keyframe in path.keyframes] == ["hold", "through", "through"]
    assert path.at(1.99).zoom == THIRD.zoom and path.at(2.0).zoom == SECOND.zoom


@pytest.mark.parametrize("ease", EASES)
def test_easing_changes_when_not_what_and_never_the_keyframes(ease: str) -> None:
    keyframes = (Keyframe(0.0, zoom=1.0), Keyframe(2.0, zoom=2.0), Keyframe(3.0, zoom=8.0))
    plain = KeyframePath(Controls(), keyframes)
    path = replace(plain, keyframes=(keyframes[0], keyframes[1].eased(ease), keyframes[2]))
    assert [path.at(time) for time in (0.0, 0.7, 2.0, 3.0, 9.0)] == [plain.at(t) for t in (0.0, 0.7, 2.0, 3.0, 9.0)]
    shares = [eased(ease, k / 8) for k in range(9)]
    assert (shares[0], shares[-1]) == (0.0, 1.0) and shares == sorted(shares)
    assert path.at(2.25) == plain.at(2.0 + eased(ease, 0.25))
    assert eased("in", 0.25) == 1 - eased("out", 0.75) and eased("both", 0.25) == 1 - eased("both", 0.75)


@pytest.mark.parametrize("entry", [{"speed": 0}, {"speed": "fast"}, {"keyframes": [{"time": 0, "ease": "slowly"}]}])
def test_other_speeds_and_easings_are_refused(tmp_path: Path, entry: dict) -> None:
    document = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "f", "keyframes": [{"time": 0}]}
    (tmp_path / "path.json").write_text(json.dumps(document | entry))
    with pytest.raises(InputError, match=r"speed|ease"):
        read_path(tmp_path / "path.json")


@pytest.mark.parametrize(
    ("least", "step"), [(0.011, 0.02), (0.2, 0.2), (0.6, 1.0), (1.0, 1.0), (13.0, 20.0), (51.0, 100.0)]
)
def test_labels_of_the_timeline_lie_on_round_numbers(least: float, step: float) -> None:
    assert tick_step(least) == step


def test_the_timeline_tells_moments_and_places_alike() -> None:
    editor = editor_with(FIRST, SECOND, THIRD)
    editor.close_loop(True)
    scale = scale_of(editor, 14.0, 400.0)
    assert (scale.x(editor.start), scale.time(14.0)) == (14.0, 0.0) and scale.x(editor.end) < 414.0
    assert scale.time(scale.x(1.7)) == pytest.approx(1.7)
    assert scale.ticks(60.0) == (2.0, [0.0, 2.0, 4.0, 6.0])
