"""Writing films: H.264 in MP4, by the ffmpeg that imageio-ffmpeg carries."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import InputError
from ..files import written_whole
from .frames import Frame

FILM_SUFFIX = ".mp4"
MOST_SIDE_PX = 16384
"""Pixels a side that the encoder takes."""


@contextmanager
def film_file(path: Path, size: tuple[int, int], frames_per_second: float) -> Iterator[Callable[[Frame], None]]:
    """Give a function that appends a frame; the film appears under its name once it is complete.

    H.264 stores colour for blocks of 2 x 2 pixels: an odd last row or column is repeated.

    Args:
        path: ending in ``.mp4``.
        size: (width, height) in pixels.
        frames_per_second: how fast frames follow one another.

    Raises:
        InputError: the file cannot be written, or the frames are too large.
    """
    if max(size) > MOST_SIDE_PX:
        raise InputError(f"'{path}': H.264 takes at most {MOST_SIDE_PX} pixels a side, got {size[0]} x {size[1]}")
    with written_whole(path) as temporary, encoder(temporary, size, frames_per_second) as append:
        yield append


@contextmanager
def encoder(file: Path, size: tuple[int, int], frames_per_second: float) -> Iterator[Callable[[Frame], None]]:
    """Give a function that appends a frame to ``file`` as it is being written. Raises OSError if that fails."""
    import imageio_ffmpeg

    padding = ((0, size[1] % 2), (0, size[0] % 2), (0, 0))
    even = (size[0] + size[0] % 2, size[1] + size[1] % 2)
    with tempfile.TemporaryFile() as messages:
        # Without "file:", "a:b.mp4" would be a protocol. In a session of its own, so that Ctrl-C in the terminal leaves
        # it alive to finish the file.
        process = subprocess.Popen(
            [imageio_ffmpeg.get_ffmpeg_exe(), *_options(even, frames_per_second), f"file:{file}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=messages, start_new_session=True,
        )  # fmt: skip
        try:
            yield lambda pixels: _append(process, np.pad(pixels, padding, mode="edge"), messages)
            _finish(process, messages)
        finally:
            process.kill()
            process.wait()


def _options(size: tuple[int, int], frames_per_second: float) -> list[str]:
    """Visually lossless, playable everywhere, and tagged so that players show the colours of PNG files."""
    return [
        *("-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{size[0]}x{size[1]}", "-r", repr(frames_per_second), "-i", "-"),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv"),
        *("-c:v", "libx264", "-crf", "16", "-pix_fmt", "yuv420p"),
        *("-colorspace", "bt709", "-color_primaries", "bt709"),
        *("-color_trc", "iec61966-2-1", "-color_range", "tv"),
        *("-movflags", "+faststart"),
    ]


def _append(process: subprocess.Popen[bytes], pixels: Frame, messages: IO[bytes]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(pixels.tobytes())
    except BrokenPipeError:
        _finish(process, messages)


def _finish(process: subprocess.Popen[bytes], messages: IO[bytes]) -> None:
    """Wait for ffmpeg to end; raise OSError if it failed. Its exit code is 256 less the system's error number."""
    with suppress(BrokenPipeError):
        process.communicate()
    if process.returncode != 0:
        messages.seek(0)
        lines = messages.read().decode(errors="replace").strip().splitlines()
        raise OSError(256 - process.returncode, lines[-1] if lines else "ffmpeg stopped without a word")
