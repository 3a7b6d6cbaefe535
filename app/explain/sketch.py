"""A sketch: curves, areas and letters on a part of a plate, in coordinates from 0 to 1, y upwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from ..gl.canvas import ACCENT, QUIET_TEXT, Canvas, Font, Paint

FINE: Paint = (1.0, 1.0, 1.0), 0.16
"""Of axes and frames."""

SOFT: Paint = (1.0, 0.76, 0.38), 0.28
"""Of areas under what is accented."""

PALE: Paint = (0.78, 0.805, 0.84), 0.55
"""Of what is only there to be compared with."""

_OVERSAMPLING = 3

Side = Literal["left", "middle", "right"]
Points = Sequence[Any] | Float[np.ndarray, "n"]


class Sketch:
    """A part of a canvas to draw on.

    Args:
        canvas: that it is a part of.
        left, top: of its corner, in pixels.
        size: width and height, in pixels.
        font: of its letters.
    """

    def __init__(self, canvas: Canvas, left: int, top: int, size: tuple[int, int], font: Font) -> None:
        self._canvas, self._left, self._top, self._font = canvas, left, top, font
        self.width, self.height = size

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def curve(self, xs: Points, ys: Points, paint: Paint = ACCENT, thick: float = 0.13) -> None:
        """A line through points; ``thick`` as a share of the letters' em."""
        width = max(1, round(thick * self._font.size * _OVERSAMPLING))

        def draw(pen: ImageDraw.ImageDraw, places: Any) -> None:
            pen.line(places, fill=255, width=width, joint="curve")

        self._lay(self._places(xs, ys), width / _OVERSAMPLING, paint, draw)

    def area(self, xs: Points, ys: Points, paint: Paint = SOFT) -> None:
        """The inside of a polygon."""

        def draw(pen: ImageDraw.ImageDraw, places: Any) -> None:
            pen.polygon(places, fill=255)

        self._lay(self._places(xs, ys), 1.0, paint, draw)

    def dots(self, xs: Points, ys: Points, paint: Paint = ACCENT, radius: float = 0.22) -> None:
        """Discs; ``radius`` as a share of the letters' em."""
        reach = radius * self._font.size

        def draw(pen: ImageDraw.ImageDraw, places: Any) -> None:
            for x, y in places:
                wide = reach * _OVERSAMPLING
                pen.ellipse((x - wide, y - wide, x + wide, y + wide), fill=255)

        self._lay(self._places(xs, ys), reach, paint, draw)

    def box(self, x0: float, y0: float, x1: float, y1: float, paint: Paint = FINE) -> None:
        """The edges of a rectangle."""
        self.curve([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], paint, 0.08)

    def shades(self, values: Float[np.ndarray, "h w"], x0: float, y0: float, x1: float, y1: float) -> None:
        """Grey values from 0 to 1 in a rectangle, each a rectangle of its own."""
        left, right = round(x0 * self.width), round(x1 * self.width)
        top, bottom = round((1 - y1) * self.height), round((1 - y0) * self.height)
        rows = np.arange(bottom - top) * len(values) // max(1, bottom - top)
        columns = np.arange(right - left) * values.shape[1] // max(1, right - left)
        colours = np.repeat(values[rows][:, columns, None].astype(np.float32), 3, axis=2)
        self._canvas.put(colours, self._left + left, self._top + top)

    def write(self, words: str, x: float, y: float, side: Side = "left", paint: Paint = QUIET_TEXT) -> None:
        """Letters, whose left end, middle or right end is at ``x``, and whose baseline at ``y``."""
        shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[side] * self._font.getlength(words)
        left = self._left + x * self.width - shift
        self._canvas.write(words, left, round(self._top + (1 - y) * self.height), self._font, paint)

    def _places(self, xs: Points, ys: Points) -> list[tuple[float, float]]:
        """In pixels, which are not whole."""
        return [(float(x) * self.width, (1 - float(y)) * self.height) for x, y in zip(xs, ys, strict=True)]

    def _lay(self, places: list[tuple[float, float]], reach: float, paint: Paint, draw: Callable[..., None]) -> None:
        """Lay what ``draw(pen, enlarged)`` draws about these places, on a mask no larger than that takes."""
        across, down = [place[0] for place in places], [place[1] for place in places]
        x0, y0 = max(0, math.floor(min(across) - reach)), max(0, math.floor(min(down) - reach))
        x1 = min(self.width, math.ceil(max(across) + reach) + 1)
        y1 = min(self.height, math.ceil(max(down) + reach) + 1)
        if x1 <= x0 or y1 <= y0:
            return
        large = Image.new("L", ((x1 - x0) * _OVERSAMPLING, (y1 - y0) * _OVERSAMPLING))
        draw(ImageDraw.Draw(large), [((x - x0) * _OVERSAMPLING, (y - y0) * _OVERSAMPLING) for x, y in places])
        mask = np.asarray(large.reduce(_OVERSAMPLING), np.float32) / 255
        self._canvas.lay(mask, self._left + x0, self._top + y0, paint)
