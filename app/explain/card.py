"""The card of an explanation: its title, its drawing and its sentences."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import numpy as np
from jaxtyping import UInt8

from ..gl.canvas import ACCENT, QUIET_TEXT, SHEET, TEXT, Canvas, baseline_in, canvas_of, font_of, font_sizes, wrapped
from .drawings import Drawing
from .sketch import Sketch

_WIDTH_EM, _DRAWING_EM, _SIDE_EM = 27.0, 11.5, 1.1
_SMALL = 0.86
"""Of the letters that are not the sentences, as a share of those."""


def card_image(
    title: str, text: str, draw: Drawing | None, values: tuple[Hashable, ...], foot: str, em_px: float
) -> UInt8[np.ndarray, "h w 4"]:
    """An explanation on a plate; colours multiplied by alpha.

    Args:
        title: what is explained.
        text: its sentences, which are wrapped.
        draw: its drawing, None where there is none.
        values: that the drawing shows.
        foot: a quiet line below; empty for none.
        em_px: of the letters.
    """
    plate = _plate(title, text, draw is not None, foot, em_px)
    canvas = plate.copy()
    if draw:
        small = font_of(font_sizes(_SMALL * em_px)[0])
        em = font_sizes(em_px)[0]
        side = round(_SIDE_EM * em)
        room = round(_WIDTH_EM * em) - 2 * side
        draw(Sketch(canvas, side, _drawing_top(em), (room, round(_DRAWING_EM * em)), small), *values)
    return canvas.pixels()


def _drawing_top(em: int) -> int:
    return round(_SIDE_EM * em) + round(1.5 * em) + round(0.35 * em)


@lru_cache(maxsize=8)
def _plate(title: str, text: str, has_drawing: bool, foot: str, em_px: float) -> Canvas:
    """All but the drawing, which alone moves."""
    font, small = font_of(font_sizes(em_px)[0]), font_of(font_sizes(_SMALL * em_px)[0])
    em = font_sizes(em_px)[0]
    side, line = round(_SIDE_EM * em), round(1.5 * em)
    width = round(_WIDTH_EM * em)
    lines = wrapped(text, font, width - 2 * side)
    top = _drawing_top(em) + (round((_DRAWING_EM + 0.7) * em) if has_drawing else 0)
    height = top + line * len(lines) + (line if foot else 0) + side
    canvas = canvas_of(width, height, 0.8 * em, SHEET)
    canvas.write(title, side, side + baseline_in(line, font) - round(0.2 * em), font, ACCENT)
    for number, words in enumerate(lines):
        canvas.write(words, side, top + number * line + baseline_in(line, font), font, TEXT)
    if foot:
        canvas.write(foot, side, top + len(lines) * line + round(1.35 * em), small, QUIET_TEXT)
    return canvas
