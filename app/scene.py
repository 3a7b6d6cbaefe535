"""What a scene is: one kind of thing that can be opened, shown, compared and recorded.

A scene is one object in a folder of its own. All tables (settings, actions, command lines, paths, help, docs, groups of
the panel, what can be opened) are made from ``app.scenes.SCENES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from .compare import Compare
from .frame_size import Size
from .path.keyframes import KeyframePath

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts

    from .action import Action
    from .record.passes import Pass
    from .record.recording import Recording
    from .scene_state import SceneState
    from .services import Services
    from .setting import Setting

SceneName = str

Family = Literal["plane", "camera"]
"""What lies on a plane that is panned and zoomed, or what is seen by a camera that flies and orbits."""

Gesture = tuple[str, str, str]
"""What the mouse or held keys do: group, gesture, meaning."""


@runtime_checkable
class Presenter(Protocol):
    """What brings a scene into the window, and makes its frames of a recording."""

    @property
    def shown(self) -> Any:
        """What was evaluated for the latest frame, None where nothing is told of it."""

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""

    def see(self, surface: Any, controls: Any) -> dict[str, Any]:
        """Draw what the view shows at the size of ``surface``; returns what that is, for a report."""

    def light(self, pixels: Any) -> Any:
        """The linear light of the view, of which these are the pixels, each (h, w, 3)."""

    def film(self, subject: Any, controls: Any, size: Size, of: Pass) -> None:
        """Make a frame of the recording in the background."""

    def advance(self, pixel_ratio: float) -> bool:
        """Go on with what is under way; returns whether the view looks different from before."""

    def advance_unseen(self) -> None:
        """Go on with what is left to do while another scene is shown."""

    def draw(self, surface: Any) -> None:
        """Show the latest frame."""

    def release(self) -> None:
        """Free what it holds in OpenGL."""


@dataclass(frozen=True)
class PanelGroup:
    """A group of the panel.

    Attributes:
        title: unique.
        build: makes it, on a board and in a header.
        order: where it is among the others, from the top; see ``app/panel/groups.py``.
        is_open: whether it is unfolded at first.
        scenes: where it is there, which the table of groups says.
    """

    title: str
    build: Callable[[Any, Any], None]
    order: int
    is_open: bool = True
    scenes: tuple[SceneName, ...] = ()


class Scene:
    """A scene, without anything that is open in it.

    Attributes:
        name: in paths, events and folders.
        title: for people.
        family: how one moves in it.
        controls: what it is asked to show; the type declares every entry, once.
        path_title: what messages call a path of it.
        invitation: what is written on the view while nothing is open.
        opens: what files it opens, for people.
        signals: the types of signals whose fields it shows; of none those that no other scene shows.
        signals_beside: those whose fields it takes for something that is open or is opened with them.
        own_kinds: types of signals, with a kind of their fields, that it shows unless another scene that is shown can.
        kinds: types of signals, with a kind of their fields, that it takes where it is shown, or nothing else is opened
            and they are no other scene's own.
        reports: whether frames of it can be compared with a reference.
    """

    name: ClassVar[SceneName]
    title: ClassVar[str]
    family: ClassVar[Family]
    controls: ClassVar[type[Compare]]
    path_title: ClassVar[str]
    invitation: ClassVar[str]
    opens: ClassVar[str] = ""
    signals: ClassVar[tuple[str, ...]] = ()
    signals_beside: ClassVar[tuple[str, ...]] = ()
    own_kinds: ClassVar[tuple[tuple[str, str], ...]] = ()
    kinds: ClassVar[tuple[tuple[str, str], ...]] = ()
    reports: ClassVar[bool] = False

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Its own, in the panel's order: those of its entries, unless it has others."""
        from .entry_settings import settings_of

        return settings_of(self.controls, (self.name,))

    @property
    def passes(self) -> Mapping[str, Pass]:
        """By name the ways of looking that a path can be rendered in, beside what its keyframes show: its outputs."""
        from .record.passes import Pass

        return {name: Pass(name) for name in self.controls.outputs()}

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of the files that it opens, fields and paths aside, as far as they are known by that."""
        return ()

    @property
    def suffixes_beside(self) -> tuple[str, ...]:
        """Of files that it takes for something that it opens with them."""
        return ()

    def can_open(self, source: str) -> bool:
        """Whether a file is one that it opens, by its name; files that cannot be read count, too."""
        return Path(source).suffix.lower() in self.suffixes

    def check_field(self, facts: SignalFacts) -> None:
        """Raise InputError if it cannot show a field of such a signal."""

    def sources(self, facts: SignalFacts, field: Path, known: Sequence[str]) -> Sequence[str]:
        """Where what a field was trained on may be: among ``known`` files, and where the signal's type says."""
        from fieldcore.signals import signal_type  # it imports torch

        return [*known, *signal_type(facts).sources(facts)]

    def check_path(self, path: KeyframePath[Any]) -> None:
        """Raise InputError, which names the keyframe, for what no entry's own check can know."""

    # What its folder has, by the names of files; each is imported when it is first asked for.

    @property
    def actions(self) -> tuple[Action, ...]:
        """Its own: ``ACTIONS`` of ``actions.py``."""
        return self._part("actions", "ACTIONS")

    @property
    def gestures(self) -> tuple[Gesture, ...]:
        """What the mouse and held keys do in it: ``GESTURES`` of ``actions.py``."""
        return self._part("actions", "GESTURES")

    @property
    def commands(self) -> dict[str, Callable[[Any], str]]:
        """By its name in the panel, what makes a command line from the session: ``COMMANDS`` of ``commands.py``."""
        return self._part("commands", "COMMANDS")

    @property
    def groups(self) -> tuple[PanelGroup, ...]:
        """Its groups of the panel: ``GROUPS`` of ``panel.py``."""
        return self._part("panel", "GROUPS")

    @property
    def parts(self) -> dict[str, Callable[[Any], Callable[[], None]]]:
        """What it adds to groups of the panel, by their titles: ``PARTS`` of ``panel.py``.

        Each is made on a board, and returns what brings it up to date.
        """
        return self._part("panel", "PARTS")

    def state(self, services: Services) -> SceneState:
        """What is open and shown in it in a session, at first nothing: by ``STATE`` of ``state.py``."""
        return self._part("state", "STATE")(services)

    def presenter(self, context: Any, services: Services, state: Any) -> Presenter:
        """What draws its ``state`` in the window, whose context is current: by ``PRESENTER`` of ``presenter.py``."""
        return self._part("presenter", "PRESENTER")(context, services, state)

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """Render a path without a window, by ``PATHS`` of ``rendering.py``.

        Returns:
            what was recorded, and a table of figures for people, empty where there are none.
        """
        from .record.path_rendering import render_path

        return render_path(options, path, self._part("rendering", "PATHS")())

    def _part(self, file: str, name: str) -> Any:
        """Of a file in its folder; of a scene that is one file, of that."""
        package = type(self).__module__.rpartition(".")[0]
        return getattr(import_module(f"{package}.{file}" if package else type(self).__module__), name)

    @property
    def other_renders(self) -> dict[str, Callable[[Any], tuple[Recording, str]]]:
        """What it renders that is no path, by the name of the option that asks for it."""
        return {}
