"""The scene of a textured mesh, which one flies through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...path.keyframes import KeyframePath
from ...scene import Gesture, Presenter, Scene
from .controls import FLIGHT_PASSES, FlightControls
from .settings import FLIGHT_SETTINGS

if TYPE_CHECKING:
    from ...action import Action
    from ...record.recording import Recording


class TexturedMesh(Scene):
    """A mesh whose texture is a field, filtered once for every visible pixel."""

    name, title, family, controls = "textured_mesh", "fly-through", "camera", FlightControls
    path_title = "a flight"
    invitation = "Drop a model to fly through it: OBJ, GLB, glTF or PLY"
    settings = FLIGHT_SETTINGS
    passes = FLIGHT_PASSES
    reports = True

    @property
    def actions(self) -> tuple[Action, ...]:
        """See the base."""
        from .actions import FLIGHT_ACTIONS

        return FLIGHT_ACTIONS

    @property
    def gestures(self) -> tuple[Gesture, ...]:
        """See the base."""
        from .actions import FLIGHT_GESTURES

        return FLIGHT_GESTURES

    @property
    def commands(self) -> dict[str, Callable[[Any], str]]:
        """See the base."""
        from .commands import COMMANDS

        return COMMANDS

    def presenter(self, context: Any, session: Any) -> Presenter:
        """See the base."""
        from .presenter import FlightPresenter

        return FlightPresenter(context, session, session.cockpit)

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """See the base."""
        from ...record.path_rendering import render_path
        from .rendering import FlightPaths

        return render_path(options, path, FlightPaths())

    @property
    def other_renders(self) -> dict[str, Callable[[Any], tuple[Recording, str]]]:
        """See the base."""
        from .rendering import render_sequence

        return {"uv_sequence": render_sequence}
