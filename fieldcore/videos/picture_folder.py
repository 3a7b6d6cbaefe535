"""A folder of numbered pictures as a video, in the order of their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..images import Image, composited, display_from_linear, quantised, read_image
from ..images.faults import Refused
from ..images.formats import SUFFIXES
from .frames import Frame, FrameSource

FRAMES_PER_SECOND = 25.0
"""Of pictures, which do not say."""


def open_picture_folder(path: Path) -> FrameSource:
    """Look at a folder: all pictures in it whose names hold a number."""
    pictures = sorted(entry for entry in path.iterdir() if _is_picture(entry))
    numbered = sorted(filter(_is_numbered, pictures), key=_natural)
    if not numbered:
        raise Refused("the folder holds no numbered pictures, such as frame_001.png")
    first = read_image(numbered[0])
    height, width = first.values.shape[:2]
    source = FrameSource((width, height), len(numbered), FRAMES_PER_SECOND, lambda start, stop: iter(()))
    left_out = len(pictures) - len(numbered)
    if left_out:
        source.notices.append(f"{left_out} pictures in it have no number and are left out")
    if first.alpha != "none":
        source.notices.append("transparent parts of its pictures are put on white")
    if first.encoding == "linear":
        source.notices.append("what is brighter than white in its pictures is cut off")

    def frames(start: int, stop: int | None) -> Iterator[Frame]:
        for picture in numbered[start:stop]:
            frame = _frame(read_image(picture))
            if frame.shape != (height, width, 3):
                size = (
                    f"{frame.shape[1]} x {frame.shape[0]} pixels, the first, '{numbered[0].name}', {width} x {height}"
                )
                raise Refused(f"its pictures must be of one size: '{picture.name}' is {size}")
            yield frame

    source.frames = frames
    return source


def holds_frames(path: Path) -> bool:
    """Whether a folder holds any numbered picture; one that cannot be read holds none."""
    try:
        return any(_is_numbered(entry) and _is_picture(entry) for entry in path.iterdir())
    except OSError:
        return False


def _is_numbered(entry: Path) -> bool:
    return re.search(r"\d", entry.stem) is not None


def _is_picture(entry: Path) -> bool:
    return entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".") and entry.is_file()


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Numbers in a name count as numbers: frame 2 comes before frame 10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _frame(image: Image) -> Frame:
    values = composited(image)
    values = values[..., :3] if values.shape[2] >= 3 else values[..., [0, 0, 0]]
    return quantised(display_from_linear(values) if image.encoding == "linear" else values).astype(np.uint8)
