"""What a scene is: one kind of thing that can be opened, shown, compared and recorded.

A scene is one object in a folder of its own. All tables (settings, actions, command lines, paths, help, docs) are made
from ``app.scenes.SCENES``; nothing else knows a scene by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .entries import Controls
from .path.keyframes import KeyframePath

if TYPE_CHECKING:
    from .action import Action
    from .record.recording import Recording
    from .setting import Setting

SceneName = str

Family = Literal["plane", "camera"]
"""What lies on a plane that is panned and zoomed, or what is seen by a camera that flies and orbits."""

Gesture = tuple[str, str, str]
"""What the mouse or held keys do: group, gesture, meaning."""


class Scene:
    """A scene, without anything that is open in it.

    Attributes:
        name: in paths, events and folders.
        title: for people.
        family: how one moves in it.
        controls: what it is asked to show; the type declares every entry, once.
        path_title: what messages call a path of it.
        invitation: what is written on the view while nothing is open.
        settings: its own.
        passes: ways of looking that a path of it can be rendered in, beside what its keyframes show.
        reports: whether frames of it can be compared with a reference.
    """

    name: ClassVar[SceneName]
    title: ClassVar[str]
    family: ClassVar[Family]
    controls: ClassVar[type[Controls]]
    path_title: ClassVar[str]
    invitation: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]]
    passes: ClassVar[tuple[str, ...]] = ()
    reports: ClassVar[bool] = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """Its own; made when they are first asked for, as they are not needed for help."""
        raise NotImplementedError

    @property
    def gestures(self) -> tuple[Gesture, ...]:
        """What the mouse and held keys do in it."""
        raise NotImplementedError

    @property
    def commands(self) -> dict[str, Callable[[Any], str]]:
        """By its name in the panel, what makes a command line from the session; empty where there is none now."""
        raise NotImplementedError

    @property
    def other_renders(self) -> dict[str, Callable[[Any], tuple[Recording, str]]]:
        """What it renders that is no path, by the name of the option that asks for it."""
        return {}

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """Render a path without a window.

        Returns:
            what was recorded, and a table of figures for people, empty where there are none.
        """
        raise NotImplementedError

    def check_path(self, path: KeyframePath[Any]) -> None:
        """Raise InputError, which names the keyframe, for what no entry's own check can know."""
