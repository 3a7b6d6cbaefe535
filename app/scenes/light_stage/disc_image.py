"""The disc of lights as an image: rings, a dot a photo, the light and its filter's ellipse."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from fieldcore.lights.hats import Hats

from ...covariance import Covariance, covariance_matrix
from ...gl.canvas import ACCENT, BACKING, LEAST_FONT_PX, baseline_in, canvas_of, font_of, font_sizes
from ...plane.controls import Point

_OVER = 3
"""Pixels that are drawn for each of the image's along either side."""

_RING, _DOT = (98, 103, 113, 255), (166, 171, 180, 255)
_LIGHT, _LIGHT_EDGE = (255, 217, 128, 255), (60, 40, 10, 255)
_LEAST_DOT_PX = 2.5
_ZENITH_ANGLES_DEG = (30.0, 60.0, 90.0)

Places = tuple[Point, ...]
Plate = UInt8[np.ndarray, "h w 4"]


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
    image = _plate(places, scale, size_px).copy()
    outline = [_pixel(point, size_px) for point in _ellipse(light, covariance)]
    middle, radius = _pixel(light, size_px), max(0.028 * size_px, _LEAST_DOT_PX)
    _lay_light(image, middle, radius, outline, max(1, size_px // 110))
    if words:
        _lay_warning(image, words)
    return image


def _lay_light(image: Plate, middle: Point, radius: float, outline: list[Point], stroke_px: int) -> None:
    """Draw the light and its filter's outline, oversampled within the part of the image that they cover."""
    points = np.array([*outline, *(tuple(x + sign * radius for x in middle) for sign in (-1, 1))])
    size = image.shape[0]
    left, top = (max(0, math.floor(least) - stroke_px) for least in points.min(0))
    right, bottom = (min(size, math.ceil(most) + stroke_px + 1) for most in points.max(0))
    if left >= right or top >= bottom:
        return
    part = Image.new("RGBA", ((right - left) * _OVER, (bottom - top) * _OVER), (*_LIGHT[:3], 0))
    draw = ImageDraw.Draw(part)

    def at(point: Point, shift: float = 0.0) -> Point:
        return (point[0] - left) * _OVER + shift, (point[1] - top) * _OVER + shift

    if outline:
        draw.line([at(point) for point in outline], fill=_LIGHT, width=_OVER * stroke_px)
    draw.ellipse((*at(middle, -radius * _OVER), *at(middle, radius * _OVER)), _LIGHT, _LIGHT_EDGE, _OVER)
    _lay(_premultiplied(part), image[top:bottom, left:right])


@lru_cache(maxsize=8)
def _plate(places: Places, scale: float, size_px: int) -> Plate:
    """What does not change with the light, not to be changed: rings and dots on a dark plate."""
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
    plate = canvas_of(size_px, size_px, 0.06 * size_px, BACKING).pixels()
    _lay(_premultiplied(image), plate)
    return plate


def _lay_warning(image: Plate, words: str) -> None:
    """Write words across the foot of a disc."""
    size_px = image.shape[0]
    font = next(font_of(size) for size in font_sizes(0.08 * size_px) if _fits(words, size, size_px))
    height, width = round(1.8 * font.size), min(size_px, round(font.getlength(words) + 1.4 * font.size))
    pill = canvas_of(width, height, height / 2, (ACCENT[0], 0.95))
    pill.write(words, 0.7 * font.size, baseline_in(height, font), font, ((0.1, 0.07, 0.02), 1.0))
    left, top = (size_px - width) // 2, size_px - height - round(0.02 * size_px)
    _lay(pill.pixels().astype(np.float32), image[top : top + height, left : left + width])


def _premultiplied(large: Image.Image) -> Float[np.ndarray, "h w 4"]:
    """An oversampled image at its own size, colours multiplied by alpha."""
    image = np.asarray(large.reduce(_OVER), np.float32)
    alpha = image[..., 3:]
    return np.concatenate([image[..., :3] * (alpha / 255), alpha], 2)


def _lay(over: Float[np.ndarray, "h w 4"], region: Plate) -> None:
    """Change a region to what is seen where something lies over it; colours are multiplied by alpha."""
    mixed = over + (1 - over[..., 3:] / 255) * region
    region[:] = (mixed + 0.5).clip(0, 255).astype(np.uint8)


def _fits(words: str, font_px: int, width: int) -> bool:
    """Whether they do, or the font is the smallest."""
    return font_px <= LEAST_FONT_PX or font_of(font_px).getlength(words) + 1.4 * font_px <= width


def _ellipse(light: Point, covariance: Covariance) -> list[Point]:
    """One standard deviation around the light; empty for a point light."""
    matrix = covariance_matrix(covariance)
    if not matrix.any():
        return []
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
