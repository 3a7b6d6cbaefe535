"""Sizes of frames, in framebuffer pixels."""

from __future__ import annotations

import re

from fieldcore.errors import InputError

Size = tuple[int, int]
"""Width and height in framebuffer pixels (not window points)."""

Box = tuple[int, int, int, int]
"""Left, top, width, height in frame coordinates."""


def parsed_size(text: str, name: str) -> Size:
    """Width and height from ``1280x720``. Raises InputError that begins with ``name``."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})x([1-9][0-9]{0,5})", text)
    if match is None:
        raise InputError(f"{name}: expected a width and a height in pixels such as 1280x720, got '{text}'")
    return int(match[1]), int(match[2])


def fitted(size: Size, into: Size) -> Box:
    """Where a frame of one size lies, as large as possible, in the middle of another."""
    width, height = (max(1, min(into[k], size[k] * into[1 - k] // size[1 - k])) for k in (0, 1))
    return (into[0] - width) // 2, (into[1] - height) // 2, width, height


def coarser(size: Size, divisor: int) -> Size:
    """The size of a frame that is so many times coarser, at least a pixel."""
    return max(1, -(-size[0] // divisor)), max(1, -(-size[1] // divisor))


def from_bottom(box: Box, framebuffer_px: Size) -> Box:
    """The box as OpenGL counts: from the bottom left corner."""
    left, top, width, height = box
    return (left, framebuffer_px[1] - top - height, width, height)
