"""A file is asked for in the desktop's own dialogue, else in the panel's; what is typed is taken as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import wait_until

from app.work.file_asking import FileAsking, FileWish, desktop_dialogue, folders_of, listed, typed_file
from fieldcore.errors import InputError

OPENING = FileWish("Open", "Pictures", (".png", ".jpg"), lambda file: None)
SAVING = FileWish("Save the path", "Paths", (".json",), lambda file: None, saves=True, name="path.json")


def installed(*names: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in names else None


def test_the_desktops_own_dialogue_is_asked_where_there_is_one() -> None:
    assert desktop_dialogue(OPENING, Path("/data"), installed(), "GNOME") == []
    assert desktop_dialogue(OPENING, Path("/data"), installed("zenity"), "GNOME") == [
        "/usr/bin/zenity", "--file-selection", "--title=Open", "--filename=/data/",
        "--file-filter=Pictures | *.png *.PNG *.jpg *.JPG", "--file-filter=All files | *",
    ]  # fmt: skip
    assert desktop_dialogue(SAVING, Path("/data"), installed("zenity"), "KDE")[1:5] == [
        "--file-selection", "--save", "--title=Save the path", "--filename=/data/path.json",
    ]  # fmt: skip


@pytest.mark.parametrize(("desktop", "expected"), [("KDE", "kdialog"), ("plasma:KDE", "kdialog"), ("XFCE", "zenity")])
def test_where_there_are_two_the_desktops_own_comes_first(desktop: str, expected: str) -> None:
    words = desktop_dialogue(SAVING, Path("/data"), installed("zenity", "kdialog"), desktop)
    assert words[0] == f"/usr/bin/{expected}"


def test_kdialog_is_asked_in_its_own_words() -> None:
    assert desktop_dialogue(SAVING, Path("/data"), installed("kdialog"), "") == [
        "/usr/bin/kdialog", "--title", "Save the path", "--getsavefilename", "/data/path.json",
        "Paths (*.json *.JSON)\nAll files (*)",
    ]  # fmt: skip
    assert desktop_dialogue(OPENING, Path("/data"), installed("kdialog"), "")[3:5] == ["--getopenfilename", "/data"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/data/fox.jpg", "/data/fox.jpg"),
        ("  /data/fox.jpg\n", "/data/fox.jpg"),
        ("'/data/two words.jpg'", "/data/two words.jpg"),
        ("file:///data/fox.jpg", "/data/fox.jpg"),
        ("~/fox.jpg", "/home/me/fox.jpg"),
        ("fox.jpg", "/here/fox.jpg"),
        ("../fox.jpg", "/here/../fox.jpg"),
        ("sample:coffee", "sample:coffee"),
    ],
)
def test_what_is_typed_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, text: str, expected: str) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert typed_file(text, Path("/here")) == Path(expected)


def test_a_home_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(InputError, match="there is no such home folder"):
        typed_file("~nobody-of-that-name/fox.jpg", Path("/here"))


def test_a_folder_is_listed_by_what_suits(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", "notes.txt", ".hidden.png"):
        (tmp_path / name).touch()
    for name in ("Zoo", "apes", ".git"):
        (tmp_path / name).mkdir()
    listing = listed(tmp_path, OPENING.suffixes)
    assert (listing.folders, listing.files) == (("apes", "Zoo"), ("a.jpg", "b.PNG"))
    beginning = listing.beginning("A")
    assert (beginning.folders, beginning.files) == (("apes",), ("a.jpg",))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        listed(tmp_path / "gone", OPENING.suffixes)


def test_the_folders_of_what_was_opened_lately() -> None:
    assert folders_of(["/a/1.png", "sample:coffee", "/b/2.png", "/a/3.png"]) == [Path("/a"), Path("/b")]


class Asked:
    """An asking whose desktop has a dialogue that does what a line of shell says; what came of it."""

    def __init__(self, folder: Path, script: str) -> None:
        program = folder / "zenity"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        self.taken: list[Path] = []
        self.wish = FileWish("Open", "Pictures", (".png",), self.taken.append)
        self.asking = FileAsking(lambda: None, self._attempt, {"zenity": str(program)}.get)

    def _attempt(self, work: Callable[[], Any]) -> None:
        work()

    def until(self, there: Callable[[], object]) -> None:
        wait_until(lambda: self.asking.advance() or there(), lambda: True, "the dialogue does not end")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[[str], Asked]]:
    made: list[Asked] = []

    def make(script: str) -> Asked:
        made.append(Asked(tmp_path, script))
        return made[-1]

    yield make
    for one in made:
        one.asking.close()


def test_what_the_dialogue_prints_is_taken_and_the_next_begins_there(asked: Callable[[str], Asked]) -> None:
    one = asked("echo /data/fox.png")
    one.asking.ask(one.wish)
    one.until(lambda: one.taken)
    assert one.taken == [Path("/data/fox.png")] and one.asking.wish is None
    assert one.asking.folder == Path("/data")


def test_a_dialogue_that_is_cancelled_leaves_all_as_it_is(asked: Callable[[str], Asked]) -> None:
    one = asked("exit 1")
    one.asking.ask(one.wish)
    one.until(lambda: one.asking._shown is None)
    assert one.taken == [] and one.asking.wish is None


def test_where_the_dialogue_cannot_be_shown_the_panel_asks(asked: Callable[[str], Asked]) -> None:
    one = asked("exit 255")
    one.asking.ask(one.wish)
    one.until(lambda: one.asking.wish)
    assert one.asking.wish is one.wish
    one.asking.answer(one.wish, Path("/data/fox.png"))
    assert one.taken == [Path("/data/fox.png")] and one.asking.wish is None


def test_nothing_waits_for_a_dialogue_and_there_is_one_at_a_time(asked: Callable[[str], Asked]) -> None:
    one = asked("exec sleep 1000")
    one.asking.ask(one.wish)
    one.asking.advance()
    with pytest.raises(InputError, match="open already"):
        one.asking.ask(one.wish)
    assert one.asking._shown is not None
    program = one.asking._shown[1]
    one.asking.close()
    assert program.poll() is not None
