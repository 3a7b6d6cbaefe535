"""Files that a model names: found beside it, never on the network, and nowhere else on the machine.

Whoever opens somebody else's model trusts it with nothing. So a name leads to the model's folder, to what is in it, and
up to two folders further up, because packs keep ``models/`` and ``textures/`` side by side. Names that are absolute, as
of the machine they were written on, stand for a file of that name beside the model.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

_MOST_FOLDERS_UP = 2
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]+:/?/", re.IGNORECASE)  # a drive's letter is one alone
_ABSOLUTE = re.compile(r"^(/|[a-z]:)", re.IGNORECASE)


class NotBeside(FileNotFoundError):
    """A file that a model names and cannot do without; the sentence says which, and why it is not read."""


def find_beside(model: Path, name: str) -> Path | None:
    """The file that a model calls ``name``, or None.

    Names may have blanks, quotes, backslashes, percent codes or another case.
    """
    if not name.strip() or _is_address(name):
        return None
    for written in dict.fromkeys((name, unquote(name))):
        relative = _plain(written)
        last = relative.rsplit("/", 1)[-1]
        named = [model.parent / relative] if _is_near(model, relative) else []
        for candidate in (*named, model.parent / last):
            try:
                if last and candidate.is_file():
                    return candidate
            except (OSError, ValueError):  # too long a name, or a zero byte in it
                continue
        same = [file for file in files_in(model.parent) if file.name.lower() == last.lower()]
        if same:
            return same[0]
    return None


def why_absent(model: Path, name: str) -> str:
    """Why ``find_beside`` found nothing, as the end of a sentence."""
    relative = _plain(unquote(name))
    if _is_address(name) or relative.startswith("//"):
        return "is on the network, which is never asked"
    return "is not there" if _is_near(model, relative) else "is not in the model's folder, and nothing else is read"


def files_in(folder: Path) -> Iterator[Path]:
    """The files of a folder by name; none if it cannot be read."""
    try:
        yield from sorted(entry for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return


class Beside:
    """The face trimesh wants of what finds further files: those beside the model.

    Args:
        model: whose files they are.
        texts: files that are not on disk, by name.
    """

    def __init__(self, model: Path, texts: dict[str, str] | None = None) -> None:
        self._model = model
        self._texts = texts or {}

    def get(self, name: str) -> bytes:
        """The bytes of the file called ``name``. Raises NotBeside."""
        if name in self._texts:
            return self._texts[name].encode()
        file = find_beside(self._model, name)
        if file is None:
            raise NotBeside(f"its file '{name}' {why_absent(self._model, name)}")
        return file.read_bytes()

    __getitem__ = get


def _plain(name: str) -> str:
    return name.strip().strip("\"'").strip().replace("\\", "/")


def _is_address(name: str) -> bool:
    return bool(_ADDRESS.match(_plain(unquote(name))))


def _is_near(model: Path, relative: str) -> bool:
    """Whether a path leads to the model's folder tree, or a little further up."""
    try:
        if _ABSOLUTE.match(relative):
            folder = model.parent.resolve()
            return not relative.startswith("//") and Path(os.path.normpath(relative)).is_relative_to(folder)
        parts = Path(os.path.normpath(relative)).parts
    except (OSError, ValueError):
        return False
    return sum(part == ".." for part in parts) <= _MOST_FOLDERS_UP
