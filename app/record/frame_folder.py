"""Frames on disk: numbered files, pictures or meshes, and beside them ``frames.json`` with what made each."""

from __future__ import annotations

import json
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from PIL import Image

from fieldcore.errors import InputError
from fieldcore.files import check_writable_folder, explained
from fieldcore.images import write_image
from fieldcore.meshing import write_mesh

from .passes import Content
from .running_report import RunningReport, State

REPORT_NAME = "frames.json"
FORMAT, VERSION = "fieldscope-frames", 1
_WHERE_AND_WHEN = ("fieldscope", "machine", "device", "renderer", "video")  # on a resumed render they may differ
_FRAME_PATTERNS = tuple("frame_" + "[0-9]" * 6 + suffix for suffix in (".png", ".exr", ".ply"))

_SUFFIXES: dict[Content, str] = {"mesh": ".ply", "light": ".exr"}


def check_frame_folder(folder: Path, overwrite: bool) -> None:
    """Raise InputError before any work is done if ``folder`` cannot be written or holds frames already."""
    check_writable_folder(folder)
    existing = _existing(folder)
    if existing and not overwrite:
        name = existing[0].name
        raise InputError(f"'{folder}' holds '{name}' already; choose another folder or add --overwrite")


def new_recording_folder(parent: Path, stem: str) -> Path:
    """The first of ``parent/stem-001``, ``parent/stem-002``, … that does not exist; it is not made.

    Raises:
        InputError: ``parent`` cannot be written.
    """
    check_writable_folder(parent)
    candidates = (parent / f"{stem}-{number:03d}" for number in count(1))
    return next(folder for folder in candidates if not folder.exists())


def new_screenshot_path(folder: Path, suffix: str = ".png") -> Path:
    """The first of ``folder/screenshot-001.png``, … that does not exist. Raises InputError as above."""
    check_writable_folder(folder)
    candidates = (folder / f"screenshot-{number:03d}{suffix}" for number in count(1))
    return next(path for path in candidates if not path.exists())


class NoFolder:
    """Stands for a folder where frames go into a video alone: it counts them, and keeps none."""

    def __init__(self) -> None:
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, content: Any, description: dict[str, Any]) -> None:
        """One more is made."""
        self._count += 1

    def finish(self, state: State) -> None:
        """Nothing is reported."""


class FrameFolder:
    """A folder that frames are added to one by one; the first one removes those that were there before.

    ``frames.json`` is valid at any moment: a kill keeps the frames, and their descriptions up to about a second
    before it.

    Args:
        folder: made if it is missing.
        origin: what all frames have in common, as plain JSON values.
        resume: begin with the frames that are there, which an interrupted render of the same origin has left.
        content: of the frames' files.
        first: the number of the first frame.

    Raises:
        InputError: the folder cannot be written or the disk is full (each method); or there is nothing to resume, or
            the frames there are of another origin.
    """

    def __init__(
        self, folder: Path, origin: dict[str, Any], resume: bool = False, content: Content = "picture", first: int = 0
    ) -> None:
        self.folder, self._content, self._first = folder, content, first
        kept = kept_frames(folder, origin) if resume else []
        head = {"format": FORMAT, "version": VERSION}
        self._report = RunningReport(folder / REPORT_NAME, lambda state: {**head, "state": state, **origin}, kept)
        self._is_fresh = True

    def __len__(self) -> int:
        return len(self._report)

    def add(self, content: Any, description: dict[str, Any]) -> None:
        """Write the next frame, whole or not at all; one without content (None) is only described."""
        if self._is_fresh:
            self._remove_from(len(self))
            self._is_fresh = False
        file = None if content is None else self.file(len(self))
        if file is not None:
            write = write_mesh if self._content == "mesh" else write_image
            write(file, content)
        self._report.add({"file": file and file.name, **description})

    def clear(self) -> None:
        """Remove all frames that are there, and the report."""
        self._remove_from(0)

    def keep(self, count: int) -> None:
        """Take only the first frames of those that are there for made."""
        self._report.keep(count)

    def file(self, index: int) -> Path:
        """That a frame with a content is in, by how many come before it here."""
        return self.folder / f"frame_{self._first + index:06d}{_SUFFIXES.get(self._content, '.png')}"

    def finish(self, state: State) -> None:
        """Write the final report."""
        self._report.finish(state)

    def _remove_from(self, index: int) -> None:
        """Remove the frames that were there before, but for those that are kept."""
        kept = {self.file(number) for number in range(index)} | ({self._report.file} if index else set())
        try:
            for file in _existing(self.folder):
                if file not in kept:
                    file.unlink()
        except OSError as error:
            raise InputError(f"cannot replace the frames in '{self.folder}': {explained(error)}") from error


def kept_frames(folder: Path, origin: dict[str, Any]) -> list[dict[str, Any]]:
    """The descriptions of the frames in a folder that are whole, up to the first that is not.

    Raises:
        InputError: there is no report of them, or they were made of something else.
    """
    report = _read_report(folder / REPORT_NAME)
    expected = json.loads(json.dumps(origin))
    for name in expected:
        if name not in _WHERE_AND_WHEN and report.get(name) != expected[name]:
            raise InputError(
                f"--resume: the frames in '{folder}' were made with another '{name}'; go on with the same, or begin "
                "anew with --overwrite"
            )
    described = report.get("frames")
    frames = described if isinstance(described, list) else []
    whole = takewhile(lambda frame: _is_whole(folder, frame), frames)
    return list(whole)


def _read_report(file: Path) -> dict[str, Any]:
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"--resume: there is no '{file}', and so nothing to go on with; leave --resume out") from error
    except (OSError, ValueError) as error:
        raise InputError(f"--resume: '{file}' cannot be read; begin anew with --overwrite") from error
    if not isinstance(report, dict) or (report.get("format"), report.get("version")) != (FORMAT, VERSION):
        raise InputError(f"--resume: '{file}' is no report of frames; begin anew with --overwrite")
    return report


def _is_whole(folder: Path, frame: Any) -> bool:
    """Whether a described frame is there and undamaged; one without a content has no file."""
    if not isinstance(frame, dict) or "file" not in frame:
        return False
    name = frame["file"]
    return name is None or (isinstance(name, str) and Path(name).name == name and _is_undamaged(folder / name))


def _is_undamaged(file: Path) -> bool:
    """Whether a file is there, of a picture with the checksums of all its parts: a disk may have lost its power."""
    if file.suffix != ".png":
        return file.is_file()
    try:
        with Image.open(file) as picture:
            picture.verify()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _existing(folder: Path) -> list[Path]:
    frames = (file for pattern in _FRAME_PATTERNS for file in folder.glob(pattern))
    return [*sorted(frames), *folder.glob(REPORT_NAME)]
