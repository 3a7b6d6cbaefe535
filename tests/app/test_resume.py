"""Renders that were interrupted go on, and no two write into one folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from waves import Waves

import app.cli
import app.document
import app.record.frame_sequences
from app.document import Document
from app.gl.offscreen import Offscreen
from app.record.claims import claimed
from fieldcore.checkpoint import TrainingFacts
from fieldcore.errors import InputError
from fieldcore.files import locked

SurfaceOf = Callable[[int, int], Offscreen]
Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(
    path_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    surface_of: SurfaceOf,
) -> Call:
    """Render the test's path into ``out`` and ``out.mp4``: exit code and errors."""
    surface_of(8, 8)
    monkeypatch.setattr(app.document, "open_document", lambda path, *_: Document(path, Waves(), TrainingFacts()))

    def run(*arguments: str, folder: str = "out") -> tuple[int, str]:
        given = ["--render-path", str(path_file), "--out", str(tmp_path / folder), "--size", "32x20"]
        code = app.cli.run([*given, "--video", str(tmp_path / f"{folder}.mp4"), *arguments])
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def interrupted(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The render stopped after its third frame."""
    with monkeypatch.context() as patch:
        patch.setattr(app.record.frame_sequences, "deferred_interrupts", lambda: _StopsAfter(3))
        assert call()[0] == 130


class _StopsAfter:
    def __init__(self, frames: int) -> None:
        self.left = frames

    def __enter__(self) -> Callable[[], bool]:
        return self.should_stop

    def __exit__(self, *error: object) -> None:
        pass

    def should_stop(self) -> bool:
        self.left -= 1
        return self.left <= 0


def report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "frames.json").read_text())


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def without_times(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in frame.items() if not name.endswith("_ms")} for frame in frames]


def test_a_resumed_render_is_the_whole_one(interrupted: None, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (report(out)["state"], len(report(out)["frames"])) == ("interrupted", 3)
    begun = {name: (out / name).stat().st_mtime_ns for name in names(out) if name.endswith(".png")}
    code, errors = call("--resume")
    assert (code, errors) == (0, "note: 3 of 7 frames are there already\n")
    assert {name: (out / name).stat().st_mtime_ns for name in begun} == begun, "they are not made again"
    assert call(folder="whole")[0] == 0
    assert report(out)["state"] == "complete"
    assert without_times(report(out)["frames"]) == without_times(report(tmp_path / "whole")["frames"])
    assert names(out) == names(tmp_path / "whole")
    for name in names(out) - {"frames.json"}:
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_a_frame_that_is_missing_is_made_again_with_those_after_it(
    interrupted: None, call: Call, tmp_path: Path
) -> None:
    (tmp_path / "out" / "frame_000001.png").unlink()
    code, errors = call("--resume")
    assert code == 0 and "1 of 7 frames are there already" in errors
    assert len(report(tmp_path / "out")["frames"]) == 7 and (tmp_path / "out" / "frame_000001.png").exists()


def test_what_is_complete_is_not_rendered_again(call: Call, tmp_path: Path) -> None:
    assert call()[0] == 0
    code, errors = call("--resume")
    assert code == 2 and f"--resume: all 7 frames in '{tmp_path / 'out'}' are there already" in errors


def test_only_the_same_render_is_resumed(
    interrupted: None, call: Call, path_file: Path, path_document: dict[str, Any], tmp_path: Path
) -> None:
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}

    def refused(sentence: str, *arguments: str) -> None:
        code, errors = call("--resume", *arguments)
        assert code == 2 and sentence in errors
        assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before

    refused("were made with another 'size'", "--size", "16x10")
    refused("give --resume to go on with the frames that are there, or --overwrite", "--overwrite")
    path_file.write_text(json.dumps(path_document | {"caption": False}))
    refused("were made with another 'path'")
    (tmp_path / "out" / "frames.json").write_text("{")
    before["frames.json"] = b"{"
    refused("frames.json' cannot be read")
    (tmp_path / "out" / "frames.json").write_text('{"format": "another"}')
    before["frames.json"] = b'{"format": "another"}'
    refused("is no report of frames")


def test_without_frames_there_is_nothing_to_resume(call: Call, tmp_path: Path) -> None:
    code, errors = call("--resume")
    assert code == 2 and "frames.json', and so nothing to go on with" in errors
    assert not (tmp_path / "out").exists() and not (tmp_path / "out.mp4").exists()


def test_a_video_is_resumed_only_from_the_pictures_it_shows(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGBA", (4, 4)).save(tmp_path / "frame_000000.png")
    with pytest.raises(InputError, match="does not hold the picture that a video shows"):
        app.record.frame_sequences._picture_in(tmp_path / "frame_000000.png")


def test_two_renders_into_one_folder_are_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with locked(tmp_path / "out"):
        code, errors = call()
    assert code == 2 and f"another process is writing '{tmp_path / 'out'}' now" in errors
    assert not list((tmp_path / "out").glob("*.png")) and not (tmp_path / "out.mp4").exists()
    with locked(tmp_path / "out.mp4"):
        code, errors = call()
    assert code == 2 and "out.mp4' now" in errors
    assert call()[0] == 0
    assert not list(tmp_path.rglob("*.lock"))


def test_what_a_killed_render_has_begun_is_removed(call: Call, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    halves = ["out/.frame_000003.0123abcd.part.png", "out/.frames.0123abcd.part.json", ".out.0123abcd.part.mp4"]
    others = ["out/.mine.0123abcd.part.png", ".other.0123abcd.part.mp4", ".out.b.0123abcd.part.mp4"]
    for name in (*halves, *others):
        (tmp_path / name).write_bytes(b"half")
    assert call()[0] == 0
    assert not any((tmp_path / name).exists() for name in halves)
    assert all((tmp_path / name).exists() for name in others)
    assert sum(1 for _ in imageio_ffmpeg.read_frames(tmp_path / "out.mp4")) - 1 == 7


def test_folders_made_for_nothing_are_removed_again(tmp_path: Path) -> None:
    with claimed(tmp_path / "a" / "b", [], [tmp_path / "c" / "v.mp4"]):
        assert (tmp_path / "a" / "b").is_dir() and (tmp_path / "c").is_dir()
    assert list(tmp_path.iterdir()) == []
