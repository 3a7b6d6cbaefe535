"""The disc of lights as an image: rings, a dot a photo, the light and its filter's ellipse."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from fieldcore.lights.hats import Hats

from ...covariance import Covariance, covariance_matrix
from ...gl.canvas import ACCENT, BACKING, LEAST_FONT_PX, baseline_in, canvas_of, font_of, font_sizes
from ...plane.controls import Point

_OVER = 3
"""Pixels that are drawn for each of the image's along either side."""

_RING, _DOT, _HULL = (98, 103, 113, 255), (166, 171, 180, 255), (150, 156, 168, 255)
_LIGHT, _LIGHT_EDGE = (255, 217, 128, 255), (60, 40, 10, 255)
_LEAST_DOT_PX = 2.5
_ZENITH_ANGLES_DEG = (30.0, 60.0, 90.0)

Places = tuple[Point, ...]


def disc_image(
    places: Places, scale: float, light: Point, covariance: Covariance, size_px: int, words: str
) -> UInt8[np.ndarray, "h w 4"]:
    """The disc, colours multiplied by alpha.

    Args:
        places: of the photos' lights in the chart.
        scale: of the chart; below 1 where lights are below the horizon.
        light: where the light is.
        covariance: of its filter.
        size_px: sides of the image.
        words: a warning written across it; empty where there is none.
    """
    ground = np.asarray(_ground(places, scale, size_px)).copy()
    image = Image.fromarray(ground)
    draw = ImageDraw.Draw(image)
    outline = _ellipse(light, covariance)
    if outline is not None:
        draw.line([_pixel(point, image.width) for point in outline], fill=_LIGHT, width=_OVER * max(1, size_px // 110))
    x, y = _pixel(light, image.width)
    radius = max(0.028 * image.width, _LEAST_DOT_PX * _OVER)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_LIGHT, outline=_LIGHT_EDGE, width=_OVER)
    return _finished(image.reduce(_OVER), size_px, words)


@lru_cache(maxsize=8)
def _ground(places: Places, scale: float, size_px: int) -> Image.Image:
    """What does not change with the light: rings and dots on nothing."""
    image = Image.new("RGBA", (size_px * _OVER, size_px * _OVER))
    draw = ImageDraw.Draw(image)
    width = _OVER * max(1, size_px // 160)
    for angle in (*_ZENITH_ANGLES_DEG, *((180.0,) if scale < 1 else ())):
        radius = scale * np.sqrt(1 - np.cos(np.radians(angle)))
        (left, top), (right, bottom) = (_pixel((sign * radius, sign * radius), image.width) for sign in (-1, 1))
        draw.ellipse((left, top, right, bottom), outline=_RING, width=width)
    for place in places:
        x, y = _pixel(place, image.width)
        radius = 0.014 * image.width
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_DOT)
    return image


def _finished(image: Image.Image, size_px: int, words: str) -> UInt8[np.ndarray, "h w 4"]:
    """On a dark plate, with a warning where there is one."""
    canvas = canvas_of(size_px, size_px, 0.06 * size_px, BACKING)
    plate = canvas.pixels().astype(np.float32)
    over = np.asarray(image, np.float32)
    alpha = over[..., 3:] / 255
    mixed = np.concatenate([over[..., :3] * alpha, over[..., 3:]], 2) + (1 - alpha) * plate
    found = (mixed + 0.5).astype(np.uint8)
    if not words:
        return found
    font = next(font_of(size) for size in font_sizes(0.08 * size_px) if _fits(words, size, size_px))
    height, width = round(1.8 * font.size), min(size_px, round(font.getlength(words) + 1.4 * font.size))
    pill = canvas_of(width, height, height / 2, (ACCENT[0], 0.95))
    pill.write(words, 0.7 * font.size, baseline_in(height, font), font, ((0.1, 0.07, 0.02), 1.0))
    laid = pill.pixels().astype(np.float32)
    left, top = (size_px - width) // 2, size_px - height - round(0.02 * size_px)
    region = found[top : top + height, left : left + width].astype(np.float32)
    over_it = laid + (1 - laid[..., 3:] / 255) * region
    found[top : top + height, left : left + width] = (over_it + 0.5).clip(0, 255).astype(np.uint8)
    return found


def _fits(words: str, font_px: int, width: int) -> bool:
    """Whether they do, or the font is the smallest."""
    return font_px <= LEAST_FONT_PX or font_of(font_px).getlength(words) + 1.4 * font_px <= width


def _ellipse(light: Point, covariance: Covariance) -> list[Point] | None:
    """One standard deviation around the light; None of a point light."""
    matrix = covariance_matrix(covariance)
    if not matrix.any():
        return None
    variances, axes = np.linalg.eigh(matrix)
    turn = np.linspace(0, 2 * np.pi, 49)
    around = np.stack([np.cos(turn), np.sin(turn)], 1) * np.sqrt(variances.clip(0))
    return [(float(x), float(y)) for x, y in np.array(light) + around @ axes.T]


def _pixel(point: Point, size: int) -> Point:
    return size / 2 + 0.44 * size * point[0], size / 2 + 0.44 * size * point[1]


@lru_cache(maxsize=4)
def hats_of(places: Places) -> Hats:
    """The triangulation of lights; kept, as it takes milliseconds."""
    return Hats(np.array(places))
