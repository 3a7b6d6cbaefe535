"""What all paths share that are rendered without a window: where frames go, what asks for them, and their report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.path.keyframes import KeyframePath
from app.path.timeline import Keyframe
from app.record.frame_sequences import Destination
from app.record.passes import Pass
from app.record.path_rendering import PathJob
from app.record.report import Report, ReportFormat, means_text
from app.scenes.shape.controls import SHAPE_PASSES, ShapeControls

PATH = KeyframePath(ShapeControls(field="a"), (Keyframe(0.0), Keyframe(1.0, layout="wipe")), frames_per_second=4.0)


def job(*passes: str, video: Path | None = None) -> PathJob[ShapeControls]:
    return PathJob(Path("path.json"), PATH, {name: SHAPE_PASSES[name] for name in passes}, Path("out"), video)


def test_each_pass_has_a_folder_and_each_picture_a_video() -> None:
    assert job(video=Path("a.mp4")).destinations == {"": Destination(Path("out"), Path("a.mp4"))}
    assert job("mesh", "baked", "error", video=Path("a.mp4")).destinations == {
        "mesh": Destination(Path("out/mesh"), None, "mesh"),
        "baked": Destination(Path("out/baked"), Path("a.mp4")),
        "error": Destination(Path("out/error"), Path("a_error.mp4")),
    }
    assert [to.video for to in job("baked", "error").destinations.values()] == [None, None]


def test_what_asks_for_a_frame_is_a_pass_or_a_keyframe() -> None:
    assert [(where, index, shown.layout) for where, index, shown in job().asked] == [
        ("keyframes[0]", 0, "one"),
        ("keyframes[1]", 1, "wipe"),
    ]
    assert [(where, index, shown.left) for where, index, shown in job("normals", "error").asked] == [
        ("--passes normals", 0, "field"), ("--passes error", 0, "error"),
        ("--passes normals", 1, "field"), ("--passes error", 1, "error"),
    ]  # fmt: skip
    assert next(job("normals").asked)[2].colouring == "normals" and Pass().changes == {}


def test_means_are_taken_of_what_is_known(tmp_path: Path) -> None:
    report = Report(tmp_path, ReportFormat("of-a-test", digits=3), {"size": [4, 3]})
    report.describe({"time": 0}, {"mse": 1.0, "passes": {"a": None, "b": 2.0}})
    report.describe({"time": 1}, {"mse": 2.0, "passes": {"a": None, "b": 2 + 2 / 3}})
    report.finish("complete")
    assert report.means == {"mse": 1.5, "passes": {"a": None, "b": pytest.approx(7 / 3)}}
    written = json.loads((tmp_path / "report.json").read_text())
    assert (written["format"], written["version"], written["state"], written["size"]) == (
        "of-a-test",
        1,
        "complete",
        [4, 3],
    )
    assert written["means"] == {"mse": 1.5, "passes": {"a": None, "b": 2.333}}
    assert [frame["time"] for frame in written["frames"]] == [0, 1]
    words = [line.split() for line in means_text(report.means).splitlines()]
    assert words == [["mse", "1.5"], ["a", "b"], ["passes", "-", "2.333"]] and means_text({}) == ""
