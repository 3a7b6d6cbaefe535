"""A canvas: small images that are laid over any picture, and the shapes and letters that they are drawn from.

Positions are pixels from the canvas' top left corner; sizes follow the font, so all looks alike at any resolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from ..resources import font_path

Font = ImageFont.FreeTypeFont
Mask = Float[np.ndarray, "h w"]
Paint = tuple[tuple[float, float, float], float]
"""A display-encoded colour and its opacity."""

LEAST_FONT_PX = 9
"""Letters are never smaller; where they would have to be, there is no plate."""

BACKING: Paint = (0.05, 0.055, 0.07), 0.82
SHEET: Paint = (0.05, 0.055, 0.07), 0.92
TEXT: Paint = (0.96, 0.97, 0.98), 1.0
QUIET_TEXT: Paint = (0.78, 0.805, 0.84), 1.0
ACCENT: Paint = (1.0, 0.76, 0.38), 1.0

_OVERSAMPLING = 4


class Canvas:
    """An image that begins as one colour where ``mask`` is 1, transparent elsewhere, and is painted on."""

    def __init__(self, mask: Mask, paint: Paint) -> None:
        colour, alpha = paint
        self._image = (mask * alpha)[..., None] * np.array([*colour, 1.0], np.float32)

    def lay(self, mask: Mask, left: int, top: int, paint: Paint) -> None:
        """Lay a colour over the plate where ``mask``, whose corner is at ``left`` and ``top``, is 1; not beyond it."""
        colour, alpha = paint
        region = self._image[max(0, top) : max(0, top + mask.shape[0]), max(0, left) : max(0, left + mask.shape[1])]
        layer = mask[max(0, -top) :, max(0, -left) :][: region.shape[0], : region.shape[1], None] * alpha
        region *= 1 - layer
        region += layer * np.array([*colour, 1.0], np.float32)

    def fill(self, left: int, top: int, width: int, height: int, paint: Paint) -> None:
        """Lay a colour over a box."""
        self.lay(np.ones((height, width), np.float32), left, top, paint)

    def put(self, colours: Float[np.ndarray, "h w 3"], left: int, top: int) -> None:
        """Replace a part of the plate by opaque colours in [0, 1]."""
        region = self._image[top : top + colours.shape[0], left : left + colours.shape[1]]
        region[..., :3], region[..., 3] = colours, 1

    def write(self, text: str, left: int | float, baseline: int, font: Font, paint: Paint) -> int | float:
        """Write one line; returns where it ends."""
        if not text:
            return left
        height, width, _ = self._image.shape
        box = font.getbbox(text, anchor="ls")
        x0, x1 = max(0, math.floor(left + box[0]) - 1), min(width, math.ceil(left + box[2]) + 1)
        y0, y1 = max(0, math.floor(baseline + box[1]) - 1), min(height, math.ceil(baseline + box[3]) + 1)
        mask = Image.new("L", (max(0, x1 - x0), max(0, y1 - y0)))
        ImageDraw.Draw(mask).text((left - x0, baseline - y0), text, fill=255, font=font, anchor="ls")
        self.lay(np.asarray(mask, np.float32) / 255, x0, y0, paint)
        return left + font.getlength(text)

    def copy(self) -> Canvas:
        """Another one that looks like this."""
        other = Canvas.__new__(Canvas)
        other._image = self._image.copy()
        return other

    def pixels(self) -> UInt8[np.ndarray, "h w 4"]:
        """The image, colours multiplied by alpha, top row first."""
        scaled = self._image * 255
        scaled += 0.5
        return scaled.astype(np.uint8)


def canvas_of(width: int, height: int, radius: float, paint: Paint) -> Canvas:
    """A plate that is dark, but for its rounded corners."""
    return Canvas(rounded_mask(width, height, radius), paint)


@lru_cache(maxsize=32)
def font_of(size_px: int) -> Font:
    """DejaVu Sans at that size."""
    return ImageFont.truetype(font_path(), size_px)


def font_sizes(em_px: float) -> range:
    """The sizes to try where room is short, the wanted one first."""
    return range(max(LEAST_FONT_PX, round(em_px)), LEAST_FONT_PX - 1, -1)


def baseline_in(height: int, font: Font) -> int:
    """The baseline that centres capitals in a line of that height."""
    return round((height - font.getbbox("H", anchor="ls")[1]) / 2)


def stroke_px(font: Font) -> int:
    """Width of a fine line beside such letters."""
    return max(1, round(font.size / 14))


@lru_cache(maxsize=64)
def rounded_mask(width: int, height: int, radius: float) -> Mask:
    """A rectangle with rounded corners, not to be changed; a radius of half the height makes a pill."""
    # Only the corners are drawn: large sheets would take long to draw oversampled.
    across, down = (min(length, 2 * math.ceil(radius) + 1) for length in (width, height))
    large, draw = canvas(across, down)
    draw.rounded_rectangle((0, 0, large.width - 1, large.height - 1), radius=radius * _OVERSAMPLING, fill=255)
    return _stretched(_stretched(reduced(large), height, 0), width, 1)


def line_mask(points: Float[np.ndarray, "n 2"], size: int, stroke_px: float) -> Mask:
    """An open or closed line through points of a square of ``size`` pixels."""
    return lines_mask([points], size, stroke_px)


def lines_mask(lines: Iterable[Float[np.ndarray, "n 2"]], size: int, stroke_px: float) -> Mask:
    """The same of several lines, where they cross no brighter."""
    large, draw = canvas(size, size)
    for points in lines:
        outline = [tuple(point) for point in points * _OVERSAMPLING]
        draw.line(outline, fill=255, width=round(stroke_px * _OVERSAMPLING), joint="curve")
    return reduced(large)


def canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A canvas of more pixels than the mask it is ``reduced`` to, for smooth edges."""
    large = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    return large, ImageDraw.Draw(large)


def reduced(large: Image.Image) -> Mask:
    """The mask that a canvas stands for."""
    return np.asarray(large.reduce(_OVERSAMPLING), np.float32) / 255


def wrapped(text: str, font: Font, width: int) -> list[str]:
    """Lines no wider than ``width``; a word that is wider is broken."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        lines.append(word)
        while len(lines[-1]) > 1 and font.getlength(lines[-1]) > width:
            last = lines[-1]
            count = next((k for k in range(len(last) - 1, 1, -1) if font.getlength(last[:k]) <= width), 1)
            lines[-1:] = [last[:count], last[count:]]
    return [line for line in lines if line]


def balanced(text: str, font: Font, width: int) -> list[str]:
    """As few lines as ``wrapped`` makes, but of similar widths."""
    lines = wrapped(text, font, width)
    longest_word = max((font.getlength(word) for word in text.split()), default=0.0)
    step = round(font.size)
    while width - step >= longest_word:
        width -= step
        narrower = wrapped(text, font, width)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def shortened(text: str, font: Font, width: int, tail: int = 0) -> str:
    """``text``, or as much of it as fits with an ellipsis before its last ``tail`` letters."""
    if font.getlength(text) <= width:
        return text
    end = text[max(0, len(text) - tail) :]
    shorter = (f"{text[:count].rstrip()}…{end}" for count in range(len(text) - len(end), 0, -1))
    return next((candidate for candidate in shorter if font.getlength(candidate) <= width), "…")


def _stretched(mask: Mask, length: int, axis: int) -> Float[np.ndarray, "h_stretched w_stretched"]:
    """The mask with its middle row or column repeated."""
    counts = np.ones(mask.shape[axis], int)
    counts[len(counts) // 2] += length - len(counts)
    return np.repeat(mask, counts, axis)


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(value: float) -> str:
    """Two digits and a power of ten in superscript, for people; zero is ``0``."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"  # noqa: RUF001 (a multiplication sign)
