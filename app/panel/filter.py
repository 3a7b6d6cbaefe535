"""The group *Filter*: how much is averaged over, in numbers and as an ellipse to be dragged by its axes."""

from __future__ import annotations

import math
from dataclasses import replace

import dearpygui.dearpygui as dpg

from ..principal_axes import LEAST_LOG10_VARIANCE, MOST_ANISOTROPY, MOST_LOG10_VARIANCE, PrincipalAxes
from ..settings import BY_NAME
from . import theme
from .board import Board, Tag

_SIDE_PT = 190
_HANDLE_PT = 6
_REACH_PT = 16


def build(board: Board, header: Tag) -> None:
    """Make it."""
    for name in ("log10-variance", "anisotropy", "angle", "variance", "covariance"):
        board.setting(BY_NAME[name])
    with board.row("std deviation") as label:
        deviation = dpg.add_text("none")
    board.tooltip(label, "the filter's standard deviation along its axes, in domain units and in the picture's pixels")
    ellipse = Ellipse(board)
    board.setting(BY_NAME["foveated"])
    board.setting(BY_NAME["falloff"])

    def refresh() -> None:
        dpg.set_value(deviation, _deviation(board))
        ellipse.refresh()

    board.refreshed(header, refresh)


def _deviation(board: Board) -> str:
    session = board.session
    axes, document = session.axes, session.document
    if axes.log10_variance <= LEAST_LOG10_VARIANCE:
        return "none"
    halves = (1, -1) if axes.anisotropy else (0,)
    deviations = [10 ** ((axes.log10_variance + half * axes.anisotropy / 2) / 2) for half in halves]
    words = " by ".join(f"{deviation:.3g}" for deviation in deviations)
    if document is None or not document.field.facts.resolution:
        return words
    per_unit = max(document.field.facts.resolution) / 2
    return f"{words} = {' by '.join(f'{deviation * per_unit:.3g}' for deviation in deviations)} px"


class Ellipse:
    """The covariance's axes, as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1."""

    def __init__(self, board: Board) -> None:
        self._board, self._session = board, board.session
        self._side = board.px(_SIDE_PT)
        self._shown: PrincipalAxes | None = None
        self._dragged: str | None = None
        with board.row("ellipse") as label:
            self._canvas = dpg.add_drawlist(self._side, self._side)
        board.tooltip(label, "drag the dots at the ends of the axes: the long one turns the ellipse, too")
        board.widgets["ellipse"] = self._canvas

    def refresh(self) -> None:
        """Draw it if it has changed, and follow the hand that drags it."""
        self._follow()
        axes = self._session.axes
        if axes != self._shown:
            self._shown = axes
            self._draw(axes)

    def handles(self, axes: PrincipalAxes) -> dict[str, tuple[float, float]]:
        """Where the ends of the long and the short axis are, in the canvas."""
        middle, angle = self._side / 2, math.radians(axes.angle_deg)
        long, short = (self._length(axes.log10_variance + sign * axes.anisotropy / 2) for sign in (1, -1))
        return {
            "long": (middle + long * math.cos(angle), middle - long * math.sin(angle)),
            "short": (middle - short * math.sin(angle), middle - short * math.cos(angle)),
        }

    def _length(self, log10_variance: float) -> float:
        share = (log10_variance - LEAST_LOG10_VARIANCE) / (MOST_LOG10_VARIANCE - LEAST_LOG10_VARIANCE)
        return self._outermost * min(max(share, 0.02), 1.0)

    @property
    def _outermost(self) -> float:
        return self._side / 2 - self._board.px(_HANDLE_PT + 2)

    def _draw(self, axes: PrincipalAxes) -> None:
        canvas, unit, middle = self._canvas, self._board.unit, self._side / 2
        dpg.delete_item(canvas, children_only=True)
        dpg.draw_rectangle((0, 0), (self._side, self._side), color=(0, 0, 0, 0), fill=(28, 29, 34), parent=canvas)
        for decade in range(1, 7):
            ring = self._outermost * decade / 6
            dpg.draw_circle((middle, middle), ring, color=(*theme.FAINT, 200 if decade == 6 else 60), parent=canvas)
        handles = self.handles(axes)
        ends = [(x - middle, y - middle) for x, y in handles.values()]
        outline = [
            tuple(middle + math.cos(t) * long + math.sin(t) * short for long, short in zip(*ends, strict=True))
            for t in (2 * math.pi * k / 96 for k in range(97))
        ]
        dpg.draw_polyline(outline, color=theme.ACCENT, thickness=2 * unit, parent=canvas)
        for name, handle in handles.items():
            dpg.draw_line((middle, middle), handle, color=(*theme.ACCENT, 110), thickness=unit, parent=canvas)
            fill = theme.ACCENT if name == "long" else theme.GROUND
            radius = _HANDLE_PT * unit
            dpg.draw_circle(handle, radius, color=theme.ACCENT, fill=fill, thickness=1.5 * unit, parent=canvas)

    def _follow(self) -> None:
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._dragged = None
            return
        left, top = dpg.get_item_rect_min(self._canvas)
        x, y = dpg.get_mouse_pos(local=False)
        at = (x - left, y - top)
        if self._dragged is None and dpg.is_item_hovered(self._canvas):
            distances = {name: math.dist(at, end) for name, end in self.handles(self._session.axes).items()}
            # Where both ends are at the same place, the long one turns.
            nearest = min(distances, key=lambda name: (round(distances[name]), name))
            self._dragged = nearest if distances[nearest] <= self._board.px(_REACH_PT) else "nothing"
        if self._dragged in ("long", "short"):
            self._session.set_axes(**self._pulled(self._dragged, at[0] - self._side / 2, self._side / 2 - at[1]))

    def _pulled(self, handle: str, right: float, up: float) -> dict[str, float]:
        """The axes after one of them was pulled to a point relative to the middle."""
        axes = self._session.axes
        span = MOST_LOG10_VARIANCE - LEAST_LOG10_VARIANCE
        share = min(math.hypot(right, up) / self._outermost, 1.0)
        pulled = LEAST_LOG10_VARIANCE + span * share
        long = axes.log10_variance + axes.anisotropy / 2
        short = axes.log10_variance - axes.anisotropy / 2
        angle = axes.angle_deg
        if handle == "long":
            long = max(pulled, short)
            angle = math.degrees(math.atan2(up, right))
        else:
            short = min(pulled, long)
        anisotropy = min(long - short, MOST_ANISOTROPY)
        size = long - anisotropy / 2 if handle == "long" else short + anisotropy / 2
        turned = (angle + 90) % 180 - 90
        kept = replace(axes, log10_variance=max(size, LEAST_LOG10_VARIANCE), anisotropy=anisotropy, angle_deg=turned)
        return {"log10_variance": kept.log10_variance, "anisotropy": kept.anisotropy, "angle_deg": kept.angle_deg}
