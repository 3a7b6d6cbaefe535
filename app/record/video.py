"""What is checked of a video before the work; ``fieldcore.videos`` writes it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from fieldcore.errors import InputError
from fieldcore.files import explained
from fieldcore.videos.writing import FORMATS, MOST_SIDE_PX, encoder

from ..frame_size import Size


def check_video_name(path: Path) -> None:
    """Raise InputError if ``path`` is no film that can be written."""
    if path.suffix.lower() not in FORMATS:
        got = f"'{path.suffix}'" if path.suffix else "none"
        *others, last = FORMATS
        raise InputError(f"--video '{path}': expected a name ending in {', '.join(others)} or {last}, got {got}")


def check_video(path: Path, size: Size, frames_per_second: float) -> None:
    """Raise InputError before any work is done if such a video cannot be written.

    One frame is encoded beside ``path``, or where its folder will be, and removed: the encoder and the disk know best
    what they take.
    """
    check_video_name(path)
    if max(size) > MOST_SIDE_PX:
        title = FORMATS[path.suffix.lower()].title
        raise InputError(f"--video: {title} takes at most {MOST_SIDE_PX} pixels a side, got {size[0]}x{size[1]}")
    folder = next(folder for folder in path.absolute().parents if folder.is_dir())
    trial = folder / f".{path.stem}.{os.getpid()}.part{path.suffix}"
    try:
        with encoder(trial, size, frames_per_second) as append:
            append(np.zeros((size[1], size[0], 3), np.uint8))
    except OSError as error:
        raise InputError(f"--video '{path}': {explained(error)}") from error
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)
