"""Recordings that a kill, or a display that went, has cut short: what was written of them is put in order."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import imageio_ffmpeg

from fieldcore.errors import InputError
from fieldcore.files import LOCK_NAME, locked

from .claims import halves
from .frame_folder import REPORT_NAME, FrameFolder
from .recorder import PATH_NAME, RECORDING, VIDEO_NAME


def put_in_order(parent: Path) -> list[Path]:
    """See to the recordings in a folder that were never ended, and that nobody makes now.

    Frames and path stay as they are. A film that its encoder has ended gets its name, what is half a file is removed,
    and the report says ``interrupted``.

    Returns:
        the folders of those of which anything is left.
    """
    found = []
    for lock in sorted(parent.glob(f"{RECORDING}-[0-9]*/{LOCK_NAME}")):
        with suppress(InputError, OSError, ValueError):  # somebody records into it now, or it is damaged
            with locked(lock.parent):
                _see_to(lock.parent)
            if (lock.parent / PATH_NAME).exists():
                found.append(lock.parent)
            elif not any(lock.parent.iterdir()):
                lock.parent.rmdir()
    return found


def _see_to(folder: Path) -> None:
    film = folder / VIDEO_NAME
    for half in halves(folder, film.stem):
        if not film.exists() and _plays(half):
            half.replace(film)
    for half in halves(folder):
        half.unlink()
    report = folder / REPORT_NAME
    if report.exists():
        _end(report)


def _plays(film: Path) -> bool:
    """Whether a film holds a frame: an encoder ends its file when the one that fed it is gone, unless it went too."""
    try:
        reader = imageio_ffmpeg.read_frames(str(film))
        next(reader)  # what is known of the film
        return bool(next(reader))
    except (OSError, RuntimeError, StopIteration):
        return False


def _end(report: Path) -> None:
    """Say of frames whose maker is gone that no more will come."""
    head = json.loads(report.read_text(encoding="utf-8"))
    if head.get("state") == "rendering":
        origin = {name: value for name, value in head.items() if name not in ("format", "version", "state", "frames")}
        FrameFolder(report.parent, origin, resume=True).finish("interrupted")
