"""What a render leaves on disk."""

from __future__ import annotations

import errno
import hashlib
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from holding import render_until
from waves import COLOUR_FACTS, Waves

import app.document
import app.record.frame_folder
import fieldcore.videos.writing
from app.document import Document
from app.gl.offscreen import Offscreen
from app.path.path_file import read_path
from app.plane.view import View
from app.program_options import Options
from app.record.frame_folder import FrameFolder, check_frame_folder
from app.record.recording import Recording
from app.record.video import check_video
from app.scenes.picture.scene import Picture
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.images import read_image, write_image
from fieldcore.videos import film_file

SurfaceOf = Callable[[int, int], Offscreen]


@pytest.fixture(autouse=True)
def waves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What paths name is a field in closed form."""
    monkeypatch.setattr(app.document, "open_document", lambda path, *_: Document(path, Waves(), TrainingFacts()))


def record(surface_of: SurfaceOf, path_file: Path, folder: Path, size: str, **options: Any) -> Recording:
    """Render a path of pictures."""
    surface_of(8, 8)
    asked = Options(render_path=path_file, out=folder, size=size, device="cpu", **options)
    return Picture().render(asked, read_path(path_file))[0]


def test_the_report_says_what_made_each_frame(surface_of: SurfaceOf, path_file: Path, tmp_path: Path) -> None:
    path = read_path(path_file)
    recording = record(surface_of, path_file, tmp_path / "out", "64x40")
    report = json.loads((tmp_path / "out" / "frames.json").read_text())
    assert (report["format"], report["version"], report["state"]) == ("fieldscope-frames", 1, "complete")
    assert report["path"] == {
        "file": str(path_file),
        "sha256": hashlib.sha256(path_file.read_bytes()).hexdigest(),
    }
    assert report["field"]["sha256"] == hashlib.sha256(b"waves").hexdigest()
    assert (report["size"], report["device"], report["video"]) == ([64, 40], "cpu", None)
    assert report["renderer"] == recording.renderer == surface_of(8, 8).renderer != ""
    names = [f"frame_{k:06d}.png" for k in range(7)]
    assert [frame["file"] for frame in report["frames"]] == names
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [*names, "frames.json"]
    motion = path
    for k, frame in enumerate(report["frames"]):
        shown = motion.at(k / 6)
        assert frame["time"] == pytest.approx(k / 6)
        covariance = frame.get("covariance") or [frame["variance"], 0.0, frame["variance"]]
        assert tuple(covariance) == pytest.approx(shown.covariance, abs=1e-12)
        assert (tuple(frame["center"]), frame["zoom"]) == (pytest.approx(shown.center), pytest.approx(shown.zoom))
        footprint = View.of(shown, Waves().facts, (64, 40)).footprint_variance
        assert frame["footprint_variance"] == pytest.approx(footprint)
        assert frame["evaluated_ms"] > 0 and frame["drawn_ms"] > 0
    assert [("variance" in frame) for frame in report["frames"]] == [True, False, False, False, False, False, True]
    assert (recording.frames, recording.folder, recording.video) == (7, str(tmp_path / "out"), None)


def test_frames_are_replaced_only_when_asked_and_none_of_the_old_remain(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    black = np.zeros((2, 2, 3), np.uint8)
    first = FrameFolder(folder, {})
    for _ in range(3):
        first.add(black, {})
    first.finish("complete")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'frame_000000.png' already; .* add --overwrite"):
        check_frame_folder(folder, overwrite=False)
    check_frame_folder(folder, overwrite=True)
    second = FrameFolder(folder, {})
    assert len(list(folder.glob("*.png"))) == 3, "nothing is removed before there is something to replace it"
    second.add(black + 255, {})
    second.finish("complete")
    assert sorted(file.name for file in folder.iterdir()) == ["frame_000000.png", "frames.json", "notes.txt"]
    assert read_image(folder / "frame_000000.png")[0].min() == 1


def test_a_full_disk_keeps_the_frames_and_says_so(
    surface_of: SurfaceOf, path_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_until_full(path: Path, pixels: np.ndarray) -> None:
        if path.name == "frame_000003.png":
            raise InputError(f"cannot write '{path}': the disk is full") from OSError(errno.ENOSPC, "")
        write_image(path, pixels)

    monkeypatch.setattr(app.record.frame_folder, "write_image", write_until_full)
    with pytest.raises(InputError, match=r"the disk is full; 3 of 7 frames were kept"):
        record(surface_of, path_file, tmp_path / "out", "32x20", video=tmp_path / "out.mp4")
    report = json.loads((tmp_path / "out" / "frames.json").read_text())
    assert (report["state"], len(report["frames"])) == ("interrupted", 3)
    left = {file.name for file in tmp_path.rglob("*")} - {"out", path_file.name, "waves.safetensors", "frames.json"}
    assert left == {f"frame_{k:06d}.png" for k in range(3)}


@pytest.mark.parametrize("size", [(64, 40), (33, 21)])
def test_the_video_shows_the_frames(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    colours = [(200, 30, 30), (30, 180, 60), (40, 60, 210), (128, 128, 128)]
    with film_file(tmp_path / "out.mp4", size, 12.5) as append:
        for colour in colours:
            append(np.full((height, width, 3), colour, np.uint8))
        assert not (tmp_path / "out.mp4").exists(), "it appears only when complete"
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]
    reader = imageio_ffmpeg.read_frames(tmp_path / "out.mp4")
    facts = next(reader)
    assert (facts["codec"], facts["fps"]) == ("h264", 12.5)
    assert facts["source_size"] == (width + width % 2, height + height % 2)
    frames = [np.frombuffer(frame, np.uint8).reshape(-1, 3).astype(int) for frame in reader]
    assert len(frames) == len(colours)
    for frame, colour in zip(frames, colours, strict=True):
        assert np.abs(frame - colour).max() <= 6


def test_a_video_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = fieldcore.videos.writing._options
    to_full_disk = ["-f", "mp4", "/dev/full", "-f", "mp4"]
    monkeypatch.setattr("fieldcore.videos.writing._options", lambda *given: [*options(*given), *to_full_disk])
    frame = np.zeros((480, 640, 3), np.uint8)
    with (
        pytest.raises(InputError, match=r"cannot write '.*out.mp4': the disk is full"),
        film_file(tmp_path / "out.mp4", (640, 480), 30.0) as append,
    ):
        for _ in range(60):
            append(frame)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.avi", "out", "out.png"])
def test_only_known_videos_are_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"expected a name ending in \.mp4, \.webm or \.gif"):
        check_video(tmp_path / name, (16, 12), 30.0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_in_the_middle_keeps_the_frames_and_a_valid_report(
    surface_of: SurfaceOf, path_document: dict, path_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    surface_of(8, 8)
    path_document["frames_per_second"] = 500
    path_file.write_text(json.dumps(path_document))
    untrained = build_field(preset_recipe("pyramid", "picture", COLOUR_FACTS), COLOUR_FACTS)
    save_field(path_file.with_name("waves.safetensors"), untrained, TrainingFacts())
    out, video = tmp_path / "out", tmp_path / "out.mp4"
    arguments = ["--render-path", str(path_file), "--out", str(out), "--size", "32x20", "--video", str(video)]
    code, errors = render_until(number, arguments, out / "frame_000003.png", tmp_path)
    report = json.loads((out / "frames.json").read_text())
    kept = len(list(out.glob("frame_*.png")))
    for frame in report["frames"]:
        assert read_image(out / frame["file"])[0].shape == (20, 32, 3)
    if number == signal.SIGKILL:
        assert report["state"] == "rendering" and 1 <= len(report["frames"]) <= kept
        return
    assert code == 130
    assert f"interrupted: {kept} of 501 frames were kept in '{out}'" in errors
    assert "Traceback" not in errors
    assert (report["state"], len(report["frames"])) == ("interrupted", kept)
    assert sum(1 for _ in imageio_ffmpeg.read_frames(video)) - 1 == kept
    assert {file.suffix for file in out.iterdir()} == {".png", ".json"}
