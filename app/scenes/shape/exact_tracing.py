"""The field itself seen in a window: traced while nothing moves, by the worker thread."""

from __future__ import annotations

import time
from typing import Any

import moderngl

from fieldcore.fields.field import Field

from ...document import Document
from ...frame_size import Size
from ...work.asking import Asking
from ...work.engine import Engine
from ...work.slices import Slices, Work
from .bake_request import TILE_SECONDS
from .controls import ShapeControls
from .exact_surface import finding_field
from .sight import Sight
from .surface_buffers import SurfaceBuffers

_FORETOLD_BY = 4
"""How much coarser than its pixels the surface is found at first, which foretells how long the whole will take."""

_TELL_AFTER_S = 1.0
_TRACING = "tracing"


class ExactTracing(Slices):
    """Finds the surface of what is shown.

    Args:
        context: current whenever anything is called.
        engine: who evaluates.

    Attributes:
        found: the surface; None while it is not known.
    """

    def __init__(self, context: moderngl.Context, engine: Engine) -> None:
        self._context = context
        self._asking = Asking(engine, True, TILE_SECONDS)
        super().__init__(lambda: self._asking.waiting)
        self._of: tuple[Any, ...] | None = None
        self._began_at = self._first_s = 0.0
        self.found: SurfaceBuffers | None = None

    @property
    def working(self) -> str:
        """How far it is, where that takes longer than a moment."""
        spent = time.perf_counter() - self._began_at
        if _TRACING not in self.works or spent < _TELL_AFTER_S:
            return ""
        whole = self._first_s * _FORETOLD_BY**2
        share = f": {min((spent - self._first_s) / whole, 0.99):.0%}" if self._first_s else ""
        return f"tracing the field itself{share}"

    def want(self, document: Document, controls: ShapeControls, framebuffer_px: Size, at_rest: bool) -> None:
        """Find the surface of that field in a frame of that size, unless it is known already.

        Args:
            document: whose field.
            controls: what is shown, the field among it.
            framebuffer_px: size of the frame.
            at_rest: whether to begin, if need be; else only what is not wanted any more is given up.
        """
        size = controls.pane_size(framebuffer_px)
        curved = controls.colouring == "curvature"
        of = document, document.version, Sight.of(controls), controls.smoothing, controls.cells, size, curved
        if of != self._of:
            self.give_up()
        if of != self._of and at_rest:
            self._of, self._began_at, self._first_s = of, time.perf_counter(), 0.0
            self.begin(_TRACING, self._finding(document.field, controls, size))

    def give_up(self) -> None:
        """Nobody wants it any more."""
        self.drop(_TRACING)
        self._of = None
        if self.found is not None:
            self.found.release()
        self.found = None

    def release(self) -> None:
        """Give everything back to the driver."""
        self.give_up()

    def _finding(self, field: Field, controls: ShapeControls, size: Size) -> Work:
        coarse = max(1, size[0] // _FORETOLD_BY), max(1, size[1] // _FORETOLD_BY)
        yield from finding_field(self._asking, field, controls, coarse)
        self._first_s = time.perf_counter() - self._began_at
        arrays = yield from finding_field(self._asking, field, controls, size)
        self.found = SurfaceBuffers(self._context, size)
        self.found.write(arrays, Sight.of(controls))
