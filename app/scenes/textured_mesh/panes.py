"""Which ways of shading a comparison shows, and where in the frame."""

from __future__ import annotations

from collections.abc import Callable

from ...frame_size import Box, Size
from .controls import FOUR, FlightComparison, FlightControls, Shading


def shown_shadings(controls: FlightControls) -> tuple[Shading, ...]:
    """The ways of shading that the comparison needs, in reading order; of an error map the one judged comes first."""
    return _SHOWN[controls.comparison](controls)


def pane_boxes(controls: FlightControls, framebuffer_px: Size) -> tuple[Box, ...]:
    """Where each of ``shown_shadings`` is drawn. Those of a wipe and of an error map fill the frame together."""
    width, height = framebuffer_px
    across, down = _PANES[controls.comparison]
    pane_width, pane_height = max(1, width // across), max(1, height // down)
    # An odd pixel is left between the panes.
    lefts, tops = [0, width - pane_width][:across], [0, height - pane_height][:down]
    boxes = tuple((left, top, pane_width, pane_height) for top in tops for left in lefts)
    return boxes if len(boxes) > 1 else boxes * len(shown_shadings(controls))


def pane_sizes(controls: FlightControls, framebuffer_px: Size) -> dict[Shading, Size]:
    """The size at which each way of shading that the comparison needs is to be shaded."""
    boxes = pane_boxes(controls, framebuffer_px)
    return {shading: box[2:] for shading, box in zip(shown_shadings(controls), boxes, strict=True)}


def _four(controls: FlightControls) -> tuple[Shading, ...]:
    return (*FOUR[:3], FOUR[3] if controls.shading in FOUR[:3] else controls.shading)


_SHOWN: dict[FlightComparison, Callable[[FlightControls], tuple[Shading, ...]]] = {
    "one": lambda controls: (controls.shading,),
    "wipe": lambda controls: (controls.shading, controls.other),
    "two_up": lambda controls: (controls.shading, controls.other),
    "four": _four,
    "error": lambda controls: (controls.shading, "supersampled"),
}
_PANES: dict[FlightComparison, Size] = {
    "one": (1, 1),
    "wipe": (1, 1),
    "two_up": (2, 1),
    "four": (2, 2),
    "error": (1, 1),
}
"""How many panes lie side by side and one below the other."""
