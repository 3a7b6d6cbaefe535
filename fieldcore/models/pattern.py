"""The test pattern that stands for a texture that is not there: every place on it can be told from every other."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
from jaxtyping import Float

SIZE_PX = 1024
_CELLS = 8
_LABELS = "ABCDEFGH"


def stand_in_texture() -> Float[np.ndarray, "h w 3"]:
    """A checkerboard of 8 x 8 named cells, 1024 x 1024, display-encoded, top row first.

    Columns are lettered from u = 0, rows numbered from v = 0. The hue follows u, the lightness v, so that seams show;
    a fine grid of lines one and two pixels wide shows aliasing, and upright letters show what is mirrored.
    """
    cell = SIZE_PX // _CELLS
    pixels = np.empty((SIZE_PX, SIZE_PX, 3), np.float32)
    for row in range(_CELLS):
        for column in range(_CELLS):
            pixels[SIZE_PX - (row + 1) * cell : SIZE_PX - row * cell, column * cell : (column + 1) * cell] = _cell(
                column, row, cell
            )
    return pixels


def _cell(column: int, row: int, side: int) -> np.ndarray:
    bright = (row + column) % 2
    lightness = 0.32 + 0.03 * row + 0.28 * bright
    colour = colorsys.hls_to_rgb(column / _CELLS, lightness, 0.55)
    ink = (0.06, 0.06, 0.08) if bright else (0.97, 0.97, 0.95)
    pixels = np.full((side, side, 3), colour, np.float32)
    line = 0.75 * np.array(colour, np.float32) + 0.25 * np.array(ink, np.float32)
    pixels[:: side // 16] = line
    pixels[:, :: side // 16] = line
    pixels[:2] = pixels[:, :2] = ink
    label = np.zeros((side, side), np.uint8)
    text, scale, width = f"{_LABELS[column]}{row + 1}", side / 58, max(1, side // 22)
    (text_width, text_height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, width)
    place = ((side - text_width) // 2, (side + text_height) // 2)
    cv2.putText(label, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, width, cv2.LINE_AA)
    share = (label / np.float32(255))[..., None]
    return pixels * (1 - share) + np.array(ink, np.float32) * share
