"""Frames written in the background."""

from __future__ import annotations

import errno
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from patience import HANG_S, wait_until

import app.record.frame_folder
from app.record.frame_folder import FrameFolder, new_recording_folder
from app.record.frame_writer import FrameWriter, MadeFrame
from fieldcore.errors import InputError
from fieldcore.images import read_image, write_image
from fieldcore.videos import film_file

SIZE = (32, 16)


def frame(number: int) -> np.ndarray:
    return np.full((SIZE[1], SIZE[0], 3), number, np.uint8)


def offer_all(writer: FrameWriter, count: int) -> None:
    """Offer frames until each was accepted."""
    for number in range(count):
        wait_until(lambda number=number: writer.offer(MadeFrame(frame(number), {"number": number})))  # type: ignore[misc]


def assert_frames(folder: Path, count: int, state: str) -> None:
    report = json.loads((folder / "frames.json").read_text())
    assert (report["state"], report["made_by"]) == (state, "a test")
    assert [described["number"] for described in report["frames"]] == list(range(count))
    for number, described in enumerate(report["frames"]):
        assert (read_image(folder / described["file"])[0] * 255 == number).all()
    assert len(list(folder.glob("*.png"))) == count


def frames_in(video: Path) -> int:
    return sum(1 for _ in imageio_ffmpeg.read_frames(video)) - 1


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """As many PNG files are written as it is released for."""
    opened = threading.Semaphore(0)

    def write_when_open(path: Path, pixels: np.ndarray) -> None:
        assert opened.acquire(timeout=HANG_S)
        write_image(path, pixels)

    monkeypatch.setattr(app.record.frame_folder, "write_image", write_when_open)
    return opened


def fail_at(number: int, error: Exception) -> Callable[[Path, np.ndarray], None]:
    def write(path: Path, pixels: np.ndarray) -> None:
        if path.name == f"frame_{number:06d}.png":
            raise error
        write_image(path, pixels)

    return write


@pytest.mark.parametrize("state", ["complete", "interrupted"])
def test_png_files_and_a_video_hold_all_frames_in_order(tmp_path: Path, state) -> None:
    video = tmp_path / "out.mp4"
    writer = FrameWriter(FrameFolder(tmp_path / "out", {"made_by": "a test"}), film_file(video, SIZE, 30.0))
    offer_all(writer, 20)
    assert not writer.finished
    writer.finish(state)
    assert writer.join(HANG_S) and writer.finished
    assert (writer.written, writer.waiting, writer.error) == (20, 0, None)
    assert_frames(tmp_path / "out", 20, state)
    assert frames_in(video) == 20


def test_png_files_only_and_a_video_only(tmp_path: Path) -> None:
    video = tmp_path / "film" / "out.mp4"
    for writer in (
        FrameWriter(FrameFolder(tmp_path / "pictures", {"made_by": "a test"})),
        FrameWriter(None, film_file(video, SIZE, 30.0)),
    ):
        offer_all(writer, 5)
        writer.finish("complete")
        assert writer.join(HANG_S) and writer.error is None
    assert_frames(tmp_path / "pictures", 5, "complete")
    assert [file.name for file in video.parent.iterdir()] == ["out.mp4"]
    assert frames_in(video) == 5


def test_a_slow_disk_refuses_frames_and_loses_none(tmp_path: Path, gate: threading.Semaphore) -> None:
    writer = FrameWriter(FrameFolder(tmp_path, {"made_by": "a test"}), most_waiting=3)
    assert [writer.offer(MadeFrame(frame(number), {"number": number})) for number in range(5)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert (writer.waiting, writer.written, writer.finished) == (3, 0, False)
    most = 3
    for number in range(3, 30):
        gate.release()
        wait_until(lambda number=number: writer.offer(MadeFrame(frame(number), {"number": number})))  # type: ignore[misc]
        most = max(most, writer.waiting)
    gate.release(3)
    writer.finish("complete")
    assert writer.join(HANG_S)
    assert (most, writer.written) == (3, 30), "memory is bounded"
    assert_frames(tmp_path, 30, "complete")


def test_finishing_with_many_waiting_writes_them_and_does_not_wait(tmp_path: Path, gate: threading.Semaphore) -> None:
    video = tmp_path / "out.mp4"
    writer = FrameWriter(FrameFolder(tmp_path / "out", {"made_by": "a test"}), film_file(video, SIZE, 30.0))
    assert [writer.offer(MadeFrame(frame(number), {"number": number})) for number in range(5)] == [True] * 4 + [False]
    writer.finish("interrupted")
    assert not writer.join(0.0)
    assert (writer.waiting, writer.finished, video.exists()) == (4, False, False)
    with pytest.raises(RuntimeError, match=r"after finish"):
        writer.offer(MadeFrame(frame(4), {}))
    gate.release(4)
    assert writer.join(HANG_S)
    assert_frames(tmp_path / "out", 4, "interrupted")
    assert frames_in(video) == 4


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InputError("cannot write 'x.png': the disk is full"), "cannot write 'x.png': the disk is full"),
        (OSError(errno.ENOSPC, "No space"), "the disk is full; free some space or choose another folder"),
        (MemoryError("too large"), "the frames cannot be written: MemoryError: too large"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_told_and_the_frames_so_far_remain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    monkeypatch.setattr(app.record.frame_folder, "write_image", fail_at(3, error))
    video = tmp_path / "out.mp4"
    writer = FrameWriter(FrameFolder(tmp_path / "out", {"made_by": "a test"}), film_file(video, SIZE, 30.0))
    with pytest.raises(InputError, match=re.escape(sentence)):
        offer_all(writer, 100)
    assert writer.join(HANG_S) and writer.finished, "also without finish()"
    assert isinstance(writer.error, InputError) and sentence in str(writer.error)
    assert writer.written == 3
    assert_frames(tmp_path / "out", 3, "interrupted")
    assert [file.name for file in tmp_path.iterdir()] == ["out"], "half a video is no video"
    writer.finish("complete")
    assert writer.finished


def test_an_error_of_another_kind_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.record.frame_folder, "write_image", fail_at(0, OSError(errno.EROFS, "")))
    writer = FrameWriter(FrameFolder(tmp_path / "out", {}))
    assert writer.offer(MadeFrame(frame(0), {}))
    assert writer.join(HANG_S)
    assert str(writer.error) == "the frames cannot be written: the file system is read-only; choose another folder"
    assert list(tmp_path.iterdir()) == [], "no frames, no report"


def test_an_encoder_that_fails_at_the_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldcore.videos.writing._options", lambda *_: ["-i", str(tmp_path / "nothing")])
    frames = FrameFolder(tmp_path / "out", {"made_by": "a test"})
    writer = FrameWriter(frames, film_file(tmp_path / "out.mp4", SIZE, 30.0))
    assert writer.offer(MadeFrame(frame(0), {"number": 0}))
    writer.finish("complete")
    assert writer.join(HANG_S)
    assert "out.mp4" in str(writer.error)
    assert_frames(tmp_path / "out", 1, "interrupted")


def test_a_recording_without_frames_leaves_nothing(tmp_path: Path) -> None:
    writer = FrameWriter(FrameFolder(tmp_path / "out", {}), film_file(tmp_path / "out.mp4", SIZE, 30.0))
    writer.finish("complete")
    assert writer.join(HANG_S)
    assert (writer.written, writer.error, list(tmp_path.iterdir())) == (0, None, [])


def test_each_recording_has_a_folder_of_its_own(tmp_path: Path) -> None:
    parent = tmp_path / "recordings"
    assert new_recording_folder(parent, "photo") == parent / "photo-001"
    assert not parent.exists()
    for number in (1, 2, 4):
        (parent / f"photo-{number:03d}").mkdir(parents=True)
    assert new_recording_folder(parent, "photo") == parent / "photo-003"
    assert new_recording_folder(parent, "other") == parent / "other-001"
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file, not a folder"):
        new_recording_folder(tmp_path / "file", "photo")
