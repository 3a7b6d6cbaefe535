from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from counting import calls_of

from app.path.keyframes import KeyframePath, keyframe_of
from app.path.path_file import read_path, write_path
from app.path.timeline import Keyframe, with_keyframe, with_time, without_keyframe
from app.scene_names import ALL
from app.scenes.picture.controls import Controls
from fieldcore.errors import InputError


def test_a_path_is_read_with_its_field_beside_it(path_file: Path) -> None:
    path = read_path(path_file)
    assert path.still.field == str(path_file.parent / "waves.safetensors")
    assert path.keyframes == (
        Keyframe(0.0, covariance=(1e-4, 0.0, 1e-4), center=(0.0, 0.0), zoom=1.0),
        Keyframe(0.5, covariance=(0.01, 0.002, 0.001)),
        Keyframe(1.0, covariance=(0.01, 0.0, 0.01), center=(0.2, 0.1), zoom=4.0),
    )
    assert (path.frames_per_second, path.closed, path.still.caption) == (6.0, False, True)


def test_writing_and_reading_gives_the_same_path_back(tmp_path: Path) -> None:
    path = KeyframePath(
        Controls(
            field=str(tmp_path / "fields" / "photo.safetensors"),
            caption=False,
            other=str(tmp_path / "fields" / "other.safetensors"),
            truth=str(str(tmp_path / "photo.png")),
            error_range=0.02,
            falloff=0.0,
        ),
        (
            Keyframe(-1.5, covariance=(0.1, 0.0, 0.1)),
            Keyframe(2.0, covariance=None, center=(0.5, -1.0), zoom=7.0, layout="two_up", right="other", foveated=True),
            Keyframe(2.5, layout="wipe", divider=0.3, foveated=False, gaze=(0.1, -0.7)),
            Keyframe(3.0, covariance=(0.1, 0.0, 0.1)),
        ),
        frames_per_second=23.976,
        closed=True,
    )
    write_path(tmp_path / "path.json", path)
    assert read_path(tmp_path / "path.json") == path
    document = json.loads((tmp_path / "path.json").read_text())
    files = document["field"], document["other"], document["truth"]
    assert files == ("fields/photo.safetensors", "fields/other.safetensors", "photo.png")


def test_a_sample_is_named_as_it_is_and_what_is_not_there_is_left_out(tmp_path: Path) -> None:
    path = KeyframePath(Controls(field=str(tmp_path / "f.safetensors"), truth="sample:astronaut"), (Keyframe(0.0),))
    write_path(tmp_path / "path.json", path)
    assert read_path(tmp_path / "path.json") == path
    document = json.loads((tmp_path / "path.json").read_text())
    assert document["truth"] == "sample:astronaut"
    assert "other" not in document and document["keyframes"] == [{"time": 0.0}]


def test_what_the_entries_default_to(path_file: Path) -> None:
    path = read_path(path_file)
    assert path.still == replace(Controls(), field=path.still.field)
    first = path.keyframes[0]
    assert (first.layout, first.divider, first.foveated, first.gaze) == (None, None, None, None)


def test_files_are_found_from_a_folder_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "far" / "away")
    (tmp_path / "photo.safetensors").write_bytes(b"the field")
    file = tmp_path / "linked" / "path.json"
    write_path(file, KeyframePath(Controls(field=str(tmp_path / "photo.safetensors")), (Keyframe(0.0),)))
    assert Path(read_path(file).still.field).read_bytes() == b"the field"


def test_a_field_on_another_drive_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: Path, folder: Path) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr("os.path.relpath", refuse)
    path = KeyframePath(Controls(field=str(tmp_path / "photo.safetensors")), (Keyframe(0.0),))
    write_path(tmp_path / "path.json", path)
    assert read_path(tmp_path / "path.json") == path


@pytest.mark.parametrize("rate", [30.0, 29.97])
def test_a_recording_is_read_back_to_the_last_bit(tmp_path: Path, rate: float) -> None:
    recorded = [wandering(k, tmp_path) for k in range(1000)]
    keyframes = tuple(keyframe_of(controls, k / rate) for k, controls in enumerate(recorded))
    path = KeyframePath(
        Controls(field=str(tmp_path / "f"), other=str(tmp_path / "other"), error_range=0.3, falloff=0.2),
        keyframes,
        frames_per_second=rate,
    )
    write_path(tmp_path / "path.json", path)
    again = read_path(tmp_path / "path.json")
    motion = again
    assert again.frame_times() == [k / rate for k in range(1000)]
    assert [motion.at(moment) for moment in again.frame_times()] == recorded


def wandering(k: int, folder: Path) -> Controls:
    """Controls that are no round numbers, and different in every frame."""
    share = (k * 0.6180339887498949) % 1
    small, large = 1e-9 + 0.01 * share**8, 0.1 * share
    covariance = (large, 0.0, large) if k % 2 else (large + small, 0.3 * small, small)
    return Controls(
        field=str(folder / "f"),
        covariance=covariance,
        center=(share, -share / 3),
        zoom=0.1 + 7 * share,
        layout=("one", "wipe", "two_up", "four")[k % 4],
        left=("field", "truth", "error", "other")[k % 4],
        other=str(folder / "other"),
        divider=share,
        error_range=0.3,
        foveated=k % 3 == 0,
        gaze=(share / 7, share / 3),
        falloff=0.2,
    )


@pytest.mark.long
def test_reading_a_recording_twice_as_long_is_twice_the_work(tmp_path: Path) -> None:
    taken = []
    for count in (10, 100, 200):
        keyframes = tuple(keyframe_of(wandering(k, tmp_path), k / 30) for k in range(count))
        write_path(
            tmp_path / "path.json",
            KeyframePath(Controls(field=str(tmp_path / "f"), other=str(tmp_path / "other")), keyframes),
        )
        read: list[KeyframePath] = []
        taken.append(calls_of(lambda read=read: read.append(read_path(tmp_path / "path.json"))))  # type: ignore[misc]
        assert len(read[0].keyframes) == count
    assert taken[2] <= 2 * taken[1], "and what is done once is done once"


def test_keyframes_are_kept_in_order_of_time() -> None:
    a, b, c = (Keyframe(float(k), zoom=1.0 + k) for k in range(3))
    assert with_keyframe((), b) == (b,)
    assert with_keyframe((a, c), b) == with_keyframe((a, b), c) == with_keyframe((b, c), a) == (a, b, c)
    replaced = Keyframe(1.0, zoom=9.0)
    assert with_keyframe((a, b, c), replaced) == (a, replaced, c)
    assert without_keyframe((a, b, c), 0) == (b, c)
    assert without_keyframe((a, b, c), 2) == (a, b)


def test_a_keyframe_is_moved_in_time() -> None:
    a, b, c = (Keyframe(float(k), zoom=1.0 + k) for k in range(3))
    assert with_time((a, b, c), 0, 1.5) == (b, Keyframe(1.5, zoom=1.0), c)
    assert with_time((a, b, c), 1, 1.0) == (a, b, c)
    with pytest.raises(InputError, match="there is a keyframe at 2 s already; choose another time"):
        with_time((a, b, c), 0, 2.0)


def test_a_keyframe_of_controls_keys_everything(tmp_path: Path) -> None:
    keyframe = keyframe_of(wandering(3, tmp_path), 0.1)
    assert keyframe.time == 0.1
    assert None not in vars(keyframe).values()
    assert KeyframePath(Controls(field=str(tmp_path / "f")), (keyframe,)).at(7.0).gaze == keyframe.gaze


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
    path = KeyframePath(
        Controls(field="f"), (Keyframe(0.0), Keyframe(end)), frames_per_second=float(rate), closed=closed
    )
    assert path.frame_times() == pytest.approx(times)


BAD_ENTRIES = [
    ("format", "other", "not a Fieldscope path"),
    ("version", 2, "written by a newer Fieldscope (version 2, this one reads up to 1); update Fieldscope"),
    ("version", "1", 'version: expected a whole number from 1, got "1"'),
    ("version", 0.5, "version: expected a whole number from 1, got 0.5"),
    (
        "scene",
        "sphere",
        f"scene: expected one of {', '.join(map(json.dumps, ALL))[:50]}",
    ),
    ("field", "", 'field: expected the path of a field, got ""'),
    ("field", 3, "field: expected the path of a field, got 3"),
    ("tempo", 1, "unknown entry 'tempo'; the entries are format, version, scene, field"),
    ("frames_per_second", 0, "frames_per_second: expected a finite number, at least 0.01, at most 1000, got 0"),
    ("frames_per_second", 1e-5, "frames_per_second: expected a finite number"),
    ("other", "", 'other: expected the path of a field, got ""'),
    ("truth", 5, "truth: expected the file of a picture or sample:NAME, got 5"),
    ("error_range", 0, "error_range: expected a finite number, more than 0, got 0"),
    ("error_range", float("inf"), "error_range: expected a finite number, more than 0, got inf"),
    ("falloff", -0.1, "falloff: expected a finite number, at least 0, got -0.1"),
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
    ("keyframes[1].covariance", [1e50, 0, 1], "keyframes[1].covariance: expected finite numbers, got inf"),
    ("keyframes[1].comparison", "errors", 'keyframes[1].comparison: expected one of "field", "truth", "error", "wip'),
    ("keyframes[1].comparison", ["field"], 'comparison: expected one of "field", "truth", "error", "wipe", "two_up"'),
    ("keyframes[1].comparison", "two_up", "keyframes[1]: a second field is shown; name its file"),
    ("keyframes[1].divider", 1.1, "keyframes[1].divider: expected a finite number, at least 0, at most 1, got 1.1"),
    ("keyframes[1].foveated", 1, "keyframes[1].foveated: expected true or false, got 1"),
    ("keyframes[1].gaze", [0, 1, 2], "keyframes[1].gaze: expected a list of 2 numbers, got [0.0, 1.0, 2.0]"),
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


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("zoom", 1, 2), ("layout", "one", "wipe"), ("divider", 0, 1), ("foveated", False, True),
     ("gaze", [0, 0], [0, 1])],
)  # fmt: skip
def test_a_loop_ends_as_it_begins(path_document: dict, tmp_path: Path, name: str, first: Any, last: Any) -> None:
    path_document["closed"] = True
    path_document["keyframes"] = [{"time": 0, name: first}, {"time": 1, name: last}]
    expect_refusal(tmp_path, json.dumps(path_document), f"come round again: expected {name} ")
    path_document["keyframes"][1][name] = first
    (tmp_path / "good.json").write_text(json.dumps(path_document))
    assert read_path(tmp_path / "good.json").closed


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
