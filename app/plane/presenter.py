"""Brings a scene on a plane into the window, and draws the frames of a recording."""

from __future__ import annotations

from functools import partial
from typing import Any

import moderngl

from ..frame_size import Size
from ..gl.handover import Handover
from ..gl.hidden_surface import HiddenSurface
from ..gl.image_overlays import Surface
from ..record.live import LiveRecorder
from ..services import Services
from ..work.asking import Asking
from ..work.engine import Evaluated
from .compositor import PlaneCompositor
from .controls import PlaneControls, description_of
from .plane_state import PlaneState
from .renderer import PlaneRenderer
from .request import PlaneRequest

UPLOAD_S = 0.004
"""Time of a pass given to uploading."""


class PlanePresenter:
    """Draws what the state says.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.

    Attributes:
        shown: what was evaluated for the latest frame.
    """

    def __init__(self, context: moderngl.Context, services: Services, state: PlaneState) -> None:
        self._services, self._state = services, state
        self._handover = Handover(context, services.device, notify=self._fell_back)
        services.engine.way = self._handover.way
        self._scene = PlaneCompositor(context, self._handover)
        renderer = PlaneRenderer(context, self._handover, Asking(services.engine, for_view=False), owns_handover=False)
        self._filming = LiveRecorder(renderer, HiddenSurface(context), services.recording.frame_made)
        self._uploading: Evaluated | None = None
        self._drawn: tuple[PlaneControls, Size, float] | None = None
        self._pixel_ratio = 1.0
        self.shown: Evaluated | None = None

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""
        return self._filming.busy or (seen and self._scene.uploading)

    def advance(self, pixel_ratio: float) -> bool:
        """Upload a slice of what has arrived; returns whether the view looks different from before."""
        self.advance_unseen()
        state = self._state
        evaluated = state.evaluated
        if evaluated is not None and evaluated is not self._uploading:
            self._uploading = evaluated
            self._services.attempt(partial(self._scene.show, evaluated.stage.layers))
        arrived = self._scene.uploading and self._scene.upload(UPLOAD_S)
        looks = state.controls, self._services.framebuffer_px, pixel_ratio
        if not arrived and (looks == self._drawn or state.answer_is_near):
            return False
        self._drawn, self._pixel_ratio = looks, pixel_ratio
        if arrived and self._uploading is not None:
            self.shown = self._uploading
            self._tell(self._uploading)
        return True

    def advance_unseen(self) -> None:
        """Go on with a frame of the recording, if one is being made."""
        if not self._services.attempt(self._filming.advance):
            self._services.recording.give_up()

    def draw(self, surface: Surface) -> None:
        """Show the latest frame."""
        self._scene.draw(surface, self._state.controls, self._pixel_ratio)

    def see(self, surface: Surface, controls: PlaneControls) -> dict[str, Any]:
        """Draw what the view shows at the size of ``surface``; returns what that is, for a report."""
        self._scene.draw(surface, controls)
        return description_of(controls)

    def film(self, frame: PlaneRequest) -> None:
        """Make a frame of the recording in the background."""
        self._filming.film(frame.sources, frame.controls, frame.framebuffer_px)

    def release(self) -> None:
        """Give everything back to the driver."""
        self._scene.release()
        self._filming.release()
        self._handover.release()

    def _fell_back(self, sentence: str) -> None:
        self._services.engine.way = self._handover.way
        self._services.notice(sentence)

    def _tell(self, evaluated: Evaluated) -> None:
        """Report what has become visible, to a program that drives the window."""
        if evaluated.stage.final:
            controls = evaluated.request.controls
            self._services.report("shown", field=controls.field, **description_of(controls))
