"""One frame of the fly-through at full quality: each pane that the controls ask for shaded, all composed by the scene.

Windows, recordings and flights without a window make their frames here, so they agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Generator

from ...frame_size import Size
from ...gl.image_overlays import Surface
from .compositor import FlythroughScene, Pane
from .controls import BY_FIELD, FlightControls, Shading
from .panes import pane_sizes
from .shading import Shot
from .shading_set import Shadings

Panes = dict[Shading, Pane]


def shaded(controls: FlightControls, framebuffer_px: Size, shadings: Shadings) -> Generator[None, None, Panes]:
    """Shade what a frame shows, yielding between slices of work; the panes come last, as the generator's value.

    Labels say how each pane is shaded and nothing else: what is measured would not come out the same again. Ways that
    need a field are left out where there is none.

    Raises:
        InputError: the field is of a kind that cannot be drawn so.
    """
    panes: Panes = {}
    shots: dict[Size, Shot] = {}
    for name, size in pane_sizes(controls, framebuffer_px).items():
        if name in BY_FIELD and shadings.field is None:
            continue
        shot = shots.setdefault(size, Shot(shadings.geometry_pass, controls.camera, size))
        shading = shadings[name]
        yield from shading.shade(shot, controls)
        panes[name] = Pane(shading.albedo, shot.geometry, shading.label)
    return panes


def draw_frame(scene: FlythroughScene, surface: Surface, controls: FlightControls, shadings: Shadings) -> None:
    """Fill ``surface`` with what ``controls`` ask for, however long it takes. Raises InputError as ``shaded``."""
    scene.draw(surface, controls, finished(shaded(controls, surface.size, shadings)))


def finished(work: Generator[None, None, Panes]) -> Panes:
    """Do all the work, and return what it gives."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
