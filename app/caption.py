"""The caption: the filter in words and as an ellipse, drawn by Pillow at the frame's own resolution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from .controls import Covariance, is_isotropic
from .resources import font_path
from .view import Size

_PLATE = (0.05, 0.055, 0.07), 0.82
_LABEL = (0.66, 0.69, 0.74), 1.0
_NUMBER = (0.96, 0.97, 0.98), 1.0
_RING = (0.66, 0.69, 0.74), 0.45
_ELLIPSE = (1.0, 0.76, 0.38), 1.0

_LEAST_FONT_PX = 9
_OVERSAMPLING = 4
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_Mask = Float[np.ndarray, "h w"]
_Paint = tuple[tuple[float, float, float], float]


def caption_image(covariance: Covariance, framebuffer_px: Size) -> UInt8[np.ndarray, "h w 4"] | None:
    """The caption for a frame of that size, colours multiplied by alpha; None where no readable one fits.

    The ellipse's axes are as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1.
    """
    words = _words(principal_variances(covariance))
    font = _fitting_font("".join(text for text, _ in words), framebuffer_px)
    if font is None:
        return None
    em = font.size
    height, ring = round(2.3 * em), round(1.7 * em)
    inset = (height - ring) // 2
    text_left = ring + 2 * inset
    width = math.ceil(text_left + sum(font.getlength(text) for text, _ in words) + 0.9 * em)

    image = np.zeros((height, width, 4), np.float32)
    _paint(image, _plate_mask(width, height), _PLATE)
    glyph = image[inset : inset + ring, inset : inset + ring]
    _paint(glyph, _ellipse_mask(ring, (1.0, 0.0, 1.0)), _RING)
    _paint(glyph, _ellipse_mask(ring, covariance), _ELLIPSE)
    left = float(text_left)
    for text, paint in words:
        _paint(image, _text_mask(width, height, left, text, font), paint)
        left += font.getlength(text)
    return (image * 255 + 0.5).astype(np.uint8)


def caption_margin_px(framebuffer_px: Size) -> int:
    """Distance of the caption from the frame's edges."""
    return round(0.028 * min(framebuffer_px))


def principal_variances(covariance: Covariance) -> tuple[float, ...]:
    """The variance of an isotropic filter, or those along an anisotropic one's long and short axis."""
    xx, xy, yy = covariance
    if is_isotropic(covariance):
        return (xx,)
    mean, radius = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    return (mean + radius, max(0.0, mean - radius))


def scientific(value: float) -> str:
    """Two digits and a power of ten in superscript, for people; zero is ``0``."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"  # noqa: RUF001 (a multiplication sign)


def _words(variances: Sequence[float]) -> list[tuple[str, _Paint]]:
    words = [("variance  ", _LABEL), (scientific(variances[0]), _NUMBER)]
    for variance in variances[1:]:
        words += [("  by  ", _LABEL), (scientific(variance), _NUMBER)]
    return words


def _fitting_font(text: str, framebuffer_px: Size) -> ImageFont.FreeTypeFont | None:
    """The font at the size that suits the frame, or smaller so that ``text`` with its ellipse fits across."""
    room = framebuffer_px[0] - 2 * caption_margin_px(framebuffer_px)
    wanted = max(12.0, 0.024 * min(framebuffer_px))
    across_em = ImageFont.truetype(font_path(), 100).getlength(text) / 100 + 3.3  # with ellipse and insets
    size = math.floor(min(wanted, room / across_em))
    if size < _LEAST_FONT_PX or 3 * size > framebuffer_px[1]:
        return None
    return ImageFont.truetype(font_path(), size)


def _paint(image: Float[np.ndarray, "h w 4"], mask: _Mask, paint: _Paint) -> None:
    """Lay a colour over ``image`` where ``mask`` is 1, in place."""
    colour, alpha = paint
    layer = mask[..., None] * alpha
    image *= 1 - layer
    image += layer * np.array([*colour, 1.0], np.float32)


def _plate_mask(width: int, height: int) -> _Mask:
    large, draw = _canvas(width, height)
    draw.rounded_rectangle((0, 0, large.width - 1, large.height - 1), radius=large.height / 2, fill=255)
    return _reduced(large)


def _ellipse_mask(size: int, covariance: Covariance) -> _Mask:
    """Outline of a covariance in a square whose inscribed circle stands for variance 1."""
    large, draw = _canvas(size, size)
    stroke = max(1.0, 0.05 * size) * _OVERSAMPLING
    middle, outermost = large.width / 2, large.width / 2 - stroke
    xx, xy, yy = covariance
    variances, axes = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
    lengths = outermost * (np.log10(np.maximum(variances, 1e-6)) / 6 + 1).clip(0, 1)
    turn = np.linspace(0, 2 * np.pi, 128, endpoint=False)
    outline = middle + np.stack([np.cos(turn), np.sin(turn)], -1) * np.maximum(lengths, 0.75 * stroke) @ axes.T
    closed = [tuple(point) for point in [*outline, outline[0], outline[1]]]
    draw.line(closed, fill=255, width=round(stroke), joint="curve")
    return _reduced(large)


def _text_mask(width: int, height: int, left: float, text: str, font: ImageFont.FreeTypeFont) -> _Mask:
    mask = Image.new("L", (width, height))
    capital_height = -font.getbbox("H", anchor="ls")[1]
    baseline = round((height + capital_height) / 2)
    ImageDraw.Draw(mask).text((left, baseline), text, fill=255, font=font, anchor="ls")
    return np.asarray(mask, np.float32) / 255


def _canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    large = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    return large, ImageDraw.Draw(large)


def _reduced(large: Image.Image) -> _Mask:
    return np.asarray(large.reduce(_OVERSAMPLING), np.float32) / 255
