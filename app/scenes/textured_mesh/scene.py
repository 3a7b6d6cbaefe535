"""The scene of a textured mesh, which one flies through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...scene import Gesture, Scene
from .controls import FlightControls
from .settings import FLIGHT_SETTINGS

if TYPE_CHECKING:
    from ...action import Action


class TexturedMesh(Scene):
    """A mesh whose texture is a field, filtered once for every visible pixel."""

    name, title, family, controls = "textured_mesh", "fly-through", "camera", FlightControls
    path_title = "a flight"
    invitation = "Drop a model to fly through it: OBJ, GLB, glTF or PLY"
    settings = FLIGHT_SETTINGS

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
