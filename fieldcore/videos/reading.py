"""Reading a video, whatever it is: frames of 8 bits in memory, as many as it holds and no more than fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ..errors import InputError
from ..images.faults import Refused
from ..progress_lines import ProgressLine
from ..quiet import quietly
from .animated_picture import is_animated, open_animated_picture
from .film_file import open_film
from .frames import Frame, FrameSource
from .picture_folder import holds_frames, open_picture_folder

MOST_BYTES = 2_000_000_000
"""Of the frames of one clip in memory, a byte a value."""

_LEAST_FRAMES = 2

_ANIMATED = rb"GIF8|\x89PNG\r\n\x1a\n|RIFF....WEBP"


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames that were read.

    Attributes:
        frames: uint8 (frames, height, width, 3), display-encoded, top row first.
        frames_per_second: how fast they follow one another.
        first: number of the first of them in the file.
        source_resolution: (width, height, frames) of the file, before any shrinking and choosing.
        notices: what was assumed or left out, one sentence each.
    """

    frames: UInt8[np.ndarray, "n h w 3"]
    frames_per_second: float
    first: int
    source_resolution: tuple[int, int, int]
    notices: tuple[str, ...]


def read_clip(
    path: Path | str,
    *,
    start: int = 0,
    stop: int | None = None,
    max_size: int | None = None,
    most_bytes: int = MOST_BYTES,
    shrink: bool = False,
) -> Clip:
    """Read a film (MP4, MOV, WebM, AVI, ...), an animated picture (GIF, PNG, WebP) or a folder of numbered pictures.

    Frames are as a player shows them: upright, with square pixels, at even times (frames are repeated or left out where
    the rate varies), of 8 bits.

    Args:
        path: of a file, or of a folder.
        start, stop: frames from this number up to that one (None: to the end), counted from 0.
        max_size: shrink frames, with anti-aliasing, so that the longer side is at most this many pixels.
        most_bytes: what all frames together may take, a byte a value.
        shrink: shrink frames until they fit, in place of refusing the clip; a notice says so.

    Raises:
        InputError: no such file, no film, damaged or too large; fewer than two frames, or pictures of several sizes.
    """
    path = Path(path)
    limits = _Limits(start, stop, max_size, most_bytes, shrink)
    try:
        with quietly("PIL"):
            source = _opener(path)(path)
            clip = _read(source, limits)
    except Refused as fault:
        raise InputError(f"video '{path}': {fault}") from fault
    except MemoryError as error:
        raise InputError(f"video '{path}': there is not enough memory for it; {_SHORTER}") from error
    except InputError:
        raise
    except OSError as error:
        if error.errno is not None and error.strerror:  # of the file system; decoders' own have no number
            raise InputError(f"video '{path}': cannot be read ({error.strerror})") from error
        raise _damaged(path) from error
    except (SyntaxError, ValueError, EOFError, IndexError) as error:  # of Pillow's decoders
        raise _damaged(path) from error
    notices = tuple(f"video '{path.name}': {notice}" for notice in clip.notices)
    return Clip(clip.frames, clip.frames_per_second, clip.first, clip.source_resolution, notices)


def is_clip(path: Path | str) -> bool:
    """Whether it looks like a clip: a film by its name, a picture that moves, or a folder of numbered pictures.

    No more than the beginning is read; a film need not be there.

    Example:
        >>> is_clip("film.mp4"), is_clip("picture.png")
        (True, False)
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        return holds_frames(path)
    return suffix in FILM_SUFFIXES or (suffix in _MAY_MOVE and is_animated(path))


FILM_SUFFIXES = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ogv", ".wmv", ".flv", ".apng")
"""Of films that are common; others are read too."""

_MAY_MOVE = (".gif", ".png", ".webp")

_SHORTER = "read fewer frames (--frames 0:300) or smaller ones (--size 512)"


@dataclass(frozen=True)
class _Limits:
    """What of a clip is read; see ``read_clip``."""

    start: int
    stop: int | None
    max_size: int | None
    most_bytes: int
    shrink: bool

    def __post_init__(self) -> None:
        if self.start < 0 or (self.stop is not None and self.stop < self.start + _LEAST_FRAMES):
            last = "" if self.stop is None else self.stop
            raise InputError(f"frames: expected at least two, from 0 on, such as 0:300, got {self.start}:{last}")
        if self.max_size is not None and self.max_size < 2:
            raise InputError(f"size: expected at least 2 pixels, got {self.max_size}")

    def count(self, available: int) -> int:
        """Frames to be read of so many."""
        return max(min(available, available if self.stop is None else self.stop) - self.start, 0)


def _opener(path: Path) -> Callable[[Path], FrameSource]:
    """What reads a file of this kind, which its first bytes tell."""
    if "\0" in str(path):
        raise Refused("no file has such a name")
    if path.is_dir():
        return open_picture_folder
    if not path.is_file():
        raise Refused("it is no plain file" if path.exists() else "no such file or folder")
    with path.open("rb") as file:
        begin = file.read(16)
    if not begin:
        raise Refused("the file is empty (0 bytes)")
    return open_animated_picture if re.match(_ANIMATED, begin, re.DOTALL) else open_film


def _read(source: FrameSource, limits: _Limits) -> Clip:
    count = limits.count(source.count)
    size = _size(source, count, limits)
    width, height = size
    _check_fits(count, size, limits)
    pixels, shape = bytearray(), (height, width, 3)
    read, first_shape = 0, None
    with ProgressLine("reading frames", delay=1.0) as line:
        for frame in source.frames(limits.start, limits.stop):
            first_shape = first_shape or frame.shape
            if frame.shape != first_shape:
                raise Refused(f"its size changes at frame {limits.start + read}; cut it there, or export it again")
            pixels += _resized(frame, size).tobytes()
            read += 1
            _check_fits(read, size, limits)
            line.show(float(read), float(count) if count else None, f"{read} frames")
    if read < _LEAST_FRAMES:
        raise Refused(_too_few(read, limits))
    frames = np.frombuffer(pixels, np.uint8).reshape(read, *shape)
    if limits.max_size is None and size != source.size:
        source.notices.append(
            f"its frames are shrunk from {source.size[0]} x {source.size[1]} to {width} x {height} pixels; "
            "--size chooses, --frames 0:300 takes fewer of them"
        )
    resolution = (*source.size, max(source.count, limits.start + read) if limits.stop else limits.start + read)
    return Clip(frames, source.frames_per_second, limits.start, resolution, tuple(source.notices))


def _too_few(read: int, limits: _Limits) -> str:
    if read == 1 and not limits.start and limits.stop is None:
        return "it holds one frame, which is a picture; use 'fieldcore fit picture'"
    if read == 0 and limits.start == 0:
        return "none of its frames can be decoded: the file is cut short or damaged; copy or export it again"
    return f"of its frames there are {read} from number {limits.start} on, and at least two are needed"


def _size(source: FrameSource, count: int, limits: _Limits) -> tuple[int, int]:
    """(width, height) of the frames that are kept."""
    most = limits.max_size
    width, height = source.size
    bytes_needed = max(count, 1) * width * height * 3
    if most is None and limits.shrink and bytes_needed > limits.most_bytes:
        most = max(int(max(width, height) * (limits.most_bytes / bytes_needed) ** 0.5), 2)
    scale = 1.0 if most is None else min(most / max(width, height), 1.0)
    return max(2, round(width * scale)), max(2, round(height * scale))


def _check_fits(count: int, size: tuple[int, int], limits: _Limits) -> None:
    """Refuse more than memory is meant to hold, if it can before anything is decoded."""
    needed = count * size[0] * size[1] * 3
    if needed > limits.most_bytes:
        raise Refused(
            f"{count} frames of {size[0]} x {size[1]} pixels are {needed / 1e9:.2g} gigabytes, and at most "
            f"{limits.most_bytes / 1e9:.2g} are read; {_SHORTER}"
        )


def _resized(frame: Frame, size: tuple[int, int]) -> UInt8[np.ndarray, "H W 3"]:
    """A frame of that (width, height); averaged over areas where it is smaller."""
    if frame.shape[1::-1] == size:
        return frame
    import cv2

    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _damaged(path: Path) -> InputError:
    return InputError(
        f"video '{path}': it cannot be decoded: the file is cut short or damaged; copy or export it again"
    )
