"""Filming: the frames of a recording of shapes, made unseen, a slice at a time, behind what the view needs."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import moderngl

from fieldcore.errors import InputError

from ...covariance import Covariance
from ...document import Document
from ...frame_size import Size
from ...gl.hidden_surface import HiddenSurface
from ...gl.offscreen import read_pixels
from ...host import Host
from ...work.asking import Asking
from .bake import Bake
from .baking import bake_grid, gaussian_of
from .compositor import ShapeScene
from .controls import ShapeControls, ShapeSource
from .exact_tracing import finding_field
from .frame import description_of, draw_shape
from .panes import NEEDED, SHOWN, shape_panes
from .sight import Sight
from .stand import Stand, WantedFrame
from .surface_buffers import SurfaceBuffers
from .uploads import Upload
from .volume_texture import VolumeTexture


class Filming:
    """Makes one frame at a time.

    Args:
        context: the window's; current whenever anything is called.
        host: whose recording takes the frames.
        stand: who has the truth's bakes.
    """

    def __init__(self, context: moderngl.Context, host: Host, stand: Stand) -> None:
        self._context, self._host, self._stand = context, host, stand
        self._asking = Asking(host.engine, for_view=False)
        self._scene: ShapeScene | None = None
        self._uploads: dict[ShapeSource, Upload] = {}
        self._baked: tuple[tuple[Any, ...], Bake] | None = None
        self._surface = HiddenSurface(context)
        self._work: Generator[None, None, None] | None = None
        self._waits_for_truth = False

    @property
    def busy(self) -> bool:
        """Whether there is something to do for this thread."""
        return self._work is not None and not self._asking.waiting and not self._waits_for_truth

    def film(self, frame: WantedFrame) -> None:
        """Make a frame; nobody waits for another one any more."""
        if self._work is not None:
            self._work.close()
        self._work = self._film(frame)

    def advance(self, seconds: float) -> None:
        """Go on for about so long. Raises InputError where the frame cannot be made, which is then left."""
        deadline = time.perf_counter() + seconds
        while self._work is not None:
            try:
                next(self._work)
            except StopIteration:
                self._work = None
            except InputError:
                self._work = None
                raise
            if not self.busy or time.perf_counter() >= deadline:
                return

    def release(self) -> None:
        """Give everything back to the driver."""
        if self._work is not None:
            self._work.close()
        self._work = None
        self._surface.release()
        for upload in self._uploads.values():
            upload.release()
        if self._scene is not None:
            self._scene.release()
        self._uploads, self._scene = {}, None

    def _film(self, frame: WantedFrame) -> Generator[None, None, None]:
        started, controls, document = time.perf_counter(), frame.controls, frame.document
        volumes: dict[ShapeSource, VolumeTexture] = {}
        for source in NEEDED[controls.comparison]:
            making = self._field_bake if source == "field" else self._true_bake
            bake = yield from making(document, controls)
            upload = self._uploads.setdefault(source, Upload(self._context))
            upload.want(bake)
            while upload.busy:
                upload.advance()
                yield
            volumes[source] = upload.volume
        exact = yield from self._exact(document, controls, frame.size)
        surface = self._surface.of(frame.size)
        self._scene = self._scene or ShapeScene(self._context)
        draw_shape(self._scene, surface, controls, volumes, document.field.kind, exact)
        pixels = read_pixels(surface)
        if exact is not None:
            exact.release()
        drawn_ms = 1e3 * (time.perf_counter() - started)
        self._host.recording.frame_made(pixels, {**description_of(controls), "drawn_ms": round(drawn_ms, 3)})

    def _field_bake(self, document: Document, controls: ShapeControls) -> Generator[None, None, Bake]:
        of = document, document.version, controls.covariance, controls.cells
        if self._baked is None or self._baked[0] != of:
            bake = yield from self._baking(document, controls.covariance, controls.cells)
            self._baked = of, bake
        return self._baked[1]

    def _baking(self, document: Document, covariance: Covariance, cells: int) -> Generator[None, None, Bake]:
        for values in self._asking(document.field, bake_grid(cells), gaussian_of(covariance)):
            if values is None:
                yield
            else:
                distances = values[:, 0].float().cpu().numpy()
        return Bake(distances.reshape(cells, cells, cells))

    def _true_bake(self, document: Document, controls: ShapeControls) -> Generator[None, None, Bake]:
        if document.truth is None:
            raise InputError("the truth is not known: open the mesh that the field was trained on")
        self._waits_for_truth = True
        try:
            while (bake := self._stand.baker.true_bake(document, controls)) is None:
                yield
        finally:
            self._waits_for_truth = False
        return bake

    def _exact(
        self, document: Document, controls: ShapeControls, size: Size
    ) -> Generator[None, None, SurfaceBuffers | None]:
        if not controls.exact or "field" not in SHOWN[controls.comparison]:
            return None
        pane_px = shape_panes(controls, size)[0].size
        arrays = yield from finding_field(self._asking, document.field, controls, pane_px)
        found = SurfaceBuffers(self._context, pane_px)
        found.write(arrays, Sight.of(controls))
        return found
