"""A kernel drawn by hand: heights at even distances, which a hand drags, and their outline as it filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import dearpygui.dearpygui as dpg

from . import theme
from .board import Board, Tag
from .mouse import mouse_on

HEIGHTS = 11
LOWEST, HIGHEST = -0.5, 1.0
_WIDTH_PT, _HEIGHT_PT, _DOT_PT = 236, 132, 3
_DECIMALS = 2

Heights = tuple[float, ...]


class CurveEditor:
    """Draws heights, and takes those that a hand draws over them.

    Args:
        board: that it lies on.
        get: the heights now.
        put: takes others.
    """

    def __init__(self, board: Board, get: Callable[[], Heights], put: Callable[[Heights], None]) -> None:
        self._get, self._put, self._unit = get, put, board.unit
        self._size = board.px(_WIDTH_PT), board.px(_HEIGHT_PT)
        self._mirrored = True
        self._last: tuple[float, float] | None = None
        self._shown: object = None
        self._draw()
        board.widgets["curve"] = self._canvas
        mirrored = dpg.add_checkbox(label="symmetric", default_value=True, callback=lambda _, on: self._mirror(on))
        board.tooltip(mirrored, "draw both sides at once")

    def refresh(self) -> None:
        """Follow the hand, and draw what has changed."""
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._last = None
        elif self._last is not None or (
            dpg.is_item_hovered(self._canvas) and dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left)
        ):
            at = self._hand()
            self._put(drawn_over(self._get(), self._last or at, at, self._mirrored))
            self._last = at
        heights = self._get()
        if heights != self._shown:
            self._shown = heights
            self._show(heights)

    def _mirror(self, mirrored: bool) -> None:
        self._mirrored = mirrored

    def _hand(self) -> tuple[float, float]:
        """Where the hand is: the position in [-1, 1], and the height."""
        (x, y), (width, height) = mouse_on(self._canvas), self._size
        return 2 * x / width - 1, HIGHEST - y / height * (HIGHEST - LOWEST)

    def place(self, u: float, value: float) -> tuple[float, float]:
        """Where a height at a position in [-1, 1] is on the canvas."""
        width, height = self._size
        return (u + 1) / 2 * width, (HIGHEST - value) / (HIGHEST - LOWEST) * height

    def _draw(self) -> None:
        (width, height), unit = self._size, self._unit
        with dpg.drawlist(width, height) as self._canvas:
            dpg.draw_rectangle(
                (0, 0), (width, height), color=theme.colours.sunken, fill=theme.colours.sunken, rounding=5 * unit
            )
            for value in (0.0, 1.0):
                colour = (*theme.colours.faint, 200 if value == 0 else 60)
                dpg.draw_line(self.place(-1, value), self.place(1, value), color=colour, thickness=unit)
            dpg.draw_line(
                self.place(0, LOWEST), self.place(0, HIGHEST), color=(*theme.colours.faint, 60), thickness=unit
            )
            self._outline = dpg.draw_polyline([(0, 0), (0, 0)], color=theme.colours.accent, thickness=2 * unit)
            self._dots: list[Tag] = [
                dpg.draw_circle((0, 0), _DOT_PT * unit, color=theme.colours.accent, fill=theme.colours.ground)
                for _ in range(HEIGHTS)
            ]

    def _show(self, heights: Sequence[float]) -> None:
        points = [self.place(-1, 0.0), *(self.place(*at) for at in zip(positions(len(heights)), heights, strict=True))]
        dpg.configure_item(self._outline, points=[*points, self.place(1, 0.0)])
        for dot, at in zip(self._dots, points[1:], strict=False):
            dpg.configure_item(dot, center=at)


def positions(count: int) -> list[float]:
    """Where so many heights are, in half sizes; the kernel ends one step beyond them."""
    return [2 * (index + 1) / (count + 1) - 1 for index in range(count)]


def drawn_over(
    heights: Sequence[float], start: tuple[float, float], end: tuple[float, float], mirrored: bool
) -> Heights:
    """Heights after a hand went from one point, (position, height), to another: those between lie on its way.

    Mirrored, those at the other side of the middle follow. What is left is never all 0.
    """
    changed, at = list(heights), positions(len(heights))
    step = at[1] - at[0] if len(at) > 1 else 1.0
    low, high = min(start[0], end[0]), max(start[0], end[0])
    for index, u in enumerate(at):
        if not low - step / 2 <= u <= high + step / 2:
            continue
        share = min(max((u - start[0]) / (end[0] - start[0]), 0.0), 1.0) if end[0] != start[0] else 1.0
        value = start[1] + share * (end[1] - start[1])
        changed[index] = round(min(max(value, LOWEST), HIGHEST), _DECIMALS) + 0.0
        if mirrored:
            changed[-1 - index] = changed[index]
    return tuple(changed) if any(changed) else tuple(heights)


def resampled(heights: Sequence[float], count: int = HEIGHTS) -> Heights:
    """As many heights of the same outline."""
    known = [(-1.0, 0.0), *zip(positions(len(heights)), heights, strict=True), (1.0, 0.0)]
    found = []
    for u in positions(count):
        (left, low), (right, high) = next(pair for pair in pairwise(known) if pair[1][0] >= u)
        found.append(round(low + (u - left) / (right - left) * (high - low), _DECIMALS) + 0.0)
    return tuple(found)
