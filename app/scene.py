"""What a scene is: one kind of thing that can be opened, shown, compared and recorded.

A scene is one object in a folder of its own. All tables (settings, actions, command lines, paths, help, docs) are made
from ``app.scenes.SCENES``. What is open in a scene is still made by ``session.py``, and the panel's groups name scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from .entries import Controls
from .path.keyframes import KeyframePath

if TYPE_CHECKING:
    from .action import Action
    from .record.passes import Pass
    from .record.recording import Recording
    from .setting import Setting

SceneName = str

Family = Literal["plane", "camera"]
"""What lies on a plane that is panned and zoomed, or what is seen by a camera that flies and orbits."""

Gesture = tuple[str, str, str]
"""What the mouse or held keys do: group, gesture, meaning."""


@runtime_checkable
class Presenter(Protocol):
    """What brings a scene that is seen by a camera into the window, and makes its frames of a recording."""

    @property
    def shown(self) -> Any:
        """What was evaluated for the latest frame, None where nothing is told of it."""

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""

    def film(self, frame: Any) -> None:
        """Make a frame of the recording in the background."""

    def advance(self, pixel_ratio: float) -> bool:
        """Go on with what is under way; returns whether the view looks different from before."""

    def advance_unseen(self) -> None:
        """Go on with what is left to do while another scene is shown."""

    def draw(self, surface: Any) -> None:
        """Show the latest frame."""

    def release(self) -> None:
        """Free what it holds in OpenGL."""


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
        passes: ways of looking that a path of it can be rendered in, beside what its keyframes show, by name.
        reports: whether frames of it can be compared with a reference.
    """

    name: ClassVar[SceneName]
    title: ClassVar[str]
    family: ClassVar[Family]
    controls: ClassVar[type[Controls]]
    path_title: ClassVar[str]
    invitation: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]]
    passes: ClassVar[Mapping[str, Pass]] = {}
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

    def presenter(self, context: Any, session: Any) -> Presenter:
        """What draws it in the window, whose OpenGL context is current; a plane's is drawn by the window itself."""
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
