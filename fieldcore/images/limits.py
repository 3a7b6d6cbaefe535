"""What is too large to be read: said before anything is decoded."""

from __future__ import annotations

from .faults import Refused

MOST_PIXELS = 1 << 28
"""Pixels of the largest picture that is read: 16384 x 16384, three gigabytes of colours in float32."""


def check_size(width: int, height: int) -> None:
    """Refuse a picture that is too large, or has no pixels.

    Raises:
        Refused: with the size and what to do.
    """
    if min(width, height) < 1:
        raise Refused(f"it is {width} x {height} pixels, which leaves nothing to see")
    if width * height > MOST_PIXELS:
        raise Refused(
            f"it has {width} x {height} pixels, {width * height / 1e6:.0f} million, and at most "
            f"{MOST_PIXELS / 1e6:.0f} million are read; shrink it in a picture editor first"
        )
