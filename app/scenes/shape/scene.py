"""The shape scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...path.keyframes import KeyframePath
from ...scene import Gesture, Presenter, Scene
from .controls import SHAPE_PASSES, ShapeControls
from .settings import SHAPE_SETTINGS

if TYPE_CHECKING:
    from ...action import Action
    from ...record.recording import Recording


class Shape(Scene):
    """The zero level of a signed distance, smoothed, cut open and compared with the truth."""

    name, title, family, controls = "shape", "shapes", "camera", ShapeControls
    path_title = "a path of a shape"
    invitation = "Drop a mesh to turn its scale, or a field of a shape to look at it"
    settings = SHAPE_SETTINGS
    passes = SHAPE_PASSES
    reports = True

    @property
    def actions(self) -> tuple[Action, ...]:
        """See the base."""
        from .actions import SHAPE_ACTIONS

        return SHAPE_ACTIONS

    @property
    def gestures(self) -> tuple[Gesture, ...]:
        """See the base."""
        from .actions import SHAPE_GESTURES

        return SHAPE_GESTURES

    @property
    def commands(self) -> dict[str, Callable[[Any], str]]:
        """See the base."""
        from .commands import COMMANDS

        return COMMANDS

    def presenter(self, context: Any, session: Any) -> Presenter:
        """See the base."""
        from .presenter import ShapePresenter

        return ShapePresenter(context, session, session.stand)

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """See the base."""
        from ...record.path_rendering import render_path
        from .rendering import ShapePaths

        return render_path(options, path, ShapePaths())
