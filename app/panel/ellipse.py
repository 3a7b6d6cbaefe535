"""The filter as an ellipse that is dragged by the ends of its axes."""

from __future__ import annotations

import math
from typing import Any

import dearpygui.dearpygui as dpg

from ..principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, PrincipalAxes
from . import theme
from .board import Board, Tag
from .mouse import mouse_on

_SIDE_PT, _HANDLE_PT, _REACH_PT = 180, 6, 16
_DECADES = MOST_LOG10_VARIANCE - LEAST_LOG10_VARIANCE
_OUTLINE_POINTS = 97
_LEAST_SHARE = 0.02

Point = tuple[float, float]


class Ellipse:
    """Its axes are as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1.

    The handles are the ``long`` one, which turns the ellipse, too, and the ``short`` one.
    """

    def __init__(self, board: Board) -> None:
        self._session, self._unit = board.session, board.unit
        self._side = board.px(_SIDE_PT)
        self._middle = self._side / 2
        self._outermost = self._middle - board.px(_HANDLE_PT + 2)
        self._shown: object = None
        self._dragged = ""
        self._draw()
        board.widgets["ellipse"] = self._canvas

    @property
    def _state(self) -> Any:
        """Of the scene shown, in which it is seen."""
        return self._session.state

    def refresh(self) -> None:
        """Follow the hand, and draw what has changed."""
        at = mouse_on(self._canvas)
        near = self._handle_at(at)
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._dragged = ""
        elif dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left):
            self._dragged = near
        if self._dragged:
            pulled = self._pulled(self._dragged, at[0] - self._middle, self._middle - at[1])
            self._state.set_axes(**pulled)
        axes, lit = self._state.axes, self._dragged or near
        if (axes, lit) != self._shown:
            self._shown = (axes, lit)
            self._show(axes, lit)

    def handles(self, axes: PrincipalAxes) -> dict[str, Point]:
        """Where the ends of the long and the short axis are, in the canvas."""
        angle = math.radians(axes.angle_deg)
        long, short = (self._length(axes.log10_variance + sign * axes.anisotropy / 2) for sign in (1, -1))
        return {
            "long": (self._middle + long * math.cos(angle), self._middle - long * math.sin(angle)),
            "short": (self._middle - short * math.sin(angle), self._middle - short * math.cos(angle)),
        }

    def _length(self, log10_variance: float) -> float:
        share = (log10_variance - LEAST_LOG10_VARIANCE) / _DECADES
        return self._outermost * min(max(share, _LEAST_SHARE), 1.0)

    def _handle_at(self, at: Point) -> str:
        """The handle within reach; where both are at the same place, the long one."""
        if not dpg.is_item_hovered(self._canvas):
            return ""
        distances = {name: math.dist(at, end) for name, end in self.handles(self._state.axes).items()}
        nearest = min(distances, key=lambda name: round(distances[name]))
        return nearest if distances[nearest] <= _REACH_PT * self._unit else ""

    def _pulled(self, handle: str, right: float, up: float) -> Any:
        """The axes after one of them was pulled to a point relative to the middle; the other one gives way."""
        share = min(math.hypot(right, up) / self._outermost, 1.0)
        pulled = LEAST_LOG10_VARIANCE + _DECADES * share
        if handle == "long":
            return self._state.axes.pulled(0, pulled, math.degrees(math.atan2(up, right)))
        return self._state.axes.pulled(1, pulled)

    def _draw(self) -> None:
        """Draw all there is; ``_show`` puts it in its place."""
        side, middle, unit = self._side, (self._middle, self._middle), self._unit
        with dpg.drawlist(side, side) as self._canvas:
            dpg.draw_rectangle(
                (0, 0), (side, side), color=theme.colours.sunken, fill=theme.colours.sunken, rounding=5 * unit
            )
            for decade in range(1, round(_DECADES) + 1):
                colour = (*theme.colours.faint, 200 if decade == _DECADES else 60)
                dpg.draw_circle(middle, self._outermost * decade / _DECADES, color=colour, thickness=unit, segments=72)
            self._outline = dpg.draw_polyline([middle, middle], color=theme.colours.accent, thickness=2 * unit)
            self._lines: dict[str, Tag] = {}
            self._dots: dict[str, Tag] = {}
            for name, fill in (("short", theme.colours.ground), ("long", theme.colours.accent)):
                self._lines[name] = dpg.draw_line(middle, middle, color=(*theme.colours.accent, 110), thickness=unit)
                self._dots[name] = dpg.draw_circle(
                    middle, _HANDLE_PT * unit, color=theme.colours.accent, fill=fill, thickness=1.5 * unit
                )

    def _show(self, axes: PrincipalAxes, lit: str) -> None:
        handles = self.handles(axes)
        long, short = ((x - self._middle, y - self._middle) for x, y in handles.values())
        turns = (2 * math.pi * k / (_OUTLINE_POINTS - 1) for k in range(_OUTLINE_POINTS))
        outline = [
            [
                self._middle + math.cos(turn) * along + math.sin(turn) * across
                for along, across in zip(long, short, strict=True)
            ]
            for turn in turns
        ]
        dpg.configure_item(self._outline, points=outline)
        for name, end in handles.items():
            dpg.configure_item(self._lines[name], p2=end)
            radius = (_HANDLE_PT + 2 * (name == lit)) * self._unit
            dpg.configure_item(self._dots[name], center=end, radius=radius)
