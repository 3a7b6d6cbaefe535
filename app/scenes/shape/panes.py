"""Which shapes a comparison shows, and where in the frame."""

from __future__ import annotations

from ...compositor import Layout, Pane, panes_of
from ...frame_size import Size
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


def layout_of(controls: ShapeControls) -> Layout:
    """How the shapes share the frame."""
    layouts: dict[ShapeComparison, Layout] = {"wipe": "wipe", "two_up": "two_up"}
    return layouts.get(controls.comparison, "one")


def shape_panes(controls: ShapeControls, framebuffer_px: Size) -> tuple[Pane[ShapeSource], ...]:
    """Where each shape is drawn."""
    return panes_of(layout_of(controls), SHOWN[controls.comparison], framebuffer_px, controls.divider)
