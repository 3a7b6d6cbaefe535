from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.keyframes import Keyframe, KeyframePath
from app.path_file import read_path, write_path
from fieldcore.errors import InputError


def test_a_path_is_read_with_its_field_beside_it(path_file: Path) -> None:
    path = read_path(path_file)
    assert path.field == path_file.parent / "waves.safetensors"
    assert path.keyframes == (
        Keyframe(0.0, (1e-4, 0.0, 1e-4), (0.0, 0.0), 1.0),
        Keyframe(0.5, (0.01, 0.002, 0.001)),
        Keyframe(1.0, (0.01, 0.0, 0.01), (0.2, 0.1), 4.0),
    )
    assert (path.frames_per_second, path.closed, path.caption) == (6.0, False, True)


def test_writing_and_reading_gives_the_same_path_back(tmp_path: Path) -> None:
    path = KeyframePath(
        field=tmp_path / "fields" / "photo.safetensors",
        keyframes=(
            Keyframe(-1.5, (0.1, 0.0, 0.1)),
            Keyframe(2.0, None, (0.5, -1.0), 7.0),
            Keyframe(3.0, (0.1, 0.0, 0.1)),
        ),
        frames_per_second=23.976,
        closed=True,
        caption=False,
    )
    write_path(tmp_path / "path.json", path)
    assert read_path(tmp_path / "path.json") == path
    assert json.loads((tmp_path / "path.json").read_text())["field"] == "fields/photo.safetensors"


@pytest.mark.parametrize(
    ("end", "rate", "closed", "times"),
    [
        (1.0, 4, False, [0, 0.25, 0.5, 0.75, 1.0]),
        (0.3, 10, False, [0, 0.1, 0.2, 0.3]),
        (0.9, 2, False, [0, 0.5]),
        (1.0, 4, True, [0, 0.25, 0.5, 0.75]),
        (0.1, 1, True, [0]),
        (1.0, 3.4, True, [0, 1 / 3, 2 / 3]),
    ],
)
def test_frame_times(end: float, rate: float, closed: bool, times: list[float]) -> None:
    path = KeyframePath(Path("f"), (Keyframe(0.0), Keyframe(end)), float(rate), closed)
    assert path.frame_times() == pytest.approx(times)


BAD_ENTRIES = [
    ("format", "other", "not a Fieldscope path"),
    ("version", 2, "written by a newer Fieldscope (version 2, this one reads up to 1); update Fieldscope"),
    ("version", "1", 'version: expected a whole number from 1, got "1"'),
    ("version", 0.5, "version: expected a whole number from 1, got 0.5"),
    ("scene", "sphere", 'scene: expected "picture", got "sphere"'),
    ("field", "", 'field: expected the path of a field, got ""'),
    ("field", 3, "field: expected the path of a field, got 3"),
    ("speed", 1, "unknown entry 'speed'; the entries are format, version, scene, field"),
    ("frames_per_second", 0, "frames_per_second: expected a finite number, at least 0.01, at most 1000, got 0"),
    ("frames_per_second", 1e-5, "frames_per_second: expected a finite number"),
    ("closed", 1, "closed: expected true or false, got 1"),
    ("caption", "no", 'caption: expected true or false, got "no"'),
    ("closed", True, "keyframes[2]: the path is closed, so its last keyframe is the first come round again: "),
    ("keyframes", [], "keyframes: expected a list of at least 1, got []"),
    ("keyframes", {}, "keyframes: expected a list"),
    ("keyframes", [3], "keyframes[0]: expected an object in braces, got 3"),
    ("keyframes[1]", {}, "keyframes[1]: entry 'time' is missing"),
    ("keyframes[1].time", 0, "keyframes[1].time: expected more than 0, the time of the keyframe before, got 0; put"),
    ("keyframes[2].time", 0.25, "keyframes[2].time: expected more than 0.5, the time of the keyframe before"),
    ("keyframes[2].time", 1e9, "more than 1,000,000 frames; times are in seconds"),
    ("keyframes[0].time", None, "keyframes[0].time: expected a finite number, got null"),
    ("keyframes[0].time", True, "keyframes[0].time: expected a finite number, got true"),
    ("keyframes[2].time", float("nan"), "keyframes[2].time: expected a finite number, got nan"),
    ("keyframes[2].variance", -1, "keyframes[2].variance: expected a finite number, at least 0, got -1"),
    ("keyframes[2].variance", float("inf"), "keyframes[2].variance: expected a finite number, at least 0, got inf"),
    ("keyframes[2].variance", 10**400, "keyframes[2].variance: expected a finite number, at least 0, got inf"),
    ("keyframes[1].variance", 1, "keyframes[1]: both 'variance' and 'covariance' are given; keep one"),
    ("keyframes[1].covariance", [1, 2], "keyframes[1].covariance: expected a list of 3 numbers, got [1.0, 2.0]"),
    ("keyframes[1].covariance", [1, "x", 1], 'keyframes[1].covariance[1]: expected a finite number, got "x"'),
    ("keyframes[1].covariance", [1, 2, 1], "keyframes[1].covariance: expected a positive semi-definite matrix"),
    ("keyframes[1].covariance", [-1, 0, 1], "keyframes[1].covariance: expected a positive semi-definite matrix"),
    ("keyframes[0].center", [0], "keyframes[0].center: expected a list of 2 numbers, got [0.0]"),
    ("keyframes[0].zoom", 0, "keyframes[0].zoom: expected a finite number, at least 0.01, at most 1e+06, got 0"),
    ("keyframes[0].zooom", 1, "keyframes[0]: unknown entry 'zooom'; the entries are time, variance"),
]


@pytest.mark.parametrize(("where", "value", "sentence"), BAD_ENTRIES, ids=lambda value: str(value)[:30])
def test_a_wrong_entry_is_named(path_document: dict, tmp_path: Path, where: str, value: Any, sentence: str) -> None:
    *parents, name = where.replace("[", ".").replace("]", "").split(".")
    container: Any = path_document
    for parent in parents:
        container = container[int(parent)] if parent.isdigit() else container[parent]
    container[int(name) if name.isdigit() else name] = value
    expect_refusal(tmp_path, json.dumps(path_document), sentence)


@pytest.mark.parametrize("name", ["version", "scene", "field", "keyframes"])
def test_a_missing_entry_is_named(path_document: dict, tmp_path: Path, name: str) -> None:
    del path_document[name]
    expect_refusal(tmp_path, json.dumps(path_document), name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not JSON: Expecting value at line 1, column 1"),
        ('{"format": \n oops}', "not JSON: Expecting value at line 2, column 2"),
        ('{"a": 1, "a": 2}', "entry 'a' is given twice in one object; keep one"),
        ("[1, 2]", "not a Fieldscope path"),
        ("[" * 100_000, "not a path: brackets nested too deeply"),
    ],
    ids=["empty", "broken", "repeated", "list", "deep"],
)
def test_a_file_that_is_no_path_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    expect_refusal(tmp_path, text, sentence)


def test_a_missing_file_a_folder_and_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00\x9f")
    for name in ("missing", ".", "bytes"):
        with pytest.raises(InputError, match="give the name of a JSON file"):
            read_path(tmp_path / name)


def expect_refusal(folder: Path, text: str, sentence: str) -> None:
    file = folder / "bad.json"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_path(file)
    message = str(caught.value)
    assert message.startswith(f"path '{file}': ")
    assert sentence in message
    assert "\n" not in message
