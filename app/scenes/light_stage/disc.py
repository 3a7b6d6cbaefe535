"""The disc of lights in a corner of a frame: where it lies, and from its pixels to the chart and back."""

from __future__ import annotations

from dataclasses import dataclass

from ...frame_size import Box, Size
from ...gl.overlays import caption_margin_px
from ...plane.controls import Point
from ...plane.insets import InsetControls

GRIP_PX, GRIP_SHARE = 7.0, 0.08
"""How near to a dot a click is on it, at most so large a share of the disc's radius."""


@dataclass(frozen=True)
class Disc:
    """Where it lies.

    Attributes:
        middle: in pixels from the frame's top left corner.
        radius: of the horizon, or of the whole sphere where lights are below it, in pixels.
        size_px: sides of the plate it is drawn on.
    """

    middle: Point
    radius: float
    size_px: int

    @classmethod
    def of(cls, controls: InsetControls, framebuffer_px: Size) -> Disc | None:
        """That of a frame of that size; None where it is not shown."""
        box = controls.inset_boxes(framebuffer_px, caption_margin_px(framebuffer_px)).get("light")
        return box and cls.within(box)

    @classmethod
    def within(cls, box: Box) -> Disc:
        """That on a square plate."""
        left, top, size, _ = box
        return cls((left + size / 2, top + size / 2), 0.44 * size, size)

    def light_at(self, position: Point) -> Point:
        """The light under a position, the nearest of the disc where that is beyond it."""
        u, v = ((position[k] - self.middle[k]) / self.radius for k in (0, 1))
        beyond = max(1.0, (u * u + v * v) ** 0.5)
        return u / beyond, v / beyond

    def holds(self, position: Point) -> bool:
        """Whether a position is on its plate."""
        return all(abs(position[k] - self.middle[k]) <= self.size_px / 2 for k in (0, 1))
