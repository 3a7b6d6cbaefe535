"""Recordings, with a clock that the tests turn: what is noted, made, written and kept."""

from __future__ import annotations

import dataclasses
import errno
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from clocks import Stopwatch
from patience import HANG_S

import app.record.frame_folder
import app.record.recorder
from app.layout_file import RecordingSettings
from app.path.keyframes import KeyframePath, keyframe_of
from app.path.path_file import read_path, write_path
from app.record.frame_folder import FrameFolder
from app.record.killed import put_in_order
from app.record.recorder import Recorder, RunningRecording
from app.scenes.picture.controls import Controls
from fieldcore.errors import InputError
from fieldcore.files import LOCK_NAME
from fieldcore.images import read_image
from fieldcore.videos import film_file

SHOWN = Controls(field="/somewhere/field.safetensors", other="/somewhere/other.safetensors")


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(RecordingSettings(folder=str(tmp_path), video=False, frames_per_second=8.0))


def begin(recorder: Recorder, controls: Controls = SHOWN) -> RunningRecording:
    return recorder.start(replace(controls, truth="sample:astronaut"), (8, 6), {}, 100.0)


def make_frames(recorder: Recorder, most: int = 10**9) -> list[Controls]:
    """Draw the frames that wait, each as bright as its zoom."""
    made: list[Controls] = []
    while len(made) < most and (shown := recorder.next_frame()) is not None:
        made.append(shown)
        recorder.frame_made(np.full((6, 8, 3), round(shown.zoom), np.uint8), {"zoom": shown.zoom})
        while recorder._made is not None:
            recorder.advance()
    return made


def finish(recorder: Recorder) -> RunningRecording:
    while (take := recorder.advance()) is None:
        assert recorder._writer is not None
        recorder._writer.join(0.01)
    return take


def frames_in(take: RunningRecording) -> list[int]:
    """How bright each frame on the disk is."""
    files = sorted(take.folder.glob("frame_*.png"))
    return [round(255 * float(read_image(file)[0].mean())) for file in files]


def test_what_is_shown_is_noted_at_the_rate_of_the_film_however_uneven_the_passes_are(recorder: Recorder) -> None:
    begin(recorder)
    counts = []
    for seconds in (0.0, 0.06, 0.125, 0.13, 0.69, 1.25):
        recorder.note(SHOWN, 100.0 + seconds)
        counts.append(recorder.frames_noted)
    assert counts == [1, 1, 2, 2, 6, 11]
    assert [keyframe.time for keyframe in recorder._keyframes] == [k / 8 for k in range(11)]


def test_the_film_and_the_path_show_what_was_noted(recorder: Recorder) -> None:
    take = begin(recorder)
    for number in range(12):
        shown = dataclasses.replace(SHOWN, zoom=1.0 + number, covariance=(1e-2 * number, 0.0, 1e-2))
        recorder.note(shown, 100.0 + number / 8)
    recorder.stop()
    recorder.note(SHOWN, 200.0)  # after the end
    assert not recorder.noting and recorder.running is not None
    made = make_frames(recorder)
    assert finish(recorder).folder == take.folder and recorder.running is None

    assert frames_in(take) == list(range(1, 13))
    report = json.loads((take.folder / "frames.json").read_text())
    assert report["state"] == "complete" and [frame["zoom"] for frame in report["frames"]] == [c.zoom for c in made]
    path = read_path(take.folder / "path.json")
    assert len(path.frame_times()) == 12 and path.frames_per_second == 8.0
    assert [keyframe.zoom for keyframe in path.keyframes] == [controls.zoom for controls in made]
    assert [keyframe.covariance for keyframe in path.keyframes] == [controls.covariance for controls in made]
    assert str(Path(path.still.field).resolve()) == SHOWN.field and path.still.truth == "sample:astronaut"


def test_one_recording_follows_another_in_a_folder_of_its_own(recorder: Recorder) -> None:
    takes = []
    for zoom in (3.0, 5.0):
        takes.append(begin(recorder))
        recorder.note(dataclasses.replace(SHOWN, zoom=zoom), 100.0)
        recorder.stop()
        make_frames(recorder)
        finish(recorder)
    assert [frames_in(take) for take in takes] == [[3], [5]] and takes[0].folder != takes[1].folder


def test_too_many_notes_slow_the_recording_down_and_none_is_dropped(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.record.recorder, "MOST_NOTES", 5)
    take = begin(recorder)
    made: list[Controls] = []
    for number in range(40):
        recorder.note(dataclasses.replace(SHOWN, zoom=1.0 + number), 100.0 + number / 8)
        assert len(recorder._notes) <= 5
        assert recorder.slowed == (len(recorder._notes) == 5)
        if number % 4 == 3:  # the processor keeps up with every fourth
            made += make_frames(recorder, most=1)
    assert recorder.frames_noted == len(made) + len(recorder._notes) < 40
    recorder.stop()
    assert not recorder.slowed
    made += make_frames(recorder)
    finish(recorder)
    assert len(frames_in(take)) == len(made) == len(read_path(take.folder / "path.json").frame_times())
    assert frames_in(take) == [round(controls.zoom) for controls in made] == sorted(frames_in(take))


def test_after_it_was_slowed_the_recording_goes_on_at_the_speed_of_life(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.record.recorder, "MOST_NOTES", 3)
    begin(recorder)
    recorder.note(SHOWN, 160.0)  # a minute during which the window did not answer
    assert (recorder.frames_noted, recorder.slowed) == (3, True)
    make_frames(recorder)
    for seconds in (0.0, 0.05, 0.126, 0.251):
        recorder.note(SHOWN, 160.0 + seconds)
    assert recorder.frames_noted == 5


def test_a_slow_disk_is_waited_for_frame_by_frame(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = threading.Event()
    write = app.record.frame_folder.write_image

    def write_slowly(path: Path, values: np.ndarray) -> None:
        assert disk.wait(HANG_S)
        write(path, values)

    monkeypatch.setattr(app.record.frame_folder, "write_image", write_slowly)
    take = begin(recorder)
    recorder.note(SHOWN, 102.5)
    handed_in = 0
    while (shown := recorder.next_frame()) is not None:
        recorder.frame_made(np.zeros((6, 8, 3), np.uint8), {})
        recorder.advance()
        handed_in += 1
    assert handed_in == 5 and shown is None  # four are with the writer, one waits; no more are asked for
    assert recorder.frames_noted == 21
    disk.set()
    recorder.stop()
    while recorder._notes or recorder._made:
        recorder.advance()
        make_frames(recorder)
    finish(recorder)
    assert len(frames_in(take)) == 21


def fail_after(count: int) -> Callable[..., None]:
    write, written = app.record.frame_folder.write_image, []

    def write_until_full(path: Path, values: Any) -> None:
        if len(written) == count:
            raise InputError(f"cannot write '{path}': the disk is full; free some space")
        written.append(path)
        write(path, values)

    return write_until_full


@pytest.mark.parametrize("stopped", [False, True])
def test_a_full_disk_ends_the_recording_with_a_sentence_and_the_frames_stay(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    monkeypatch.setattr(app.record.frame_folder, "write_image", fail_after(2))
    take = begin(recorder)
    recorder.note(SHOWN, 101.25)
    if stopped:
        recorder.stop()
    with pytest.raises(InputError, match="the disk is full"):
        make_frames(recorder)
        finish(recorder)
    assert recorder.running is None and not recorder.noting and recorder.next_frame() is None
    assert len(frames_in(take)) == 2
    assert json.loads((take.folder / "frames.json").read_text())["state"] == "interrupted"
    assert len(read_path(take.folder / "path.json").frame_times()) == 2
    begin(recorder)  # and another can begin
    assert recorder.abandon() == 0


def test_leaving_keeps_the_frames_that_are_written_and_their_part_of_the_path(recorder: Recorder) -> None:
    take = begin(recorder)
    recorder.note(SHOWN, 102.5)
    make_frames(recorder, most=7)
    assert recorder.abandon() == 7 and recorder.running is None
    assert len(frames_in(take)) == 7 and len(read_path(take.folder / "path.json").frame_times()) == 7
    assert recorder.abandon() == 0


def test_leaving_after_the_end_of_noting_shortens_the_path_too(recorder: Recorder) -> None:
    take = begin(recorder)
    recorder.note(SHOWN, 102.5)
    recorder.stop()
    assert len(read_path(take.folder / "path.json").frame_times()) == 21
    make_frames(recorder, most=3)
    assert recorder.abandon() == 3
    assert len(read_path(take.folder / "path.json").frame_times()) == 3


def test_a_recording_given_up_ends_with_the_frames_handed_in(recorder: Recorder) -> None:
    take = begin(recorder)
    recorder.note(SHOWN, 102.5)
    make_frames(recorder, most=4)
    assert recorder.next_frame() is not None
    recorder.give_up()  # that one cannot be made
    assert finish(recorder).folder == take.folder
    assert len(frames_in(take)) == 4 and len(read_path(take.folder / "path.json").frame_times()) == 4
    assert json.loads((take.folder / "frames.json").read_text())["state"] == "interrupted"


def test_a_frame_nobody_waits_for_is_ignored(recorder: Recorder) -> None:
    take = begin(recorder)
    recorder.frame_made(np.zeros((6, 8, 3), np.uint8), {})  # of the recording before
    assert recorder._made is None
    recorder.note(SHOWN, 100.0)
    recorder.stop()
    make_frames(recorder)
    finish(recorder)
    assert frames_in(take) == [1]


def test_a_two_up_that_begins_later_can_be_rendered_again(recorder: Recorder) -> None:
    take = begin(recorder, dataclasses.replace(SHOWN, other=""))
    two_up = dataclasses.replace(SHOWN, layout="two_up", right="other")
    for number, shown in enumerate([dataclasses.replace(SHOWN, other=""), two_up, SHOWN]):
        assert recorder.fits(shown)
        recorder.note(shown, 100.0 + number / 8)
    assert not recorder.fits(dataclasses.replace(two_up, other="/third"))
    assert recorder.fits(dataclasses.replace(SHOWN, other="/third"))
    assert not recorder.fits(dataclasses.replace(SHOWN, field="/third"))
    recorder.stop()
    assert [controls.other for controls in make_frames(recorder)] == ["", SHOWN.other, SHOWN.other]
    finish(recorder)
    path = read_path(take.folder / "path.json")
    assert str(Path(path.still.other).resolve()) == SHOWN.other
    assert [keyframe.layout for keyframe in path.keyframes] == ["one", "two_up", "one"]


def test_a_truth_found_on_the_way_is_in_the_path(recorder: Recorder) -> None:
    take = recorder.start(SHOWN, (8, 6), {}, 100.0)
    recorder.note(SHOWN, 100.0)
    recorder.learn_truth(Controls, Path("/another"), "sample:rocket")
    recorder.learn_truth(Controls, Path(SHOWN.field), "sample:coffee")
    recorder.learn_truth(Controls, Path(SHOWN.field), "sample:astronaut")
    recorder.stop()
    assert read_path(take.folder / "path.json").still.truth == "sample:coffee"
    recorder.abandon()


def test_the_rest_of_the_look_is_that_of_the_beginning(recorder: Recorder) -> None:
    begin(recorder)
    recorder.note(dataclasses.replace(SHOWN, caption=False, error_range=0.4, falloff=0.9), 100.0)
    (frame,) = make_frames(recorder)
    assert (frame.caption, frame.error_range, frame.falloff) == (SHOWN.caption, SHOWN.error_range, SHOWN.falloff)
    recorder.abandon()


def test_a_path_that_cannot_be_written_is_said_and_the_frames_go_on(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise InputError(f"cannot write: {errno.ENOSPC}")

    take = begin(recorder)
    recorder.note(SHOWN, 100.25)
    monkeypatch.setattr(app.record.recorder, "write_path", fail)
    with pytest.raises(InputError, match="cannot write"):
        recorder.stop()
    assert not recorder.noting
    make_frames(recorder)
    finish(recorder)
    assert len(frames_in(take)) == 3


def test_a_folder_that_cannot_be_written_or_a_view_without_size_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recorder = Recorder(RecordingSettings(folder=str(tmp_path / "file"), video=False))
    with pytest.raises(InputError, match="is a file, not a folder"):
        begin(recorder)
    recorder.settings = RecordingSettings(folder=str(tmp_path / "recordings"), video=False)
    with pytest.raises(InputError, match="minimised"):
        recorder.start(SHOWN, (0, 0), {}, 0.0)
    assert recorder.running is None and not recorder.noting


# What is filmed as it is seen


def grey(value: int) -> np.ndarray:
    return np.full((6, 8, 3), value, np.uint8)


def test_what_cannot_be_made_again_is_filmed_as_it_is_seen_in_its_place(recorder: Recorder) -> None:
    take = begin(recorder)
    assert recorder.note(dataclasses.replace(SHOWN, zoom=7.0), 100.0) is None
    for eighth, value in ((1, 21), (2, 21), (4, 44)):  # of the third the window had no time to see anything else
        frame = recorder.note(SHOWN, 100.0 + eighth / 8, as_seen=True)
        assert frame is not None and (frame.size, frame.controls) == ((8, 6), SHOWN)
        recorder.frame_seen(grey(value), {"zoom": 1.0})
    recorder.note(dataclasses.replace(SHOWN, zoom=9.0), 100.625)
    recorder.stop()
    make_frames(recorder)
    while recorder._notes:
        recorder.advance()
        make_frames(recorder)
    finish(recorder)
    assert frames_in(take) == [7, 21, 21, 44, 44, 9]
    report = json.loads((take.folder / "frames.json").read_text())
    assert [frame.get("seen", False) for frame in report["frames"]] == [False, True, True, True, True, False]
    assert len(read_path(take.folder / "path.json").keyframes) == 6


def test_light_goes_into_files_whether_it_was_made_or_seen(recorder: Recorder) -> None:
    recorder.settings = dataclasses.replace(recorder.settings, png=False, exr=True)
    take = begin(recorder)
    assert take.of.content == "light"
    recorder.note(SHOWN, 100.0)
    assert recorder.next_frame() is not None
    recorder.frame_made(grey(255), {}, np.full((6, 8, 3), 2.5, np.float32))
    recorder.advance()
    assert recorder.note(SHOWN, 100.125, as_seen=True) is not None
    recorder.frame_seen(grey(255), {}, np.full((6, 8, 3), 7.0, np.float32))
    recorder.stop()
    finish(recorder)
    frames = [read_image(file).values for file in sorted(take.folder.glob("frame_*.exr"))]
    assert [float(frame.mean()) for frame in frames] == [2.5, 7.0] and not list(take.folder.glob("*.png"))


def test_pictures_that_wait_for_a_slow_disk_slow_the_recording_and_equal_ones_cost_nothing(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.record.recorder, "MOST_SEEN_BYTES", 4 * grey(0).nbytes)
    disk = threading.Event()
    take = begin(recorder)
    assert recorder._writer is not None
    recorder._writer.do(lambda: disk.wait(HANG_S) or None)
    for eighth in range(60):
        if recorder.note(SHOWN, 100.0 + eighth / 8, as_seen=True):
            recorder.frame_seen(grey(min(50, eighth)), {})
            recorder.advance()
    assert recorder.slowed and recorder.frames_noted == 9, "four wait for the disk, five for these"
    disk.set()
    for eighth in range(60, 80):
        if recorder.note(SHOWN, 100.0 + eighth / 8, as_seen=True):
            recorder.frame_seen(grey(50), {})
        while recorder._notes:
            recorder.advance()
    assert not recorder.slowed and recorder.frames_noted >= 28
    recorder.stop()
    finish(recorder)
    assert frames_in(take) == sorted(frames_in(take)) and len(frames_in(take)) == recorder.frames_noted


# An end before all is written


def test_how_long_the_rest_takes_is_told_from_the_latest_frames(tmp_path: Path) -> None:
    clock = Stopwatch()
    recorder = Recorder(RecordingSettings(folder=str(tmp_path), video=False, frames_per_second=8.0), clock)
    begin(recorder)
    recorder.note(SHOWN, 110.0)
    recorder.stop()
    told = []
    for each in (50.0, *[2.0] * 39):
        clock.seconds += each
        make_frames(recorder, most=1)
        until_written(recorder)
        told.append(recorder.seconds_left)
    assert told[0] is None and told[1:] == [2.0 * (80 - made) for made in range(1, 40)], "the first has more to do"
    recorder.abandon()


def test_a_recording_that_is_not_wanted_leaves_nothing(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "recording-001").mkdir()
    (tmp_path / "recording-001" / "frame_000000.png").touch()  # another's
    recorder.settings = replace(recorder.settings, video=True)
    take = begin(recorder)
    recorder.note(SHOWN, 102.5)
    make_frames(recorder, most=6)
    recorder.discard()
    assert finish(recorder) == take and recorder.next_frame() is None
    assert [folder.name for folder in tmp_path.iterdir()] == ["recording-001"]
    assert begin(recorder).folder == take.folder
    recorder.note(SHOWN, 100.0)
    make_frames(recorder)
    recorder.stop()
    finish(recorder)
    assert frames_in(take) == [1], "the next one is kept"


# What a kill leaves


def until_written(recorder: Recorder) -> None:
    """Wait until the writer has done all that was asked of it so far."""
    done = threading.Event()
    assert recorder._writer is not None
    recorder._writer.do(done.set)
    assert done.wait(HANG_S)


def test_the_path_is_on_the_disk_from_the_first_note_on_and_about_once_a_second(recorder: Recorder) -> None:
    take = begin(recorder)
    lengths = []
    for eighth in range(25):
        recorder.note(SHOWN, 100.0 + eighth / 8)
        until_written(recorder)
        lengths.append(len(read_path(take.folder / "path.json").keyframes))
    assert set(lengths) == {1, 10, 19} and lengths == sorted(lengths), "the more keyframes, the longer it takes"
    path = read_path(take.folder / "path.json")
    assert str(Path(path.still.field).resolve()) == SHOWN.field and path.still.truth == "sample:astronaut"
    recorder.abandon()


def test_a_path_that_waits_for_a_slow_disk_does_not_replace_the_last_one(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, waits = threading.Event(), threading.Event()
    take = begin(recorder)
    assert recorder._writer is not None
    recorder._writer.do(lambda: (waits.set(), disk.wait(HANG_S)))
    recorder.note(SHOWN, 100.0)
    assert waits.wait(HANG_S)
    recorder.note(SHOWN, 100.5)
    recorder.stop()
    disk.set()
    until_written(recorder)
    assert len(read_path(take.folder / "path.json").keyframes) == 5
    recorder.abandon()


def test_a_recording_left_before_its_first_frame_leaves_nothing(recorder: Recorder, tmp_path: Path) -> None:
    begin(recorder)
    recorder.note(SHOWN, 100.0)
    until_written(recorder)
    assert recorder.abandon() == 0 and not list(tmp_path.iterdir())


def killed(parent: Path, name: str = "recording-001") -> Path:
    """What a killed recording of two frames leaves, whose encoder has ended its film: one is half, one is whole."""
    folder = parent / name
    frames = FrameFolder(folder, {"size": [8, 6]})
    for _ in range(2):
        frames.add(np.zeros((6, 8, 3), np.uint8), {})
    frames.finish("rendering")  # as it is about once a second
    (folder / LOCK_NAME).touch()
    write_path(folder / "path.json", KeyframePath(SHOWN, (keyframe_of(SHOWN, 0.0),)))
    with film_file(folder / "recording.mp4", (8, 6), 8.0) as append:
        append(np.zeros((6, 8, 3), np.uint8))
    (folder / "recording.mp4").rename(folder / ".recording.0123abcd.part.mp4")
    (folder / ".recording.4567abcd.part.mp4").write_bytes(b"half a film")
    (folder / ".frame_000002.89abcdef.part.png").write_bytes(b"half a frame")
    return folder


def test_what_a_killed_recording_has_written_is_put_in_order(tmp_path: Path) -> None:
    folder, path = killed(tmp_path), (killed(tmp_path, "recording-002") / "path.json").read_bytes()
    assert put_in_order(tmp_path) == [folder, tmp_path / "recording-002"]
    names = {"frame_000000.png", "frame_000001.png", "frames.json", "path.json", "recording.mp4"}
    assert {file.name for file in folder.iterdir()} == names
    report = json.loads((folder / "frames.json").read_text())
    assert report["state"] == "interrupted" and len(report["frames"]) == 2 and report["size"] == [8, 6]
    assert (folder / "path.json").read_bytes() == path
    assert next(imageio_ffmpeg.read_frames(str(folder / "recording.mp4")))["size"] == (8, 6)
    assert put_in_order(tmp_path) == [] and put_in_order(tmp_path / "missing") == []


def test_recordings_under_way_and_other_folders_are_left_alone(tmp_path: Path, recorder: Recorder) -> None:
    take = begin(recorder)
    recorder.note(SHOWN, 100.0)
    make_frames(recorder)
    killed(tmp_path, "my render")
    (killed(tmp_path, "recording-007") / "frames.json").write_text("damaged")
    (tmp_path / "recording-008").mkdir()
    (tmp_path / "recording-008" / LOCK_NAME).touch()  # killed at once
    until_written(recorder)
    before = {file.name for file in (tmp_path / "my render").iterdir()}
    assert put_in_order(tmp_path) == []
    assert {file.name for file in (tmp_path / "my render").iterdir()} == before
    assert json.loads((take.folder / "frames.json").read_text())["state"] == "rendering"
    assert not (tmp_path / "recording-008").exists()
    recorder.stop()
    finish(recorder)
    assert not (take.folder / LOCK_NAME).exists()
