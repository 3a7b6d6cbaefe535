"""Which shapes a comparison shows, and where in the frame."""

from __future__ import annotations

from ...frame_size import Box, Size
from .controls import ShapeComparison, ShapeControls, ShapeSource

SHOWN: dict[ShapeComparison, tuple[ShapeSource, ...]] = {
    "field": ("field",),
    "truth": ("truth",),
    "error": ("field",),
    "wipe": ("field", "truth"),
    "two_up": ("field", "truth"),
}
"""What has a pane, in reading order; an error map is of the field's surface."""

NEEDED: dict[ShapeComparison, tuple[ShapeSource, ...]] = {**SHOWN, "error": ("field", "truth")}
"""Whose signed distances the comparison needs."""


def pane_boxes(controls: ShapeControls, framebuffer_px: Size) -> dict[ShapeSource, Box]:
    """Where each shape is drawn. Those of a wipe fill the frame together."""
    width, height = framebuffer_px
    sources = SHOWN[controls.comparison]
    if controls.comparison != "two_up":
        return dict.fromkeys(sources, (0, 0, width, height))
    half = max(1, width // 2)
    # An odd pixel is left between the panes.
    return {"field": (0, 0, half, height), "truth": (width - half, 0, half, height)}


def visible_boxes(controls: ShapeControls, framebuffer_px: Size) -> dict[ShapeSource, Box]:
    """The part of each shape's box that is seen: all of it, but of a wipe only what is on its side of the divider."""
    boxes = pane_boxes(controls, framebuffer_px)
    if controls.comparison != "wipe":
        return boxes
    width, height = framebuffer_px
    divider = round(width * controls.divider)
    return {"field": (0, 0, divider, height), "truth": (divider, 0, width - divider, height)}
