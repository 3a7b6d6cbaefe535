"""What is told of the point under the cursor, as a small table beside it."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8

from ..gl.canvas import ACCENT, QUIET_TEXT, SHEET, TEXT, baseline_in, canvas_of, font_of, font_sizes

Rows = tuple[tuple[str, str], ...]


def inspector_image(rows: Rows, pinned: bool, em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """Names and values in two columns; colours multiplied by alpha.

    Args:
        rows: names with their values.
        pinned: whether it stays where it is, which its edge says.
        em_px: of the letters.
    """
    font = font_of(font_sizes(0.9 * em_px)[0])
    em = font.size
    line, side, gap = round(1.45 * em), round(0.8 * em), round(0.8 * em)
    left = side + math.ceil(max(font.getlength(name) for name, _ in rows)) + gap
    width = left + math.ceil(max(font.getlength(value) for _, value in rows)) + side
    height = line * len(rows) + side
    canvas = canvas_of(width, height, 0.5 * em, SHEET)
    for number, (name, value) in enumerate(rows):
        baseline = side // 2 + number * line + baseline_in(line, font)
        canvas.write(name, side, baseline, font, QUIET_TEXT)
        canvas.write(value, left, baseline, font, TEXT)
    if pinned:
        canvas.fill(0, side, max(2, round(0.2 * em)), height - 2 * side, ACCENT)
    return canvas.pixels()


def mark_image(em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """A cross that marks a point, dark around its light lines; its middle is the point."""
    size = 2 * round(0.5 * em_px) + 1
    image = np.zeros((size, size, 4), np.uint8)
    middle = size // 2
    for reach, colour in ((1, (12, 13, 16, 220)), (0, (255, 194, 97, 255))):
        image[middle - reach : middle + reach + 1, :] = colour
        image[:, middle - reach : middle + reach + 1] = colour
    image[middle, middle] = 0
    return image
