"""Pictures to and from the desktop's clipboard, by the programs that desktops have for that.

GLFW and Dear PyGui know text only. On X11 that is xclip, on Wayland wl-clipboard; on macOS osascript, on Windows
PowerShell, which are always there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from jaxtyping import UInt8
from numpy import ndarray

from fieldcore.errors import InputError
from fieldcore.images import write_image

if TYPE_CHECKING:
    from ..services import Services

_SECONDS = 10
_NONE = "there is no program for pictures in the clipboard here: install xclip, or wl-clipboard on Wayland"

Command = list[str]


def copy_picture(pixels: UInt8[ndarray, "h w 3"], find: Callable[[str], str | None] = shutil.which) -> None:
    """Put a picture into the clipboard.

    Args:
        pixels: display-encoded, top row first.
        find: the path of a program by its name, None where it is not installed.

    Raises:
        InputError: there is no program for that, or it fails.
    """
    handle, name = tempfile.mkstemp(suffix=".png", prefix="fieldscope-")
    os.close(handle)
    file = Path(name)
    try:
        write_image(file, pixels)
        _run(_copying(file, find), file)
    finally:
        file.unlink(missing_ok=True)


def paste_picture(folder: Path, find: Callable[[str], str | None] = shutil.which) -> Path:
    """Write the picture in the clipboard into a folder; returns its file.

    Raises:
        InputError: there is none, or no program for that.
    """
    command = _pasting(find)
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
    if not answer.stdout.startswith(b"\x89PNG"):
        raise InputError("there is neither a picture nor the path of a file in the clipboard: copy one and try again")
    folder.mkdir(parents=True, exist_ok=True)
    number = next(n for n in range(1, 10**6) if not (folder / f"pasted-{n:03}.png").exists())
    file = folder / f"pasted-{number:03}.png"
    file.write_bytes(answer.stdout)
    return file


def files_in(text: str) -> list[str]:
    """The files and samples that a text names, one a line; those that are not there are left out."""
    named = [_path_of(line.strip().strip("\"'")) for line in text.splitlines()]
    return [name for name in named if name.startswith("sample:") or (name and Path(name).expanduser().is_file())]


def _path_of(line: str) -> str:
    return unquote(urlparse(line).path) if line.startswith("file://") else line


def _copying(file: Path, find: Callable[[str], str | None]) -> Command:
    if sys.platform == "darwin":
        return ["osascript", "-e", f'set the clipboard to (read (POSIX file "{file}") as «class PNGf»)']
    if sys.platform == "win32":
        load = f"[System.Drawing.Image]::FromFile('{file}')"
        script = f"Add-Type -AssemblyName System.Windows.Forms,System.Drawing; $p={load}; "
        return [
            "powershell",
            "-STA",
            "-Command",
            f"{script}[System.Windows.Forms.Clipboard]::SetImage($p); $p.Dispose()",
        ]
    if os.environ.get("WAYLAND_DISPLAY") and find("wl-copy"):
        return ["wl-copy", "--type", "image/png"]
    if find("xclip"):
        return ["xclip", "-selection", "clipboard", "-t", "image/png"]
    raise InputError(f"{_NONE}; C writes the picture as a file")


def _pasting(find: Callable[[str], str | None]) -> Command:
    if os.environ.get("WAYLAND_DISPLAY") and find("wl-paste"):
        return ["wl-paste", "--type", "image/png"]
    if find("xclip"):
        return ["xclip", "-selection", "clipboard", "-t", "image/png", "-o"]
    raise InputError(f"there is no path of a file in the clipboard, and {_NONE}")


def _run(command: Command, file: Path) -> None:
    with file.open("rb") as source:
        nowhere = subprocess.DEVNULL  # xclip goes on behind, and would hold a pipe open
        ended = subprocess.run(command, stdin=source, stdout=nowhere, stderr=nowhere, timeout=_SECONDS, check=False)
    if ended.returncode:
        raise InputError(f"{command[0]} could not put the picture into the clipboard; C writes it as a file")


class Clipboard:
    """What a session copies and pastes, in the background.

    Args:
        services: what it tells, and where it works.
        open_files: opens what was pasted.
    """

    def __init__(self, services: Services, open_files: Callable[[list[str]], None]) -> None:
        self._services, self._open = services, open_files

    def copy(self, pixels: UInt8[ndarray, "h w 3"]) -> None:
        """Put a picture into the clipboard."""
        words = "copying what is shown"
        if not self._services.is_doing(words):
            self._services.meanwhile(words, partial(copy_picture, pixels), self._tell_of_copy, self._tell_of_error)

    def paste(self, text: str) -> None:
        """Open the files that the text in the clipboard names, or else the picture in it."""
        files = files_in(text)
        if files:
            self._open(files)
        else:
            pasting = partial(paste_picture, self._services.training.folder / "pasted")
            self._services.meanwhile("reading the clipboard", pasting, self._open_pasted, self._tell_of_error)

    def _open_pasted(self, file: Path) -> None:
        self._open([str(file)])

    def _tell_of_copy(self, _: None) -> None:
        self._services.notice("what is shown is in the clipboard")

    def _tell_of_error(self, error: Exception) -> None:
        """What cannot be copied or pasted is no fault that must be dismissed."""
        if isinstance(error, InputError):
            self._services.notice(str(error))
        else:
            self._services.fail(error)
