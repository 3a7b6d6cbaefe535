"""What brings a scene that a camera sees into the window: its view, the frames of its recordings, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import moderngl

from fieldcore.errors import InputError

from ..gl.image_overlays import Surface
from ..record.live import LiveRecorder
from ..services import Services
from ..viewport.kept_frame import draw_fitted
from ..viewport.viewport import Viewport

State = TypeVar("State")
View = TypeVar("View", bound=Viewport)


class CameraPresenter(Generic[State, View]):
    """Base of the scenes' presenters.

    Args:
        services: what the session shares.
        state: what is shown.
        view: draws the scene.
        recorder: makes the frames of recordings behind that.
        describe: says of controls what a frame shows, for reports.
    """

    def __init__(
        self,
        services: Services,
        state: State,
        view: View,
        recorder: LiveRecorder[Any, Any],
        describe: Callable[[Any], dict[str, Any]],
    ) -> None:
        self._services, self._state, self._view = services, state, view
        self._recorder, self._describe = recorder, describe
        self._told: dict[str, Any] = {}

    def draw(self, surface: Surface) -> None:
        """Show the latest frame."""
        self._view.draw(surface)

    def see(self, surface: moderngl.Framebuffer, controls: Any) -> dict[str, Any]:
        """Draw what the view shows at the size of ``surface``; returns what that is, for a report."""
        draw_fitted(self.draw, surface, self._services.framebuffer_px)
        return self._describe(controls)

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._view.release()
        self._recorder.release()

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Do it; what a person can mend is told. Returns whether all was well."""
        try:
            work()
        except InputError as error:
            self._services.fail(error)
            return False
        return True

    def _go_on_recording(self, seconds: float) -> None:
        """Make frames of a recording for about so long; one that cannot be made ends it."""
        filming = self._services.recording.running is not None
        if not self._attempt(lambda: self._recorder.advance(seconds)) and filming:
            self._services.recording.give_up()

    def _tell(self, shown: dict[str, Any], **more: Any) -> None:
        """Report what is shown, whenever that is something else, and more that is known of it."""
        if shown != self._told:
            self._told = shown
            self._services.report("shown", **shown, **more)
