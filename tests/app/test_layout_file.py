"""What a session leaves for the next."""

from __future__ import annotations

import json
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from app.layout_file import Layout, RecordingSettings, layout_file, load_layout, save_layout
from fieldcore.errors import InputError

LAYOUT = Layout(
    view_window=(-100_000, 7, 0, 10**9),
    view_maximised=True,
    panel_window=(1, 2, 300, 400),
    panel_open=False,
    open_groups={"Filter": True, "Recording": False},
    recent=("sample:astronaut", "/home/me/Fotos/Übung.safetensors"),
    recording=RecordingSettings("640x480", 23.976, False, True, "/films"),
)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The layout's file, in a home of the test's own."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "fieldscope" / "layout.json"


def test_a_layout_returns(file: Path) -> None:
    assert load_layout() == Layout()
    assert save_layout(LAYOUT)
    assert load_layout() == LAYOUT
    assert [other.name for other in file.parent.iterdir()] == ["layout.json"]
    assert save_layout(Layout())
    assert load_layout() == Layout()


@pytest.mark.parametrize(("name", "value"), [("version", 2), ("version", None), ("format", "fieldscope-path")])
def test_a_layout_of_another_version_is_the_default(file: Path, name: str, value: Any) -> None:
    save_layout(LAYOUT)
    text = json.dumps({**json.loads(file.read_text()), name: value})
    file.write_text(text)
    assert load_layout() == Layout()
    assert file.read_text() == text, "it is left as it is"
    assert save_layout(LAYOUT) and load_layout() == LAYOUT


BAD_ENTRIES = [
    ("view_window", [1, 2, 3]),
    ("view_window", [1, 2, 3, 4.5]),
    ("view_maximised", "no"),
    ("panel_window", "left"),
    ("panel_open", 1),
    ("open_groups", {"Filter": True, "Recording": "yes"}),
    ("recent", ["a", "b", 3]),
    ("recent", [str(number) for number in range(13)]),
    ("recording", None),
]


@pytest.mark.parametrize(("name", "value"), BAD_ENTRIES, ids=lambda value: str(value)[:30])
def test_a_wrong_entry_is_as_by_itself_and_the_others_are_kept(file: Path, name: str, value: Any) -> None:
    save_layout(LAYOUT)
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))
    assert load_layout() == replace(LAYOUT, **{name: getattr(Layout(), name)})


@pytest.mark.parametrize("name", [entry.name for entry in fields(Layout)])
def test_an_older_layout_without_an_entry_keeps_what_it_has(file: Path, name: str) -> None:
    save_layout(LAYOUT)
    document = json.loads(file.read_text())
    del document[name]
    file.write_text(json.dumps({**document, "unheard": 1}))
    assert load_layout() == replace(LAYOUT, **{name: getattr(Layout(), name)})


def test_of_the_recordings_settings_each_is_kept_that_is_right(file: Path) -> None:
    save_layout(LAYOUT)
    recording = {"size": "0x0", "frames_per_second": 24.0, "png": False, "video": "yes", "unheard": 1}
    file.write_text(json.dumps({**json.loads(file.read_text()), "recording": recording}))
    assert load_layout().recording == RecordingSettings(frames_per_second=24.0, png=False)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}"],
    ids=["empty", "cut", "list", "null", "bytes", "deep", "digits"],
)
def test_a_damaged_file_is_the_default(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert load_layout() == Layout()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("a file in the way")
    assert not save_layout(LAYOUT)
    assert load_layout() == Layout()

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert not save_layout(LAYOUT)
    assert load_layout() == Layout()


def test_a_failing_disk_leaves_the_layout_before(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_layout(LAYOUT)

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    assert not save_layout(Layout())
    assert load_layout() == LAYOUT
    assert [other.name for other in file.parent.iterdir()] == ["layout.json"]


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "home/.config"),
        ("linux", {"XDG_CONFIG_HOME": "relative"}, "home/.config"),
        ("darwin", {}, "home/Library/Application Support"),
        ("win32", {}, "home/AppData/Roaming"),
        ("win32", {"APPDATA": "/roaming"}, "/roaming"),
    ],
)
def test_each_system_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert layout_file() == tmp_path / expected / "fieldscope" / "layout.json"


def test_what_was_opened_last_comes_first() -> None:
    layout = Layout()
    for number in range(14):
        layout = layout.with_recent(f"{number}")
    assert layout.recent == tuple(f"{number}" for number in range(13, 1, -1))
    assert layout.with_recent("5").recent[:3] == ("5", "13", "12")
    assert len(layout.with_recent("5").recent) == 12


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"size": "640"}, "size: expected a width and a height in pixels such as 1280x720, got '640'; or 'as shown'"),
        ({"size": "0x480"}, "size: expected"),
        ({"frames_per_second": 0.5}, "frames_per_second: expected 1 to 240, got 0.5"),
        ({"frames_per_second": 241.0}, "frames_per_second: expected 1 to 240, got 241"),
        ({"frames_per_second": float("nan")}, "frames_per_second: expected 1 to 240, got nan"),
        ({"png": False, "video": False}, "a recording needs PNG files, EXR files or a video; choose at least one"),
        ({"folder": ""}, "folder: expected the folder that recordings go to, got none"),
    ],
)
def test_recording_settings_that_make_no_sense_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        RecordingSettings(**settings)
    assert str(caught.value).startswith(sentence)


def test_the_size_of_a_recording() -> None:
    assert RecordingSettings().size_px is None
    assert RecordingSettings(size="1920x1080", png=False).size_px == (1920, 1080)
