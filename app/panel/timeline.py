"""The timeline: keyframes along time, how time runs between them, and a playhead that a hand drags."""

from __future__ import annotations

import math
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from fieldcore.errors import InputError

from ..path.easing import USUAL_EASE, eased
from ..path.editor import PathEditor, Shape
from . import theme
from .board import Board
from .mouse import mouse_on

_HEIGHT_PT, _RULER_PT, _EDGE_PT = 78, 20, 14
_DIAMOND_PT, _REACH_PT = 6.0, 9.0
_LEAST_PT_A_LABEL = 54
_CURVE_POINTS = 24
_LEAST_SECONDS = 1.0
_ROOM = 1.12
"""How much more than the path is there, for keyframes to be dragged to."""
_MOST_DIAMONDS = 300
"""Of more keyframes, as recordings have, each is a line."""
_SNAPS = (1, 2, 5)


@dataclass(frozen=True)
class Scale:
    """Where moments are on the timeline.

    Attributes:
        start, end: the moments at its edges, in seconds.
        left, width: of what lies between these, in pixels.
    """

    start: float
    end: float
    left: float
    width: float

    def x(self, time: float) -> float:
        """Where a moment is."""
        return self.left + (time - self.start) / (self.end - self.start) * self.width

    def time(self, x: float) -> float:
        """The moment at a place, in seconds."""
        return self.start + (x - self.left) / self.width * (self.end - self.start)

    def ticks(self, least_px: float) -> tuple[float, list[float]]:
        """Seconds between labels that lie at least so far apart, and the moments that have one."""
        step = tick_step((self.end - self.start) * least_px / self.width)
        first = math.ceil(self.start / step - 1e-9)
        return step, [k * step for k in range(first, math.floor(self.end / step + 1e-9) + 1)]


def tick_step(least: float) -> float:
    """The least of 1, 2, 5, 10, ... or of their tenths that is at least so much.

    Example:
        >>> tick_step(0.3), tick_step(1.2), tick_step(7.0)
        (0.5, 2.0, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(float(f"{snap * power:.6g}") for snap in (*_SNAPS, 10) if snap * power >= least * (1 - 1e-9))


def scale_of(path: PathEditor, left: float, width: float) -> Scale:
    """The scale that shows a path, with some room after it."""
    span = max((path.end - path.start) * _ROOM, _LEAST_SECONDS)
    return Scale(path.start, path.start + span, left, width)


class TimelineView:
    """Draws the path of the scene shown, and does what a hand does with it.

    A hand on a keyframe drags it in time, elsewhere the playhead.
    """

    def __init__(self, board: Board) -> None:
        self._session, self._unit = board.session, board.unit
        self._height = board.px(_HEIGHT_PT)
        with dpg.group() as place:  # the drawing's own tooltip would hide what is dragged
            self._canvas = dpg.add_drawlist(board.px(300), self._height)
        board.widgets["timeline"] = self._canvas
        self._place = place
        self._shown: tuple[object, ...] = ()
        self._hand = ""
        self._moved = False
        self._scale = Scale(0.0, 1.0, 0.0, 1.0)

    def refresh(self) -> None:
        """Follow the hand, and draw what has changed."""
        path = self._session.path
        width = max(120, dpg.get_item_rect_size(dpg.get_item_parent(self._place))[0] or 300)
        if not self._hand:  # else it would shrink and grow under the hand
            edge = _EDGE_PT * self._unit
            self._scale = scale_of(path, edge, width - 2 * edge)
        self._follow(path)
        looks = (path.shape, path.playhead, path.selected, self._scale, width)
        if looks != self._shown:
            self._shown = looks
            dpg.configure_item(self._canvas, width=round(width))
            self._draw(path, width)

    # The hand

    def _follow(self, path: PathEditor) -> None:
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            if self._hand == "keyframe" and not self._moved and path.selected is not None:
                self._session.state.scrub(path.keyframes[path.selected].time)
            self._hand = ""
            return
        x, y = mouse_on(self._canvas)
        if not self._hand:
            if not (dpg.is_item_hovered(self._canvas) and dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left)):
                return
            at = self._keyframe_at(path, x, y)
            self._hand, self._moved, self._from = ("keyframe" if at is not None else "playhead"), False, x
            if at is not None:
                path.selected = at
        if self._hand == "playhead" and path.keyframes:
            self._scrub(self._scale.time(x))
        elif self._hand == "keyframe" and path.selected is not None:
            self._drag(path, x)

    def _scrub(self, time: float) -> None:
        path = self._session.path
        time = min(max(self._snapped(time), path.start), path.end)
        if time != path.playhead:
            self._session.state.scrub(time)

    def _drag(self, path: PathEditor, x: float) -> None:
        assert path.selected is not None
        if not self._moved and abs(x - self._from) < 3 * self._unit:
            return
        self._moved = True
        time = max(0.0, self._snapped(self._scale.time(x)))
        if time != path.keyframes[path.selected].time:
            try:
                path.move(path.selected, time)
            except InputError:  # another one is there: it is passed over
                return

    def _snapped(self, time: float) -> float:
        """The nearest frame, or hundredth of a second where frames are longer."""
        rate = max(self._session.path.frames_per_second, 100.0)
        return round(round(time * rate) / rate, 6)

    def _keyframe_at(self, path: PathEditor, x: float, y: float) -> int | None:
        reach = _REACH_PT * self._unit
        if abs(y - self._middle) > 1.6 * reach:
            return None
        away = [(abs(self._scale.x(keyframe.time) - x), number) for number, keyframe in enumerate(path.keyframes)]
        nearest = min(away, default=(math.inf, 0))
        return nearest[1] if nearest[0] <= reach else None

    # Drawing

    @property
    def _middle(self) -> float:
        return (self._height + _RULER_PT * self._unit) / 2

    def _draw(self, path: PathEditor, width: float) -> None:
        canvas, unit = self._canvas, self._unit
        dpg.delete_item(canvas, children_only=True)
        dpg.draw_rectangle(
            (0, 0),
            (width, self._height),
            color=theme.colours.sunken,
            fill=theme.colours.sunken,
            rounding=5 * unit,
            parent=canvas,
        )
        self._draw_ruler()
        if not path.keyframes:
            words, size = "K adds what is shown as a keyframe", 14 * unit
            at = (_EDGE_PT * unit, self._middle - 0.6 * size)
            dpg.draw_text(at, words, size=size, color=theme.colours.quiet, parent=canvas)
            return
        self._draw_way(path.shape)
        self._draw_keyframes(path)
        self._draw_playhead(path.playhead)

    def _draw_ruler(self) -> None:
        canvas, unit, scale = self._canvas, self._unit, self._scale
        size = 12 * unit
        step, labelled = scale.ticks(_LEAST_PT_A_LABEL * unit)
        for time in labelled:
            x = scale.x(time)
            dpg.draw_line((x, 0), (x, self._height), color=(*theme.colours.faint, 60), thickness=1, parent=canvas)
            dpg.draw_text((x + 3 * unit, 3 * unit), f"{time:g} s", size=size, color=theme.colours.quiet, parent=canvas)
        for part in range(1, 5 * (len(labelled) + 1)):
            x = scale.x((math.floor(scale.start / step) + part / 5) * step)
            if scale.left <= x <= scale.left + scale.width:
                dpg.draw_line((x, 0), (x, 4 * unit), color=(*theme.colours.faint, 130), thickness=1, parent=canvas)

    def _draw_way(self, shape: Shape) -> None:
        """How time runs between keyframes: a line up where it is eased; of a loop also back to the first."""
        canvas, unit, keyframes = self._canvas, self._unit, shape.keyframes
        low, high = self._height - 6 * unit, (_RULER_PT + 6) * unit
        ends = [keyframe.time for keyframe in keyframes[1:]]
        if shape.closed and len(keyframes) > 1:
            ends.append(keyframes[-1].time + shape.loop_seconds)
        for number, end in enumerate(ends):
            keyframe = keyframes[number]
            left, right = self._scale.x(keyframe.time), self._scale.x(end)
            returns = number == len(keyframes) - 1
            colour = (*theme.colours.blue, 200) if returns else (*theme.colours.faint, 255)
            dpg.draw_line((left, self._middle), (right, self._middle), color=colour, thickness=2 * unit, parent=canvas)
            if keyframe.ease != USUAL_EASE and len(keyframes) <= _MOST_DIAMONDS:
                shares = [k / _CURVE_POINTS for k in range(_CURVE_POINTS + 1)]
                points = [
                    (left + share * (right - left), low + (high - low) * eased(keyframe.ease, share))
                    for share in shares
                ]
                dpg.draw_polyline(points, color=(*theme.colours.blue, 230), thickness=1.5 * unit, parent=canvas)
        if shape.closed and ends:
            x, size = self._scale.x(ends[-1]), 4 * unit
            dpg.draw_circle((x, self._middle), size, color=theme.colours.blue, thickness=1.5 * unit, parent=canvas)

    def _draw_keyframes(self, path: PathEditor) -> None:
        canvas, unit, y = self._canvas, self._unit, self._middle
        reach = _DIAMOND_PT * unit
        many = len(path.keyframes) > _MOST_DIAMONDS
        for number, keyframe in enumerate(path.keyframes):
            x, chosen = self._scale.x(keyframe.time), number == path.selected
            if many and not chosen:
                top, bottom = (x, y - reach), (x, y + reach)
                dpg.draw_line(top, bottom, color=(*theme.colours.quiet, 130), thickness=1, parent=canvas)
                continue
            size = 1.35 * reach if chosen else reach
            corners = [(x - size, y), (x, y - size), (x + size, y), (x, y + size)]
            fill = theme.colours.accent if chosen else theme.colours.quiet
            dpg.draw_quad(*corners, color=theme.colours.sunken, fill=fill, thickness=1.5 * unit, parent=canvas)

    def _draw_playhead(self, time: float) -> None:
        canvas, unit, x = self._canvas, self._unit, self._scale.x(time)
        dpg.draw_line((x, 0), (x, self._height), color=theme.colours.accent, thickness=1.5 * unit, parent=canvas)
        wide, high = 5 * unit, 9 * unit
        corners = [(x - wide, 0), (x + wide, 0), (x, high)]
        dpg.draw_triangle(*corners, color=theme.colours.accent, fill=theme.colours.accent, parent=canvas)
        words, size = f"{time:.2f} s", 12 * unit
        wide = 0.6 * size * len(words)
        at = x + 4 * unit if x + wide < self._scale.left + self._scale.width else x - wide
        dpg.draw_text((at, self._height - 1.25 * size), words, size=size, color=theme.colours.accent, parent=canvas)
