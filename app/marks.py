"""What is drawn over the view, and in no frame: lines, and words beside them."""

from __future__ import annotations

from dataclasses import dataclass

from .frame_size import Box

Point = tuple[float, float]
"""In frame coordinates, pixels from the top left corner."""

Colour = tuple[float, float, float]
"""Display-encoded."""


@dataclass(frozen=True)
class Stroke:
    """A line through some points.

    Attributes:
        points: a single one is a dot.
        colour: of the line.
        width_pt: in points of the display.
        is_edged: whether a dark edge lets it be read over anything.
        within: the part of the frame that it is seen in; None for all of it.
    """

    points: tuple[Point, ...]
    colour: Colour
    width_pt: float = 1.5
    is_edged: bool = True
    within: Box | None = None


@dataclass(frozen=True)
class Marks:
    """Lines, and a word or two.

    Attributes:
        strokes: each lies over those before it.
        words: empty where there are none.
        at: above the middle of the words.
    """

    strokes: tuple[Stroke, ...]
    words: str = ""
    at: Point = (0.0, 0.0)
