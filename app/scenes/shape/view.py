"""The shape scene in a window: coarse frames while something moves, whole ones at rest, and no wait in the loop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import moderngl

from ...frame_size import Size, coarser
from ...viewport.viewport import Viewport
from .bake import Bake
from .compositor import ShapeCompositor, ShapePane
from .controls import ShapeControls, ShapeSource
from .surface_buffers import SurfaceBuffers
from .uploads import Upload

MOVING_S = 0.006
"""What a frame may take while something moves, if nothing else were done: the same processor bakes meanwhile."""


@dataclass(frozen=True)
class Wanted:
    """What the window is to show.

    Attributes:
        controls: what.
        size: in pixels.
        pixel_ratio: framebuffer pixels in a point of the display.
        bakes: of the shapes, the latest that there are.
        labels: what is said about them.
        moving: whether more of the kind will follow at once.
        exact: the surface of the field itself, if it has been found.
    """

    controls: ShapeControls
    size: Size
    pixel_ratio: float
    bakes: Mapping[ShapeSource, Bake]
    labels: Mapping[ShapeSource, str]
    moving: bool
    exact: SurfaceBuffers | None

    @property
    def look(self) -> tuple[Any, ...]:
        """All that the pixels depend on, the bakes aside."""
        return self.controls, self.size, self.pixel_ratio, tuple(self.labels.items()), self.exact


class ShapeView(Viewport):
    """Draws the shape scene from bakes that are uploaded a slab at a time.

    Args:
        context: the window's; current whenever anything is called.

    Attributes:
        milliseconds: that the frame shown took to draw.
    """

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._scene = self.own(ShapeCompositor(context))
        self._uploads: dict[ShapeSource, Upload] = {
            source: self.own(Upload(context)) for source in get_args(ShapeSource)
        }
        self._wanted: Wanted | None = None
        self._composed_of: tuple[Any, ...] = ()
        self._divisor = 1
        self.milliseconds = 0.0

    @property
    def busy(self) -> bool:
        """Whether there is a slab to upload."""
        return any(upload.busy for upload in self._uploads.values())

    @property
    def bake(self) -> Bake | None:
        """The field's that a frame drawn now shows."""
        return self._uploads["field"].bake

    @property
    def at_rest(self) -> bool:
        """Whether what is wanted is shown as well as it can be from what there is."""
        wanted = self._wanted
        return wanted is not None and not self.busy and self._divisor == 1 and self._composed_of == self._of(wanted)

    def want(self, wanted: Wanted) -> None:
        """Show that from now on."""
        self._see((wanted.look, wanted.bakes))
        self._wanted = wanted
        for source, upload in self._uploads.items():
            bake = wanted.bakes.get(source)
            if bake is not None:
                upload.want(bake)
            else:
                upload.clear()

    def advance(self, seconds: float) -> None:
        """Upload for about so long. Raises InputError where the driver cannot hold a bake."""
        deadline = time.perf_counter() + seconds
        for upload in self._uploads.values():
            while upload.busy:
                upload.advance()
                if time.perf_counter() >= deadline:
                    return

    def compose(self) -> bool:
        """Draw what is wanted, if that looks different from what was drawn; returns whether it does."""
        wanted = self._wanted
        if wanted is None:
            return False
        resting, of = self._rests(wanted.moving), self._of(wanted)
        if of == self._composed_of and (self._divisor == 1 or not resting):
            return False
        kind = "-".join(map(str, (wanted.controls.comparison, wanted.controls.colouring, wanted.controls.shadows)))
        divisor = 1 if resting else self._pace.divisor({kind: wanted.size}, MOVING_S)
        started = time.perf_counter()
        panes = {
            source: ShapePane(upload.volume, wanted.labels.get(source, ""), wanted.exact if source == "field" else None)
            for source, upload in self._uploads.items()
        }
        self._scene.draw(self._kept.surface_of(wanted.size), wanted.controls, panes, wanted.pixel_ratio, divisor)
        self._context.finish()  # or the driver would put off the work, and nobody would know how long it takes
        self.milliseconds = 1e3 * (time.perf_counter() - started)
        self._pace.note(kind, coarser(wanted.size, divisor), self.milliseconds)
        self._composed_of, self._divisor = of, divisor
        return True

    def _of(self, wanted: Wanted) -> tuple[Any, ...]:
        """What the frame is made of."""
        return *wanted.look, *(upload.bake for upload in self._uploads.values())
