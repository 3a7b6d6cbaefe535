"""Frames on disk: numbered files, pictures or meshes, and beside them ``frames.json`` with what made each."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from fieldcore.errors import InputError
from fieldcore.files import check_writable_folder, explained
from fieldcore.images import write_image

from .running_report import RunningReport, State

REPORT_NAME = "frames.json"
_FRAME_PATTERNS = tuple("frame_" + "[0-9]" * 6 + suffix for suffix in (".png", ".ply"))


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


def new_screenshot_path(folder: Path) -> Path:
    """The first of ``folder/screenshot-001.png``, … that does not exist. Raises InputError as above."""
    check_writable_folder(folder)
    candidates = (folder / f"screenshot-{number:03d}.png" for number in count(1))
    return next(path for path in candidates if not path.exists())


class FrameFolder:
    """A folder that frames are added to one by one; the first one removes those that were there before.

    ``frames.json`` is valid at any moment: a kill keeps the frames, and their descriptions up to about a second
    before it.

    Class attributes:
        suffix: of the frames' files.

    Args:
        folder: made if it is missing.
        origin: what all frames have in common, as plain JSON values.

    Raises:
        InputError: the folder cannot be written or the disk is full (each method).
    """

    suffix: ClassVar[str] = ".png"

    def __init__(self, folder: Path, origin: dict[str, Any]) -> None:
        self.folder = folder
        head = {"format": "fieldscope-frames", "version": 1}
        self._report = RunningReport(folder / REPORT_NAME, lambda state: {**head, "state": state, **origin})

    def __len__(self) -> int:
        return len(self._report)

    def add(self, content: Any, description: dict[str, Any]) -> None:
        """Write the next frame, whole or not at all; one without content (None) is only described."""
        if not len(self):
            self._remove_earlier()
        name = None if content is None else f"frame_{len(self):06d}{self.suffix}"
        if name is not None:
            self._write(self.folder / name, content)
        self._report.add({"file": name, **description})

    def finish(self, state: State) -> None:
        """Write the final report."""
        self._report.finish(state)

    def _write(self, file: Path, content: Any) -> None:
        write_image(file, content)

    def _remove_earlier(self) -> None:
        try:
            for file in _existing(self.folder):
                file.unlink()
        except OSError as error:
            raise InputError(f"cannot replace the frames in '{self.folder}': {explained(error)}") from error


def _existing(folder: Path) -> list[Path]:
    frames = (file for pattern in _FRAME_PATTERNS for file in folder.glob(pattern))
    return [*sorted(frames), *folder.glob(REPORT_NAME)]
