"""Writing films, H.264 in MP4, VP9 in WebM or an animated GIF, by the ffmpeg that imageio-ffmpeg carries."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, get_args

import numpy as np

from ..errors import InputError
from ..files import written_whole
from .frames import Frame

FILM_SUFFIX = ".mp4"
MOST_SIDE_PX = 16384
"""Pixels a side that the encoders take."""

Quality = Literal["small", "good", "high"]
"""How much is given up for small files; of ``high`` the eye sees no loss."""
QUALITIES: tuple[Quality, ...] = get_args(Quality)
USUAL_QUALITY: Quality = "high"


@dataclass(frozen=True)
class FilmFormat:
    """A kind of films.

    Attributes:
        title: what messages call it.
        encoding: options of ffmpeg by quality.
        block: how many pixels a side share their colour; an odd last row or column is repeated.
    """

    title: str
    encoding: dict[Quality, tuple[str, ...]]
    block: int = 2


# Tagged so that players show the colours of PNG files.
_TAGGED = (
    *("-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p"),
    *("-colorspace", "bt709", "-color_primaries", "bt709"),
    *("-color_trc", "iec61966-2-1", "-color_range", "tv"),
)


def _h264(rate_factor: int) -> tuple[str, ...]:
    return ("-c:v", "libx264", "-crf", str(rate_factor), *_TAGGED, "-movflags", "+faststart")


def _vp9(rate_factor: int) -> tuple[str, ...]:
    return ("-c:v", "libvpx-vp9", "-crf", str(rate_factor), "-b:v", "0", "-cpu-used", "4", "-row-mt", "1", *_TAGGED)


def _gif(colours: int, dither: str) -> tuple[str, ...]:
    """Of each frame a palette of its own, so that none is kept until the end."""
    palette = f"palettegen=max_colors={colours}:stats_mode=single:reserve_transparent=0"
    return ("-filter_complex", f"split[a][b];[a]{palette}[p];[b][p]paletteuse=new=1:dither={dither}", "-loop", "0")


FORMATS: dict[str, FilmFormat] = {
    ".mp4": FilmFormat("H.264", {"small": _h264(30), "good": _h264(22), "high": _h264(16)}),
    ".webm": FilmFormat("VP9", {"small": _vp9(42), "good": _vp9(31), "high": _vp9(18)}),
    ".gif": FilmFormat(
        "GIF", {"small": _gif(64, "bayer"), "good": _gif(128, "bayer"), "high": _gif(256, "sierra2_4a")}, block=1
    ),
}
"""By suffix the films that can be written."""


@contextmanager
def film_file(
    path: Path, size: tuple[int, int], frames_per_second: float, quality: Quality = USUAL_QUALITY
) -> Iterator[Callable[[Frame], None]]:
    """Give a function that appends a frame; the film appears under its name once it is complete.

    H.264 and VP9 store colour for blocks of 2 x 2 pixels: an odd last row or column is repeated. A GIF shows a frame
    for whole hundredths of a second.

    Args:
        path: ending in ``.mp4``, ``.webm`` or ``.gif``.
        size: (width, height) in pixels.
        frames_per_second: how fast frames follow one another.
        quality: how much is given up for a small file.

    Raises:
        InputError: the file cannot be written, or the frames are too large.
    """
    if max(size) > MOST_SIDE_PX:
        title = FORMATS[path.suffix.lower()].title
        raise InputError(f"'{path}': {title} takes at most {MOST_SIDE_PX} pixels a side, got {size[0]} x {size[1]}")
    with written_whole(path) as temporary, encoder(temporary, size, frames_per_second, quality) as append:
        yield append


@contextmanager
def encoder(
    file: Path, size: tuple[int, int], frames_per_second: float, quality: Quality = USUAL_QUALITY
) -> Iterator[Callable[[Frame], None]]:
    """Give a function that appends a frame to ``file`` as it is being written. Raises OSError if that fails."""
    import imageio_ffmpeg

    made = FORMATS[file.suffix.lower()]
    right, below = (-side % made.block for side in size)
    padding, padded = ((0, below), (0, right), (0, 0)), (size[0] + right, size[1] + below)
    options = _options(padded, frames_per_second, made.encoding[quality])
    with tempfile.TemporaryFile() as messages:
        # Without "file:", "a:b.mp4" would be a protocol. In a session of its own, so that Ctrl-C in the terminal leaves
        # it alive to finish the file.
        process = subprocess.Popen(
            [imageio_ffmpeg.get_ffmpeg_exe(), *options, f"file:{file}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=messages, start_new_session=True,
        )  # fmt: skip
        try:
            yield lambda pixels: _append(process, np.pad(pixels, padding, mode="edge"), messages)
            _finish(process, messages)
        finally:
            process.kill()
            process.wait()


def _options(size: tuple[int, int], frames_per_second: float, encoding: tuple[str, ...]) -> list[str]:
    return [
        *("-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{size[0]}x{size[1]}", "-r", repr(frames_per_second), "-i", "-"),
        *encoding,
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
