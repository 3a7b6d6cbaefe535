"""Making a path from what is shown, playing, saving and loading it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.path.editor import SECONDS_BETWEEN_KEYFRAMES, PathEditor
from app.path.keyframes import KeyframePath
from app.path.path_file import read_path
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
