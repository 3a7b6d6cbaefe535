"""The filter in the hand: its shape drawn on the picture, true to size, and pulled there by the ends of its axes."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any

from ..frame_size import Box
from ..gl.canvas import ACCENT, BACKING
from ..marks import Colour, Marks, Stroke
from ..scene_state import Position, SceneState

Line = tuple[Position, ...]

Grip = tuple[int, int]
"""Which axis is pulled, and at which end, 1 or -1; ``WHOLE`` for the outline."""

WHOLE: Grip = (-1, 0)

GAP_PT = 9.0
"""From the end of an axis to its handle, so that even a filter that is off has some."""

_REACH_PT, _OUTLINE_REACH_PT = 11.0, 6.0
_DOT_PT, _LIT_PT = 9.0, 12.0
_HELD = "filter"
_DIM: Colour = (0.66, 0.51, 0.28)


@dataclass(frozen=True)
class Held:
    """The shape in a pane.

    Attributes:
        middle: of it, in the frame.
        axes: of each, the way from there to its end, in pixels.
        outlines: of the shape: lines that are pulled to make it larger or smaller as a whole.
        others: more lines of it, dimmer.
        fixed: whether it cannot be pulled.
        turning: the axes whose first end turns the shape, too.
        within: the pane.
    """

    middle: Position
    axes: tuple[Position, ...]
    outlines: tuple[Line, ...]
    others: tuple[Line, ...] = ()
    fixed: bool = False
    turning: tuple[int, ...] = ()
    within: Box | None = None

    def handles(self, gap: float) -> dict[Grip, Position]:
        """Where each handle is, so far beyond the end of its axis."""
        return {
            (index, sign): beyond(self.middle, axis, sign, gap)
            for index, axis in enumerate(self.axes)
            for sign in (1, -1)
            if not self.fixed
        }

    def grip_at(self, at: Position, pixel_ratio: float) -> Grip | None:
        """What can be pulled there."""
        if self.fixed:
            return None
        away = {grip: math.dist(place, at) for grip, place in self.handles(GAP_PT * pixel_ratio).items()}
        nearest = min(away, key=lambda grip: away[grip])
        if away[nearest] <= _REACH_PT * pixel_ratio:
            return nearest
        lines = (line for outline in self.outlines for line in pairwise(outline))
        on_outline = min((_to_segment(at, *line) for line in lines), default=math.inf)
        return WHOLE if on_outline <= _OUTLINE_REACH_PT * pixel_ratio else None

    def strokes(self, lit: Grip | None, pixel_ratio: float) -> tuple[Stroke, ...]:
        """What is drawn of it; ``lit`` is what the hand is on."""
        handles = self.handles(GAP_PT * pixel_ratio)
        found = [Stroke(line, _DIM, 1.0) for line in self.others]
        found += [Stroke((self.middle, place), _DIM, 1.0) for place in handles.values()]
        found += [Stroke(line, ACCENT[0], 2.6 if lit == WHOLE else 1.8) for line in self.outlines]
        found.append(Stroke((self.middle,), ACCENT[0], 3.0))
        for grip, place in handles.items():
            size = _LIT_PT if grip == lit else _DOT_PT
            found.append(Stroke((place,), ACCENT[0], size))
            if grip[0] not in self.turning or grip[1] < 0:
                found.append(Stroke((place,), BACKING[0], size - 4.0, is_edged=False))
        return tuple(replace(stroke, within=self.within) for stroke in found)


def beyond(middle: Position, axis: Position, sign: int, gap: float) -> Position:
    """The place of a handle: so far beyond the end of an axis, or before it where ``gap`` is negative."""
    length = math.hypot(*axis)
    ahead = (axis[0] / length, axis[1] / length) if length > 1e-6 else (1.0, 0.0)
    reach = sign * max(length + gap, 0.0)
    return middle[0] + reach * ahead[0], middle[1] + reach * ahead[1]


class InHand(SceneState):
    """The state of a scene whose filter can be taken into the hand.

    Attributes:
        in_hand: whether it is.
    """

    def __init__(self, services: Any, controls: Any) -> None:
        super().__init__(services, controls)
        self.in_hand = False
        self._grip: tuple[Grip, int, Position, Any] | None = None
        self._pixel_ratio = 1.0

    def take_into_hand(self, in_hand: bool) -> None:
        """Draw the filter on the picture, where it can be pulled, or not."""
        self.in_hand = in_hand

    @abstractmethod
    def held(self) -> Sequence[Held]:
        """The shape in each of the frame's panes, none where nothing is shown."""

    @property
    @abstractmethod
    def held_sizes(self) -> Any:
        """What ``pull`` changes, for it to go on from."""

    @abstractmethod
    def pull(self, grip: Grip, to: Position, factor: float, before: Any) -> None:
        """Pull the shape.

        Args:
            grip: what is pulled.
            to: of an axis, where its end is to lie from the middle, in pixels of the frame.
            factor: of the whole, how much larger than it was it is to be.
            before: ``held_sizes`` when it was taken hold of.
        """

    @property
    @abstractmethod
    def held_words(self) -> str:
        """How large the filter is there."""

    @property
    def marks(self) -> Marks | None:
        """See the base."""
        shapes = self.held() if self.in_hand else ()
        if not shapes:
            return super().marks
        cursor = self._services.cursor
        strokes: tuple[Stroke, ...] = ()
        for number, shape in enumerate(shapes):
            lit = shape.grip_at(cursor, self._pixel_ratio) if cursor and self._grip is None else None
            if self._grip is not None and self._grip[1] == number:
                lit = self._grip[0]
            strokes += shape.strokes(lit, self._pixel_ratio)
        first = shapes[0]
        handles = first.handles(GAP_PT * self._pixel_ratio).values()
        low = max(place[1] for place in (*chain(*first.outlines), *handles))
        return Marks(strokes, self.held_words, (first.middle[0], low))

    # The hand

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """See the base; on the shape in the hand it is pulled."""
        if not self.take_hold(position, pixel_ratio):
            super().press_button(position, pixel_ratio)

    def take_hold(self, position: Position, pixel_ratio: float) -> bool:
        """Begin to pull the shape in the hand; returns whether any of it is there."""
        self._pixel_ratio = pixel_ratio
        for number, shape in enumerate(self.held() if self.in_hand else ()):
            grip = shape.grip_at(position, pixel_ratio)
            if grip is not None:
                handle = shape.handles(GAP_PT * pixel_ratio).get(grip, position)
                self._grip = grip, number, (position[0] - handle[0], position[1] - handle[1]), self.held_sizes
                self._pressed_at, self._hand = position, (_HELD, position)
                return True
        return False

    def move(self, position: Position) -> None:
        """See the base."""
        if self._hand[0] != _HELD or self._grip is None:
            super().move(position)
            return
        self._hand = _HELD, position
        grip, number, off, before = self._grip
        shape, pressed = self.held()[number], self._pressed_at or position
        middle, sign = shape.middle, -1 if grip[1] < 0 else 1
        way = (sign * (position[0] - off[0] - middle[0]), sign * (position[1] - off[1] - middle[1]))
        factor = max(math.dist(position, middle), 1.0) / max(math.dist(pressed, middle), 1.0)
        self.pull(grip, beyond((0.0, 0.0), way, 1, -GAP_PT * self._pixel_ratio), factor, before)

    def release_button(self) -> None:
        """See the base."""
        super().release_button()
        self._grip = None

    def let_go(self) -> None:
        """See the base."""
        super().let_go()
        self._grip = None


def ellipse(middle: Position, one: Position, other: Position, points: int = 72) -> Line:
    """The closed line of an ellipse through the ends of two conjugate half axes."""
    turns = [2 * math.pi * number / points for number in range(points)]
    found = [
        tuple(m + math.cos(turn) * a + math.sin(turn) * b for m, a, b in zip(middle, one, other, strict=True))
        for turn in turns
    ]
    return tuple((x, y) for x, y in (*found, found[0]))


def rectangle(middle: Position, width: float, height: float) -> Line:
    """The closed line of a rectangle, by half of its sides."""
    x, y = middle
    corners = ((x - width, y - height), (x + width, y - height), (x + width, y + height), (x - width, y + height))
    return (*corners, corners[0])


def _to_segment(at: Position, start: Position, end: Position) -> float:
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    share = ((at[0] - start[0]) * along[0] + (at[1] - start[1]) * along[1]) / length if length > 0 else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.dist(at, (start[0] + share * along[0], start[1] + share * along[1]))
