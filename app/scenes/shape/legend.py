"""What is written about a shape: the filter, the level, and the scales of its colours and lines."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8

from ...camera.camera import Camera
from ...gl.canvas import BACKING, QUIET_TEXT, TEXT, Paint, baseline_in, canvas_of, font_of, font_sizes
from ...gl.overlays import signed_number
from .controls import ShapeControls

_LINE_DISTANCE_PX = 11.0


def words_image(words: tuple[tuple[str, Paint], ...], em_px: float, room_px: int) -> UInt8[np.ndarray, "h w 4"] | None:
    """Words in one line on a pill, each with its paint; None where they do not fit."""
    for size in font_sizes(em_px):
        font = font_of(size)
        height, side = round(2.1 * size), round(0.95 * size)
        width = math.ceil(sum(font.getlength(text) for text, _ in words)) + 2 * side
        if width <= room_px:
            break
    else:
        return None
    canvas = canvas_of(width, height, height / 2, BACKING)
    left: int | float = side
    for text, paint in words:
        left = canvas.write(text, left, baseline_in(height, font), font, paint)
    return canvas.pixels()


def caption_words(controls: ShapeControls, spacing: float | None) -> tuple[tuple[str, Paint], ...]:
    """The filter, the level where it is not zero, and how far lines on a slice are apart."""
    (what, _), *sizes = controls.caption_words
    words = [(what, QUIET_TEXT), ("".join(text for text, _ in sizes), TEXT)]
    if controls.level != 0:
        words += [("    level  ", QUIET_TEXT), (signed_number(controls.level), TEXT)]
    if spacing is not None:
        words += [("    lines every  ", QUIET_TEXT), (f"{spacing:g}", TEXT)]
    return tuple(words)


def line_spacing(camera: Camera, height_px: int, plane: tuple[int, float]) -> float:
    """A round distance between lines on a plane (axis, offset) so that they are a good few pixels apart."""
    axis, offset = plane
    away = max(abs(camera.position[axis] - offset), 0.5 * float(np.linalg.norm(camera.position)), 0.05)
    pixel = 2 * math.tan(math.radians(camera.fov_deg) / 2) * away / height_px
    wanted = _LINE_DISTANCE_PX * pixel
    decade = 10.0 ** math.floor(math.log10(wanted))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade >= wanted)
