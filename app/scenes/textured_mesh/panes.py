"""Which ways of shading a comparison shows, and where in the frame."""

from __future__ import annotations

from ...compositor import Layout, Pane, panes_of
from ...frame_size import Size
from .controls import FOUR, JUDGE, Shading, TexturedMeshComparison, TexturedMeshControls

LAYOUTS: dict[TexturedMeshComparison, Layout] = {
    "one": "one",
    "wipe": "wipe",
    "two_up": "two_up",
    "four": "four",
    "error": "one",
}


def shown_shadings(controls: TexturedMeshControls) -> tuple[Shading, ...]:
    """The ways of shading that the comparison needs, in reading order; of an error map the one judged comes first."""
    if controls.comparison == "error":
        return (controls.shading, JUDGE)
    return _in_panes(controls)


def textured_mesh_panes(controls: TexturedMeshControls, framebuffer_px: Size) -> tuple[Pane[Shading], ...]:
    """Where each way of shading is drawn; an error map is where the way that it judges is."""
    return panes_of(LAYOUTS[controls.comparison], _in_panes(controls), framebuffer_px, controls.divider)


def pane_size(controls: TexturedMeshControls, framebuffer_px: Size) -> Size:
    """The size at which each way of shading that the comparison needs is to be shaded."""
    return textured_mesh_panes(controls, framebuffer_px)[0].size


def _in_panes(controls: TexturedMeshControls) -> tuple[Shading, ...]:
    layout = LAYOUTS[controls.comparison]
    if layout == "four":
        return (*FOUR[:3], FOUR[3] if controls.shading in FOUR[:3] else controls.shading)
    return (controls.shading,) if layout == "one" else (controls.shading, controls.other)
