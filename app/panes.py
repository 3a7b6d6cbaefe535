"""How the pictures of a scene share a frame: where each lies, and how much of it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .frame_size import Box, Size

Layout = Literal["one", "wipe", "two_up", "four", "cut", "beside"]
"""One picture; two with a divider between them; two side by side; four; two cut along a diagonal, the first above; two
side by side with a strip between them, for what is said of both."""

_ACROSS_AND_DOWN: dict[Layout, tuple[int, int]] = {
    "one": (1, 1), "wipe": (1, 1), "two_up": (2, 1), "four": (2, 2), "cut": (1, 1), "beside": (2, 1),
}  # fmt: skip

PANES: dict[Layout, int] = {"one": 1, "wipe": 2, "two_up": 2, "four": 4, "cut": 2, "beside": 2}
"""How many they have."""

STRIP_SHARE = 1 / 9
"""Of the frame's width: the strip, beside which two panes of a frame of 9 by 4 are square."""


@dataclass(frozen=True)
class Pane:
    """Where a picture lies in a frame.

    Attributes:
        output: what it shows.
        box: of the whole picture.
        visible: the part of the box that is seen: all of it, but of a wipe what is on its side of the divider.
        below: whether only what lies below the diagonal, from the lower left to the upper right, is seen of that.
    """

    output: str
    box: Box
    visible: Box
    below: bool = False

    @property
    def size(self) -> Size:
        """Of the picture, in pixels."""
        return self.box[2:]

    def shows(self, position: tuple[float, float]) -> bool:
        """Whether a place of the frame is in the part of it that is seen."""
        left, top, width, height = self.visible
        return 0 <= position[0] - left < width and 0 <= position[1] - top < height


def strip_of(framebuffer_px: Size) -> Box:
    """The strip between two panes that are beside it."""
    left, right = panes_of("beside", ("", ""), framebuffer_px)
    start = left.box[0] + left.box[2]
    return start, 0, right.box[0] - start, framebuffer_px[1]


def panes_of(layout: Layout, outputs: Sequence[str], framebuffer_px: Size, divider: float = 0.5) -> tuple[Pane, ...]:
    """The panes of a frame, in reading order; an odd pixel is left between them.

    Args:
        layout: how they share the frame.
        outputs: what they show, as many as the layout has.
        framebuffer_px: size of the frame.
        divider: share of the frame's width left of the divider of a wipe.

    Example:
        >>> [pane.box for pane in panes_of("two_up", ("field", "truth"), (101, 50))]
        [(0, 0, 50, 50), (51, 0, 50, 50)]
    """
    width, height = framebuffer_px
    if layout == "wipe":
        whole, at = (0, 0, width, height), round(width * divider)
        left, right = (0, 0, at, height), (at, 0, width - at, height)
        return tuple(Pane(output, whole, part) for output, part in zip(outputs, (left, right), strict=True))
    if layout == "cut":
        whole = (0, 0, width, height)
        return tuple(Pane(output, whole, whole, bool(number)) for number, output in enumerate(outputs))
    across, down = _ACROSS_AND_DOWN[layout]
    strip = round(width * STRIP_SHARE) if layout == "beside" else 0
    pane_width, pane_height = max(1, (width - strip) // across), max(1, height // down)
    lefts, tops = (0, width - pane_width)[:across], (0, height - pane_height)[:down]
    boxes = [(left, top, pane_width, pane_height) for top in tops for left in lefts]
    return tuple(Pane(output, box, box) for output, box in zip(outputs, boxes, strict=True))
