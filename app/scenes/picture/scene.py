"""The picture scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fieldcore.errors import InputError

from ...path.keyframes import KeyframePath
from ...scene import Gesture, Scene
from .controls import Controls
from .settings import PICTURE_SETTINGS

if TYPE_CHECKING:
    from ...action import Action
    from ...record.recording import Recording


class Picture(Scene):
    """A field on a plane, smoothed and compared with the truth."""

    name, title, family, controls = "picture", "pictures", "plane", Controls
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

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """See the base."""
        from .rendering import render_pictures

        return render_pictures(options, path)

    def check_path(self, path: KeyframePath[Any]) -> None:
        """A two-up needs a second field."""
        for index, keyframe in enumerate(path.keyframes):
            if keyframe.comparison == "two_up" and not path.still.other:
                raise InputError(
                    f'keyframes[{index}].comparison: "two_up" shows a second field on the right; name its file in '
                    "the path's entry 'other'"
                )
