"""``fieldcore fit video``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..progress_lines import note
from .fit import FitOptions
from .fit_picture import check_size

if TYPE_CHECKING:
    from ..signals import Video

FIELD_BYTES = 256_000_000
"""Of a clip's frames, of which a solved field keeps every byte; larger clips are shrunk unless ``--size`` is given."""


@dataclass(frozen=True, kw_only=True)
class FitVideo(FitOptions):
    """Train a field on a video, over the picture's plane and time."""

    what: ClassVar[str] = "video"
    folders: ClassVar[bool] = True
    settled: ClassVar[tuple[str, ...]] = ("frames", "size")
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit video clip.mp4",
        "fieldcore fit video clip.mov --frames 30:150 --size 640",
        "fieldcore fit video frames/ --out clip.safetensors",
    )

    sources: tuple[str, ...] = argument(
        "MP4, MOV, WebM, AVI or other film; animated GIF, PNG or WebP; a folder of numbered pictures; http(s):// "
        "address; or - for standard input.",
        metavar="CLIP",
    )
    frames: str | None = option(
        "Which frames, counted from 0: from one number up to another, as 0:300, 30: or :90.",
        default=None,
        metavar="FROM:TO",
        group="video",
        usual="all",
    )
    size: int | None = option(
        "Shrink frames so that their longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group="video",
        usual=f"as they are, or what makes {FIELD_BYTES // 1_000_000} MB of all together",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_size(self.size)
        frame_range(self.frames)

    def open(self, source: str) -> Video:
        """Read the frames."""
        from ..signals import Video

        start, stop = frame_range(self.frames)
        if self.size is None:
            video = Video.open(source, start=start, stop=stop, most_bytes=FIELD_BYTES, shrink=True)
        else:
            video = Video.open(source, start=start, stop=stop, max_size=self.size)
        note(*video.notices)
        return video


def frame_range(text: str | None) -> tuple[int, int | None]:
    """The numbers before and after the colon of ``--frames``; 0 and None where they are left out."""
    if text is None:
        return 0, None
    found = re.fullmatch(r"(\d{0,9}):(\d{0,9})", text)
    if found is None:
        raise InputError(f"--frames: expected two numbers such as 0:300, or one as 30: or :90, got '{text}'")
    start, stop = int(found[1] or 0), int(found[2]) if found[2] else None
    if stop is not None and stop < start + 2:
        raise InputError(f"--frames: expected at least two frames, got '{text}'")
    return start, stop
