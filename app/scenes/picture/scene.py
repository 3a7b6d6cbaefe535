"""The picture scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...plane.scene import PlaneScene
from ...scene import Gesture
from .controls import Controls
from .settings import PICTURE_SETTINGS

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts

    from ...action import Action


class Picture(PlaneScene):
    """A field on a plane, smoothed and compared with the truth."""

    name, title, controls = "picture", "pictures", Controls
    path_title = "a path of pictures"
    invitation = "Drop a picture to turn its scale, or a field to look at it"
    settings = PICTURE_SETTINGS

    @property
    def actions(self) -> tuple[Action, ...]:
        """See the base."""
        from .actions import PICTURE_ACTIONS

        return PICTURE_ACTIONS

    @property
    def gestures(self) -> tuple[Gesture, ...]:
        """See the base."""
        from .actions import PICTURE_GESTURES

        return PICTURE_GESTURES

    @property
    def commands(self) -> dict[str, Callable[[Any], str]]:
        """See the base."""
        from .commands import COMMANDS

        return COMMANDS

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        from .checks import check_is_picture

        check_is_picture(facts)
