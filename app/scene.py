"""What a scene is: one kind of thing that can be opened, shown, compared and recorded."""

from __future__ import annotations

from typing import Any, ClassVar

from .entries import Controls
from .path.keyframes import KeyframePath


class Scene:
    """A scene, without anything that is open in it.

    Attributes:
        name: in paths and folders.
        title: for people.
        controls: what it is asked to show; the type declares every entry, once.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    controls: ClassVar[type[Controls]]

    def check_path(self, path: KeyframePath[Any]) -> None:
        """Raise InputError, which names the keyframe, for what no entry's own check can know."""
