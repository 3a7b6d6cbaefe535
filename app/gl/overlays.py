"""What is laid over the picture: names, the error map's scale, the wipe's divider and messages, drawn by Pillow.

Every image is (h, w, 4), colours multiplied by alpha, top row first, and can be read over black and over white.
``em_px`` is the height of the letters' em in framebuffer pixels, ``room_px`` the width and height that an image may
take; where it is short of room its letters are smaller, and where even the smallest do not fit there is no image.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from jaxtyping import UInt8

from ..frame_size import Box, Size
from .canvas import (
    BACKING,
    QUIET_TEXT,
    SHEET,
    TEXT,
    Canvas,
    Font,
    Paint,
    balanced,
    baseline_in,
    canvas_of,
    font_of,
    font_sizes,
    line_mask,
    rounded_mask,
    scientific,
    shortened,
    stroke_px,
    wrapped,
)
from .colormap import COLOUR_MAPS

Tone = Literal["info", "error", "recording"]
"""How a message is meant: by the way, as a failure, or while frames are being recorded."""

LEAST_EM_PX = 12.0
"""Of labels, on a display whose points are pixels."""

_EM_SHARE = 0.019

_RED: Paint = (1.0, 0.33, 0.28), 1.0
_EDGES: dict[Tone, Paint] = {"info": (QUIET_TEXT[0], 0.7), "error": _RED}
_FRAME: Paint = (0.45, 0.47, 0.51), 1.0
_OPAQUE: Paint = (BACKING[0], 1.0)

_LABEL_TAIL = 12
_BANNER_LINES = 3


def label_em_px(framebuffer_px: Size, pixel_ratio: float) -> float:
    """The em of labels that suits a frame on a display of so many pixels a point."""
    return max(LEAST_EM_PX * pixel_ratio, _EM_SHARE * min(framebuffer_px))


def label_height_px(em_px: float) -> int:
    """How high the pill of a label is."""
    return round(1.9 * font_of(font_sizes(em_px)[0]).size)


def label_image(text: str, em_px: float, room_px: int | None = None) -> UInt8[np.ndarray, "h w 4"]:
    """A name on a pill, in one line; its middle gives way to an ellipsis where it is wider than ``room_px``."""
    font = font_of(font_sizes(em_px)[0])
    height, side = label_height_px(em_px), round(0.85 * font.size)
    text = " ".join(text.split())
    if room_px is not None:
        text = shortened(text, font, room_px - 2 * side, _LABEL_TAIL)
    canvas = canvas_of(math.ceil(font.getlength(text)) + 2 * side, height, height / 2, BACKING)
    canvas.write(text, side, baseline_in(height, font), font, TEXT)
    return canvas.pixels()


def scale_image(title: str, kind: str, most: float, em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """A scale of colours from 0, or of signed numbers from ``-most``, to ``most``, with numbers along it.

    Args:
        title: what is written above it.
        kind: of its colours, a name in ``COLOUR_MAPS``.
        most: the number in the last colour.
        em_px: of the letters.
    """
    numbers = [signed_number(most * (2 * share - 1)) if kind == "signed" else _number(most * share) for share in _TICKS]
    colours = COLOUR_MAPS[kind]()
    font = font_of(font_sizes(0.92 * em_px)[0])
    em, stroke, tick = font.size, stroke_px(font), round(0.35 * font.size)
    side, bar_top, bar_width, bar_height = scale_bar_box(em_px)
    ticks_top = bar_top + bar_height + 2 * stroke
    width, height = bar_width + 2 * side, ticks_top + tick + round(2.0 * em)

    canvas = canvas_of(width, height, 0.75 * em, BACKING)
    canvas.write(title, side, baseline_in(round(2.5 * em), font), font, TEXT)
    canvas.fill(side - stroke, bar_top - stroke, bar_width + 2 * stroke, bar_height + 2 * stroke, _FRAME)
    shades = colours[np.arange(bar_width) * 256 // bar_width]
    canvas.put(np.broadcast_to(shades, (bar_height, bar_width, 3)), side, bar_top)
    for share, number in zip(_TICKS, numbers, strict=True):
        x, length = side + share * bar_width, font.getlength(number)
        left = min(max(x - length / 2, 0.6 * em), width - 0.6 * em - length)
        canvas.fill(round(x - stroke / 2), ticks_top, stroke, tick, QUIET_TEXT)
        canvas.write(number, left, ticks_top + tick + round(1.15 * em), font, TEXT)
    return canvas.pixels()


def scale_bar_box(em_px: float) -> Box:
    """Where the colours are in the image of a scale: left, top, width and height."""
    em = font_of(font_sizes(0.92 * em_px)[0]).size
    return round(1.5 * em), round(2.35 * em), round(15 * em), round(0.85 * em)


_TICKS = (0.0, 0.5, 1.0)  # shares of a scale


def divider_px(em_px: float) -> int:
    """How thick the line between two pictures is."""
    return max(1, round(0.13 * em_px))


def divider_image(height_px: int, em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """A wipe's divider over a frame of that height: a line in the middle column, and a handle if it is high enough."""
    core = divider_px(em_px)
    handle = round(2.3 * em_px)
    handle += (core - handle) % 2  # so that the line is in the very middle
    away = np.abs(np.arange(handle, dtype=np.float32) - (handle - 1) / 2)
    canvas = Canvas(np.broadcast_to(away < 1.5 * core, (height_px, handle)).astype(np.float32), (BACKING[0], 0.6))
    canvas.fill((handle - core) // 2, 0, core, height_px, TEXT)
    if height_px >= handle:
        _draw_handle(canvas, (height_px - handle) // 2, handle, core)
    return canvas.pixels()


def banner_image(text: str, tone: Tone, em_px: float, room_px: Size) -> UInt8[np.ndarray, "h w 4"] | None:
    """A message of at most three lines, longer ones ending in an ellipsis, marked by its tone."""
    for em in font_sizes(em_px):
        font, line, padding = font_of(em), round(1.5 * em), round(0.75 * em)
        text_left, right = round(2.3 * em if tone == "recording" else 1.7 * em), round(1.1 * em)
        room = min(room_px[0] - text_left - right, 44 * em)
        lines = _banner_lines(text, font, room) if room > 4 * em else []
        width = text_left + math.ceil(max(map(font.getlength, lines), default=0)) + right
        height = line * len(lines) + 2 * padding
        if lines and width <= room_px[0] and height <= room_px[1]:
            break
    else:
        return None
    canvas = canvas_of(width, height, 0.6 * em, SHEET)
    if tone == "recording":
        dot = round(0.8 * em)
        canvas.lay(rounded_mask(dot, dot, dot / 2), round(0.95 * em), padding + (line - dot) // 2, _RED)
    else:
        edge = max(2, round(0.25 * em))
        canvas.lay(rounded_mask(edge, height - 2 * padding, edge / 2), round(0.75 * em), padding, _EDGES[tone])
    for row, words in enumerate(lines):
        canvas.write(words, text_left, padding + row * line + baseline_in(line, font), font, TEXT)
    return canvas.pixels()


def _draw_handle(canvas: Canvas, top: int, size: int, stroke: int) -> None:
    """A ring with an arrow to either side."""
    for inset, paint in ((0, _OPAQUE), (stroke, TEXT), (2 * stroke, _OPAQUE)):
        inner = size - 2 * inset
        canvas.lay(rounded_mask(inner, inner, inner / 2), inset, top + inset, paint)
    arrow = line_mask(np.array([[0.37, 0.37], [0.24, 0.5], [0.37, 0.63]]) * size, size, max(1.0, 0.07 * size))
    for mask in (arrow, arrow[:, ::-1]):
        canvas.lay(mask, 0, top, TEXT)


def _banner_lines(text: str, font: Font, room: int) -> list[str]:
    lines = wrapped(text, font, room)
    if len(lines) <= _BANNER_LINES:
        return balanced(text, font, room)
    last = _BANNER_LINES - 1
    return [*lines[:last], shortened(" ".join(lines[last : last + 2]), font, room)]


def signed_number(value: float) -> str:
    """With its sign, for people."""
    return "0" if value == 0 else ("−" if value < 0 else "+") + _number(abs(value))  # noqa: RUF001


def _number(value: float) -> str:
    return f"{value:.3g}" if value == 0 or 1e-3 <= value < 1e3 else scientific(value)


def caption_margin_px(framebuffer_px: Size) -> int:
    """Distance of the caption from the frame's edges."""
    return round(0.028 * min(framebuffer_px))
