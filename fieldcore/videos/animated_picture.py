"""Animated pictures, GIF, PNG and WebP, by Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..images.faults import Refused
from ..images.limits import check_size
from .frames import Frame, FrameSource

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_LEAST_SECONDS, _USUAL_SECONDS = 0.011, 0.1
"""Browsers show what asks for less than this for a tenth of a second."""


def open_animated_picture(path: Path) -> FrameSource:
    """Look at an animated picture; one that is transparent is put on white."""
    from PIL import Image

    with Image.open(path) as image:
        check_size(*image.size)
        seconds, transparent = _shown_for(image)
        size = image.size
    # Where frames are shown for different times, the one is read that is shown in the middle of each even step.
    ends = np.cumsum(seconds)
    numbers = np.searchsorted(ends, ends[-1] * (np.arange(len(seconds)) + 0.5) / len(seconds))
    source = FrameSource(size, len(seconds), len(seconds) / float(ends[-1]), lambda start, stop: iter(()))
    if np.ptp(seconds) > 1e-6:
        rate = f"{source.frames_per_second:.3g}"
        source.notices.append(f"its frames are shown for different times; it is read at {rate} frames a second")
    if transparent:
        source.notices.append("its transparent parts are put on white")

    def frames(start: int, stop: int | None) -> Iterator[Frame]:
        with Image.open(path) as image:
            for number in numbers[start:stop]:
                yield _frame(image, int(number))

    source.frames = frames
    return source


def is_animated(path: Path) -> bool:
    """Whether a file holds an animated picture, of which no more than the beginning is read."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return bool(getattr(image, "is_animated", False))
    except (OSError, SyntaxError, ValueError):  # of Pillow's decoders
        return False


def _first(image: PillowImage) -> int:
    """An animated PNG may begin with a picture that is no part of the animation."""
    return 1 if image.info.get("default_image") else 0


def _shown_for(image: PillowImage) -> tuple[list[float], bool]:
    """How long each frame is shown, in seconds, and whether any is transparent somewhere."""
    seconds, transparent, first = [], False, _first(image)
    for number in range(first, getattr(image, "n_frames", 1)):
        image.seek(number)
        given = float(image.info.get("duration", 0) or 0) / 1000
        seconds.append(given if given >= _LEAST_SECONDS else _USUAL_SECONDS)
        if image.has_transparency_data and not transparent:
            transparent = np.asarray(image.convert("RGBA"))[..., 3].min() < 255
    if not seconds:
        raise Refused("it holds no frames")
    return seconds, bool(transparent)


def _frame(image: PillowImage, number: int) -> Frame:
    from PIL import Image

    image.seek(number + _first(image))
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    behind = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(behind, image.convert("RGBA")).convert("RGB"))
