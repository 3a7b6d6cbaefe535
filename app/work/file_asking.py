"""Asking a person for a file: in the desktop's own dialogue where there is one, else in the panel's.

Nothing in the window waits for it: the desktop's dialogue is a program of its own, and folders are read in a thread.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError

from .background import Background

SAMPLE = "sample:"


@dataclass(frozen=True)
class FileWish:
    """A file that is asked for.

    Attributes:
        title: what for.
        kind: what such files are called.
        suffixes: of those that are listed.
        take: called with the file chosen.
        saves: whether it is to be written; else it must be there.
        name: suggested for one to be written.
    """

    title: str
    kind: str
    suffixes: tuple[str, ...]
    take: Callable[[Path], Any]
    saves: bool = False
    name: str = ""


class FileAsking:
    """Asks for one file at a time.

    Args:
        wake: called from another thread when there is something to do.
        attempt: does something, and tells a person what goes wrong.
        find: the path of a program by its name, None where it is not installed.

    Attributes:
        wish: what the panel's own dialogue is to ask for, if anything.
        folder: where a dialogue begins, None where nothing has been chosen yet.
        reading: the thread that folders are read in.
    """

    def __init__(
        self,
        wake: Callable[[], None],
        attempt: Callable[[Callable[[], Any]], Any],
        find: Callable[[str], str | None] = shutil.which,
    ) -> None:
        self.wish: FileWish | None = None
        self.folder: Path | None = None
        self.reading = Background(wake)
        self._attempt, self._find = attempt, find
        self._shown: tuple[FileWish, subprocess.Popen[str]] | None = None

    def ask(self, wish: FileWish) -> None:
        """Show a dialogue. Raises InputError while another one is there."""
        if self._shown is not None or self.wish is not None:
            raise InputError("a dialogue for a file is open already: answer that first")
        words = desktop_dialogue(wish, self.folder or Path.cwd(), self._find, os.environ.get("XDG_CURRENT_DESKTOP", ""))
        if not words:
            self.wish = wish
            return
        try:
            program = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError:
            self.wish = wish
        else:
            self._shown = wish, program

    def advance(self) -> None:
        """Take what was chosen, if anything was."""
        self.reading.deliver()
        if self._shown is None or self._shown[1].poll() is None:
            return
        (wish, program), self._shown = self._shown, None
        answer = program.communicate()[0].removesuffix("\n")
        if program.returncode == 0 and answer:
            self.answer(wish, Path(answer))
        elif program.returncode not in (0, _CANCELLED):  # it could not be shown
            self.wish = wish

    def answer(self, wish: FileWish, file: Path) -> None:
        """That file was chosen."""
        self.wish = None
        if not str(file).startswith(SAMPLE):
            self.folder = file.parent
        self._attempt(lambda: wish.take(file))

    def cancel(self) -> None:
        """No file is wished any more."""
        self.wish = None

    def close(self) -> None:
        """End what is shown."""
        if self._shown is not None:
            self._shown[1].kill()
            self._shown[1].communicate()
            self._shown = None
        self.reading.close()


_CANCELLED = 1


def desktop_dialogue(wish: FileWish, folder: Path, find: Callable[[str], str | None], desktop: str) -> list[str]:
    """The command line of the desktop's own dialogue, which prints the file chosen; empty where there is none.

    Args:
        wish: what it asks for.
        folder: where it begins.
        find: the path of a program by its name.
        desktop: its name, as in ``XDG_CURRENT_DESKTOP``.
    """
    dialogues = {"zenity": _zenity, "kdialog": _kdialog}
    names = sorted(dialogues, key=lambda name: name == "zenity") if "KDE" in desktop else list(dialogues)
    for name in names:
        program = find(name)
        if program is not None:
            return [program, *dialogues[name](wish, folder)]
    return []


def _zenity(wish: FileWish, folder: Path) -> list[str]:
    begin = f"{folder}{os.sep}{wish.name if wish.saves else ''}"
    filters = [f"--file-filter={wish.kind} | {_patterns(wish)}", "--file-filter=All files | *"]
    return ["--file-selection", *(["--save"] if wish.saves else []), f"--title={wish.title}", f"--filename={begin}",
            *filters]  # fmt: skip


def _kdialog(wish: FileWish, folder: Path) -> list[str]:
    doing, begin = ("--getsavefilename", folder / wish.name) if wish.saves else ("--getopenfilename", folder)
    return ["--title", wish.title, doing, str(begin), f"{wish.kind} ({_patterns(wish)})\nAll files (*)"]


def _patterns(wish: FileWish) -> str:
    """Of the suffixes in small letters and in capitals, which dialogues tell apart."""
    return " ".join(f"*{written}" for suffix in wish.suffixes for written in (suffix, suffix.upper()))


def typed_file(text: str, folder: Path) -> Path:
    """The file that a person means by what was typed or pasted: from the root, from home, or from ``folder``.

    A sample's name is taken as it is.

    Raises:
        InputError: there is no such home.
    """
    text = text.strip().removeprefix("file://")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if text.startswith(SAMPLE):
        return Path(text)
    try:
        return folder / Path(text).expanduser()
    except RuntimeError as error:
        raise InputError(f"'{text}': there is no such home folder") from error


def folders_of(sources: Iterable[str]) -> list[Path]:
    """The folders that files lie in, each once, in order."""
    return list(dict.fromkeys(Path(source).parent for source in sources if not source.startswith(SAMPLE)))


@dataclass(frozen=True)
class Listing:
    """What lies in a folder: the names of folders, and of the files that suit."""

    folder: Path
    folders: tuple[str, ...]
    files: tuple[str, ...]

    def beginning(self, text: str) -> Listing:
        """Only the names that begin with ``text``, in whatever case."""
        suits = text.casefold()
        folders, files = (
            tuple(name for name in names if name.casefold().startswith(suits)) for names in (self.folders, self.files)
        )
        return Listing(self.folder, folders, files)


def listed(folder: Path, suffixes: Sequence[str]) -> Listing:
    """Read a folder, without what is hidden. Raises InputError where it cannot be read."""
    folders, files = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    folders.append(entry.name)
                elif Path(entry.name).suffix.lower() in suffixes:
                    files.append(entry.name)
    except OSError as error:
        raise InputError(f"'{folder}' cannot be read: {error.strerror or error}") from error
    return Listing(folder, tuple(sorted(folders, key=str.casefold)), tuple(sorted(files, key=str.casefold)))
