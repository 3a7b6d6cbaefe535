"""Brings a scene on a plane into the window, and draws the frames of a recording."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from ..gl.handover import Handover
from ..gl.image_overlays import Surface
from ..gl.offscreen import read_light
from ..gl.owner import Target
from ..services import Services
from ..viewport.presenter import BEHIND_S, ScenePresenter
from ..work.asking import Asking
from ..work.engine import Evaluated
from .compositor import PlaneCompositor
from .controls import PlaneControls, description_of
from .plane_state import PlaneState
from .renderer import PlaneRenderer

UPLOAD_S = 0.004
"""Time of a pass given to uploading."""


class PlanePresenter(ScenePresenter[PlaneState]):
    """Draws what the state says.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
    """

    compositor: ClassVar[type[PlaneCompositor]] = PlaneCompositor

    def __init__(self, context: moderngl.Context, services: Services, state: PlaneState) -> None:
        self._context = context
        self._handover = Handover(context, services.device, notify=self._fell_back)
        services.engine.way = self._handover.way
        self._scene = self.compositor(context, self._handover)
        state.scale_bars = lambda: self._scene.bars
        asking = Asking(services.engine, for_view=False)
        renderer = PlaneRenderer(context, self._handover, asking, owns_handover=False)
        super().__init__(context, services, state, renderer)
        self._uploading: Evaluated | None = None
        self._drawn: tuple[object, ...] | None = None
        self._pixel_ratio = 1.0

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""
        return self._recorder.busy or (seen and self._scene.uploading)

    def advance(self, pixel_ratio: float) -> bool:
        """Upload a slice of what has arrived; returns whether the view looks different from before."""
        self._go_on_recording(BEHIND_S)
        state = self._state
        evaluated = state.evaluated
        if evaluated is not None and evaluated is not self._uploading:
            self._uploading = evaluated
            self._services.attempt(partial(self._scene.show, evaluated.stage.layers, evaluated.stage.spectra))
        arrived = self._scene.uploading and self._scene.upload(UPLOAD_S)
        looks = state.controls, self._services.framebuffer_px, pixel_ratio, state.brush_ring
        if not arrived and (looks == self._drawn or state.answer_is_near):
            return False
        self._drawn, self._pixel_ratio = looks, pixel_ratio
        if arrived and self._uploading is not None:
            self.shown = self._uploading
            if self.shown.stage.final:
                controls = self.shown.request.controls
                self._services.report("shown", field=controls.field, **description_of(controls))
        return True

    def draw(self, surface: Surface) -> None:
        """Show the latest frame."""
        self._scene.draw(surface, self._state.controls, self._pixel_ratio, self._state.brush_ring, in_window=True)

    def see(self, surface: Surface, controls: PlaneControls) -> dict[str, Any]:
        """Draw what the view shows at the size of ``surface``; returns what that is, for a report."""
        self._scene.draw(surface, controls)
        return description_of(controls)

    def light(self, pixels: UInt8[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
        """See the base: that of the values themselves, without labels; of a diagonal cut that of what is shown."""
        if self._state.controls.layout == "cut":
            return super().light(pixels)
        target = Target(self._context, (pixels.shape[1], pixels.shape[0]), "f4")
        self._scene.draw_light(target.framebuffer, self._state.controls)
        light = read_light(target.framebuffer)
        target.release()
        return light

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._scene.release()
        super().release()
        self._handover.release()

    def _fell_back(self, sentence: str) -> None:
        self._services.engine.way = self._handover.way
        self._services.notice(sentence)
