"""H.264 videos, by the ffmpeg that imageio-ffmpeg carries."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import numpy as np
from jaxtyping import UInt8

from fieldcore.errors import InputError
from fieldcore.files import explained, written_whole

from ..frame_size import Size

MOST_SIDE_PX = 16384
"""Pixels a side that the encoder takes."""

_Pixels = UInt8[np.ndarray, "h w 3"]


def check_video_name(path: Path) -> None:
    """Raise InputError if ``path`` is no MP4."""
    if path.suffix.lower() != ".mp4":
        got = f"'{path.suffix}'" if path.suffix else "none"
        raise InputError(f"--video '{path}': expected a name ending in .mp4, got {got}")


def check_video(path: Path, size: Size, frames_per_second: float) -> None:
    """Raise InputError before any work is done if such a video cannot be written.

    One frame is encoded beside ``path``, or where its folder will be, and removed: the encoder and the disk know best
    what they take.
    """
    check_video_name(path)
    if max(size) > MOST_SIDE_PX:
        raise InputError(f"--video: H.264 takes at most {MOST_SIDE_PX} pixels a side, got {size[0]}x{size[1]}")
    folder = next(folder for folder in path.absolute().parents if folder.is_dir())
    trial = folder / f".{path.stem}.{os.getpid()}.part{path.suffix}"
    try:
        with _encoder(trial, size, frames_per_second) as append:
            append(np.zeros((size[1], size[0], 3), np.uint8))
    except OSError as error:
        raise InputError(f"--video '{path}': {explained(error)}") from error
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)


@contextmanager
def video_file(path: Path, size: Size, frames_per_second: float) -> Iterator[Callable[[_Pixels], None]]:
    """Give a function that appends a frame; the video appears under its name once it is complete.

    H.264 stores colour for blocks of 2 x 2 pixels: an odd last row or column is repeated.

    Raises:
        InputError: the file cannot be written or the disk is full.
    """
    with written_whole(path) as temporary, _encoder(temporary, size, frames_per_second) as append:
        yield append


@contextmanager
def _encoder(file: Path, size: Size, frames_per_second: float) -> Iterator[Callable[[_Pixels], None]]:
    """Give a function that appends a frame to ``file``. Raises OSError if that fails."""
    padding = ((0, size[1] % 2), (0, size[0] % 2), (0, 0))
    even = (size[0] + size[0] % 2, size[1] + size[1] % 2)
    with tempfile.TemporaryFile() as messages:
        # Without "file:", "a:b.mp4" would be a protocol. In a session of its own, so that Ctrl-C in the terminal leaves
        # it alive to finish the file.
        encoder = subprocess.Popen(
            [imageio_ffmpeg.get_ffmpeg_exe(), *_options(even, frames_per_second), f"file:{file}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=messages, start_new_session=True,
        )  # fmt: skip
        try:
            yield lambda pixels: _append(encoder, np.pad(pixels, padding, mode="edge"), messages)
            _finish(encoder, messages)
        finally:
            encoder.kill()
            encoder.wait()


def _options(size: Size, frames_per_second: float) -> list[str]:
    """Visually lossless, playable everywhere, and tagged so that players show the PNG files' colours."""
    return [
        *("-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{size[0]}x{size[1]}", "-r", repr(frames_per_second), "-i", "-"),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv"),
        *("-c:v", "libx264", "-crf", "16", "-pix_fmt", "yuv420p"),
        *("-colorspace", "bt709", "-color_primaries", "bt709"),
        *("-color_trc", "iec61966-2-1", "-color_range", "tv"),
        *("-movflags", "+faststart"),
    ]


def _append(encoder: subprocess.Popen[bytes], pixels: _Pixels, messages: IO[bytes]) -> None:
    assert encoder.stdin is not None
    try:
        encoder.stdin.write(pixels.tobytes())
    except BrokenPipeError:
        _finish(encoder, messages)


def _finish(encoder: subprocess.Popen[bytes], messages: IO[bytes]) -> None:
    """Wait for ffmpeg to end; raise OSError if it failed. Its exit code is 256 less the system's error number."""
    with suppress(BrokenPipeError):
        encoder.communicate()
    if encoder.returncode != 0:
        messages.seek(0)
        lines = messages.read().decode(errors="replace").strip().splitlines()
        raise OSError(256 - encoder.returncode, lines[-1] if lines else "ffmpeg stopped without a word")
