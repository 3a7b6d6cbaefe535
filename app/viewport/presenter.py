"""What brings a scene into the window: what is told of what is shown, and the frames of its recordings."""

from __future__ import annotations

from functools import partial
from typing import Any, Generic, TypeVar

import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from ..frame_size import Size
from ..gl.hidden_surface import HiddenSurface
from ..record.frame import light_of
from ..record.frame_renderer import FrameRenderer
from ..record.live import LiveRecorder
from ..record.passes import Pass
from ..services import Services

State = TypeVar("State")

BEHIND_S = 0.008
"""Time of a pass given to what goes on behind the view, where that has nothing to do."""


class ScenePresenter(Generic[State]):
    """Base of the presenters of both families; see ``app.scene.Presenter``.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
        renderer: makes the frames of recordings behind the view.

    Attributes:
        shown: what was evaluated for the latest frame, None where nothing is told of it.
    """

    def __init__(
        self, context: moderngl.Context, services: Services, state: State, renderer: FrameRenderer[Any, Any]
    ) -> None:
        self._services, self._state = services, state
        self._recorder = LiveRecorder(renderer, HiddenSurface(context), services.recording.frame_made)
        self._told: dict[str, Any] = {}
        self.shown: Any = None

    def film(self, subject: Any, controls: Any, size: Size, of: Pass) -> None:
        """Make a frame of the recording in the background."""
        self._recorder.film(subject, controls, size, of)

    def light(self, pixels: UInt8[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
        """The linear light of the view, of which these are the pixels: that of what is shown, unless more is known."""
        return light_of(pixels)

    def advance_unseen(self) -> None:
        """Go on with what is left to do while another scene is shown."""
        self._go_on_recording(BEHIND_S)

    def _go_on_recording(self, seconds: float) -> None:
        """Make frames of a recording for about so long, if there are any; one that cannot be made ends it."""
        if not self._recorder.works:
            return
        filming = self._services.recording.running is not None
        if not self._services.attempt(partial(self._recorder.advance, seconds)) and filming:
            self._services.recording.give_up()

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._recorder.release()

    def _tell(self, shown: dict[str, Any], **more: Any) -> None:
        """Report what is shown, whenever that is something else, and more that is known of it."""
        if shown != self._told:
            self._told = shown
            self._services.report("shown", **shown, **more)
