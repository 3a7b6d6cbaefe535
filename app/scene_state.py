"""The state of a scene: what is open in it, what it shows at a moment, and everything that can be done with it.

It knows neither OpenGL nor a window: keys and mouse come as plain calls, time as seconds, and a presenter draws what
the controls say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .compare import LAYOUTS, OTHER, Compare
from .document import Document
from .entries import Controls, Entry, entry_of, with_values
from .explain.topic import Topic
from .frame_size import Size
from .gl.canvas import ACCENT
from .histogram import Histograms
from .history import PATH, History
from .marks import Marks, Stroke
from .path.editor import PathEditor
from .path.keyframes import KeyframePath, with_keyed
from .path.timeline import Keyframe
from .scale_bar import ScaleBar
from .services import Services
from .work.engine import Trained

_DIVIDER_REACH_PT = 12
_SCALE_REACH_PX = 4.0

Position = tuple[float, float]
"""In pixels of the view."""


@dataclass(frozen=True)
class Inspected:
    """What is told of a point: names with their values, where it is in the view, and whether a click has pinned it."""

    rows: tuple[tuple[str, str], ...]
    at: Position
    pinned: bool = False


class SceneState(ABC):
    """What all scenes have.

    Args:
        services: what it shares with the other scenes.
        controls: what is shown at first.

    Attributes:
        controls: what is shown.
        path: the path being made.
        frame_facts: what the frame shown is, for the status line; empty where there is none.
        history: the steps that somebody has taken.
        inspecting: whether what is under the cursor is told.
        scale_bars: where the scales of error maps are in the view, as whatever draws them says.
        filmed_as_seen: whether a recording's frames are what is seen at the moment, since it cannot be shown again
            a moment later.
    """

    filmed_as_seen = False

    def __init__(self, services: Services, controls: Any) -> None:
        self._services = services
        self.inspecting = self._was_in_hand = False
        self.controls, self.path = controls, PathEditor()
        self.history = History(controls, self.path.shape)
        self.frame_facts = ""
        self._hand: tuple[str, Position | None] = ("", None)
        self._pressed_at: Position | None = None
        self.scale_bars: Callable[[], Sequence[ScaleBar]] = tuple
        self._dragged_scale: tuple[ScaleBar, float] | None = None
        self._alone: tuple[Any, Any] = None, None

    # What is shown

    @property
    @abstractmethod
    def nothing_shown(self) -> str:
        """Why there is nothing to look at; empty where there is something."""

    @property
    def page_options(self) -> dict[str, Any]:
        """What ``fieldcore export --to web`` is given beside the field shown, by the names of its options."""
        return {}

    @property
    @abstractmethod
    def document(self) -> Document | None:
        """The field shown, if there is one."""

    @property
    @abstractmethod
    def opened(self) -> dict[str, Any]:
        """What is open, by file, in order."""

    @property
    @abstractmethod
    def opened_shown(self) -> str:
        """The file of what is shown of it; empty where nothing is."""

    @abstractmethod
    def show_opened(self, path: str) -> None:
        """Show what is open by that file."""

    @abstractmethod
    def close_opened(self, path: str) -> None:
        """Forget what is open by that file, unless it is being trained or recorded."""

    def reload(self, path: str) -> None:
        """The file of what is open has changed: read it again."""
        self._services.notice(f"{Path(path).name} has changed on disk: close it and open it again to see that")

    def take_changed_source(self, source: str) -> None:
        """The file that open fields were made of has changed."""
        self._services.notice(f"{Path(source).name} has changed on disk; the fields that were made of it are as before")

    def show_number(self, number: int) -> None:
        """Show what is open at that place, from 1."""
        paths = list(self.opened)
        if number <= len(paths):
            self.show_opened(paths[number - 1])
        else:
            self._services.notice(f"{len(paths)} open here: there is no number {number}")

    def move_opened(self, path: str, step: int) -> None:
        """Let it stand so many places later in the order, or earlier."""
        opened = self.opened
        paths = list(opened)
        if path in paths:
            place = min(max(paths.index(path) + step, 0), len(paths) - 1)
            paths.remove(path)
            paths.insert(place, path)
            for each in paths:
                opened[each] = opened.pop(each)

    def show_alone(self, path: str) -> None:
        """Show it, and nothing beside it."""
        self.show_opened(path)
        self.arrange(replace(self.controls, layout="one", left=type(self.controls).left))

    def beside_refusal(self, path: str) -> str:
        """Why what is open by that file cannot be shown beside what is shown; empty where it can."""
        if OTHER not in type(self.controls).outputs():
            return self.nothing_shown or "this scene shows one at a time, beside its truth"
        return self.nothing_shown or ("this is what is shown: choose another" if path == self.opened_shown else "")

    @property
    def other_refusal(self) -> str:
        """Why there is nothing to show beside what is shown; empty where there is."""
        if getattr(self.controls, "other", "") in self.opened:
            return ""
        return "there is nothing to show beside it: open one more, and choose Beside in Source"

    def show_beside(self, path: str) -> None:
        """Show it on the right of what is shown, or say why it cannot be."""
        reason = self.beside_refusal(path)
        if reason:
            self._services.notice(reason)
            return
        self.change(other=path)
        controls = self.controls
        layout = "wipe" if controls.layout == "wipe" else "two_up"
        left = controls.left if controls.left in controls.judged and controls.left != OTHER else type(controls).left
        self.arrange(replace(controls, layout=layout, left=left, right=OTHER))

    def thumbnail_work(self, path: str, size: Size) -> tuple[Any, Callable[[], Any]] | None:
        """What makes a picture of about that size of what is open by that file, unseen, and what tells it from another.

        None where that would take more than a moment: then it is taken from the view.
        """
        return None

    @property
    def shows(self) -> tuple[Document | None, ...]:
        """The fields that what is shown is drawn from."""
        return (self.document,)

    @abstractmethod
    def subject(self, controls: Any) -> Any:
        """What frames of ``controls`` are made from, as the scene's renderer takes it."""

    # How outputs are compared

    @abstractmethod
    def output_refusal(self, output: str) -> str:
        """Why an output, other than the error, cannot be shown now; empty where it can."""

    def compare_refusal(self, what: str) -> str:
        """Why a layout, or one output alone, cannot be shown now; empty where it can."""
        return self._refusal(self._compared.showing(what))

    def compare(self, what: str) -> None:
        """Show a layout with what belongs into it, or an output alone; if it is shown already, what was before."""
        before = self._compared
        if self.controls.shows(what):
            self.arrange(replace(before, layout="one", left=before.subject))
        else:
            self.arrange(before.showing(what))
            if what not in LAYOUTS:
                self._alone = (self.controls, before)

    def arrange(self, shown: Compare) -> None:
        """Let the layout, the left and the right output be those of ``shown``, or say why they cannot be shown."""
        reason = self._refusal(shown)
        if reason:
            self._services.notice(reason)
        else:
            self.change(layout=shown.layout, left=shown.left, right=shown.right)

    @property
    def _compared(self) -> Compare:
        """The controls, while an output is shown alone with the sides that were compared before."""
        alone, before = self._alone
        controls: Compare = self.controls
        if alone is None or (alone.left, alone.right, alone.layout) != (controls.left, controls.right, controls.layout):
            return controls
        return replace(controls, left=before.left, right=before.right)

    def _refusal(self, shown: Compare) -> str:
        return self.nothing_shown or next(filter(None, map(self.output_refusal, shown.needed)), "")

    def change(self, **values: Any) -> None:
        """Change some of the controls; a path that is being played lets go."""
        self.path.pause()
        self.controls = replace(self.controls, **values)

    def set_entry(self, entry: Entry, value: Any) -> None:
        """Give an entry of the controls another value; a path that is being played lets go."""
        self.path.pause()
        self.controls = with_values(self.controls, {entry.parts: value})

    # Undo and redo

    @property
    def undo_refusal(self) -> str:
        """Why there is nothing to take back; empty where there is."""
        return "" if self.history.can_undo else "there is nothing to take back"

    @property
    def redo_refusal(self) -> str:
        """Why nothing that was taken back can be done again; empty where something can."""
        return "" if self.history.can_redo else "nothing was taken back that could be done again"

    def undo(self) -> None:
        """Take the latest step of the controls back."""
        self.history.note(self.controls, self._services.now, False, self.path.shape)
        self._put_back(self.history.undo())

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        self._put_back(self.history.redo())

    def _put_back(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if name == PATH:
                self.path.put_back(value)
            else:
                self.set_entry(entry_of(self.controls, name), value)
        self.controls = self._possible(self.controls)
        self.history.settle(self.controls, self.path.shape)

    def note_step(self, panel_held: bool) -> None:
        """Note what this pass has changed; ``panel_held``: whether a button is down on the panel."""
        in_hand = panel_held or self._hand[0] != "" or self.under_way
        if self._was_in_hand and not in_hand:
            self.history.end_step()
        self._was_in_hand = in_hand
        if not self.path.unsaved and not in_hand:  # loading a path is no step
            self.history.settle_path(self.path.shape)
        self.history.note(self.controls, self._services.now, in_hand, self.path.shape)

    # What is under the cursor

    @property
    def inspector_refusal(self) -> str:
        """Why nothing can be told of what is under the cursor; empty where it can."""
        return self.nothing_shown

    def inspect(self, inspecting: bool) -> None:
        """Tell what is under the cursor, or not."""
        self.inspecting = inspecting

    @property
    def inspected(self) -> Inspected | None:
        """What is told of the point under the cursor, or of the one that a click has pinned; None where nothing is."""
        return None

    @property
    def histograms(self) -> Histograms | None:
        """How often values and errors are in what is shown, as it was counted last; None where that is not known."""
        return None

    def topic_at(self, position: Position | None) -> Topic | None:
        """What can be explained of a place in the view: the output that is seen there."""
        if position is None or self.nothing_shown:
            return None
        for pane in reversed(self.controls.panes(self._services.framebuffer_px)):
            left, top, width, height = pane.visible
            if 0 <= position[0] - left < width and 0 <= position[1] - top < height:
                return Topic(pane.output, pane.output, "an output of the scene, as Left and Right of Compare list them")
        return None

    @property
    def marks(self) -> Marks | None:
        """What is drawn over the view beside the frame; None where nothing is."""
        cursor = self._services.cursor
        bar = self._dragged_scale[0] if self._dragged_scale is not None else self._bar_at(cursor) if cursor else None
        if bar is None:
            return None
        left, top, width, height = bar.box
        right, bottom = left + width, top + height
        corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
        return Marks((Stroke(tuple((float(x), float(y)) for x, y in corners), ACCENT[0], 2.0),))

    @property
    def path_strokes(self) -> tuple[Stroke, ...]:
        """The path where it lies in space, over the view; empty where it lies in none."""
        return ()

    @property
    def working(self) -> str:
        """What is being done that takes longer than a moment, in words; empty where nothing is."""
        return "; ".join(self._services.working)

    @property
    def waits_for_picture(self) -> bool:
        """Whether there is something to show of which no picture is there yet."""
        return not self.nothing_shown and not self.frame_facts

    # Opening and training

    @abstractmethod
    def open_shipped(self) -> None:
        """Open what comes with the program, where nothing else is open."""

    @abstractmethod
    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Open a file that is no field; ``beside`` are the files given with it that it may take."""

    @abstractmethod
    def open_beside(self, file: Path) -> None:
        """Open one more of these, which need not be shown."""

    @abstractmethod
    def take_document(self, document: Document, show: bool = True) -> bool:
        """A field was opened, or begins to be trained; returns False where nothing can be done with it here."""

    def claims(self, source: str) -> bool:
        """Whether a file that another scene opens is taken care of here, where this scene is shown."""
        return False

    @property
    def kind_to_train(self) -> str:
        """The kind of field that is made of what is shown, whatever the plan says; empty where the plan's is."""
        return ""

    @property
    @abstractmethod
    def train_refusal(self) -> str:
        """Why no training of what is shown could begin, whatever else is being trained; empty where one could."""

    @abstractmethod
    def train(self) -> None:
        """Train a new field on what is shown, after the plan."""

    # Recording and paths

    @property
    def named(self) -> Controls:
        """What is shown, with all the files that a path of it is to name."""
        named: Controls = self.controls
        return named

    @abstractmethod
    def source(self) -> dict[str, Any]:
        """What the report of a recording says of what is shown, which must be there."""

    def go_to(self, keyframe: Keyframe) -> None:
        """Show what a keyframe shows, as far as that can be shown now; what it does not key stays."""
        self.path.pause()
        self.controls = self._possible(with_keyed(self.controls, keyframe))

    def scrub(self, time: float) -> None:
        """Show the path at a moment, in seconds, as far as that can be shown; to look along it is no step to undo."""
        self.path.pause()
        self.history.note(self.controls, self._services.now, False, self.path.shape)
        self.controls = self._possible(self.path.scrubbed(time, self.controls))
        self.history.settle(self.controls, self.path.shape)

    @abstractmethod
    def take_path(self, path: KeyframePath[Any], file: Path) -> None:
        """Take the keyframes of a path that was read from a file, open what it names, and show how it begins."""

    def _possible(self, controls: Any) -> Any:
        """The controls without what cannot be shown now."""
        return controls.without(self.output_refusal)

    # The passage of time

    @property
    def under_way(self) -> bool:
        """Whether what is shown moves by itself or by a key that is held."""
        return self.path.playing

    def ask_again(self) -> None:  # noqa: B027 (most ask by themselves)
        """The scene is shown again: what was evaluated for it may have been given up."""

    def take_trained(self, event: Trained) -> None:  # noqa: B027 (the trainer knows of it)
        """A training has gone on, or has ended."""

    def advance(self, now: float) -> None:
        """One pass: move what moves, ask for what is to be shown."""
        if self.path.playing:
            self.controls = self._possible(self.path.shown(self.controls, now))

    # Keys and mouse

    captured = False
    """Whether the mouse looks around and its cursor is hidden."""

    def hold(self, key: str) -> bool:
        """A key went down, or is still held; returns whether it is one that moves something while it is held."""
        return False

    def release(self, key: str) -> None:  # noqa: B027 (where nothing is held)
        """A key came up."""

    def let_go(self) -> None:
        """Nobody is at the window any more: no key is held, no button is down."""
        self._hand, self._dragged_scale = ("", None), None

    @abstractmethod
    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """The mouse's button went down."""
        self._pressed_at = position

    def press_other(self, position: Position) -> None:  # noqa: B027 (where they do nothing)
        """The right or the middle button of the mouse went down."""

    def release_button(self) -> None:
        """The button came up; where it had gone down, that is a click."""
        what, last = self._hand
        self._hand, self._dragged_scale = ("", None), None
        if what in self.clickable and last is not None and last == self._pressed_at:
            self.click(last)

    clickable: tuple[str, ...] = ()
    """What the hand is on where a press that does not move is a click."""

    def click(self, position: Position) -> None:  # noqa: B027 (where a click does nothing)
        """Somebody clicked on what is shown."""

    @abstractmethod
    def move(self, position: Position) -> None:
        """The mouse moved."""
        self._hand = self._hand[0], self._hand[1] and position

    @abstractmethod
    def scroll(self, notches: float, position: Position) -> None:
        """The wheel was turned."""

    def _is_on_divider(self, position: Position, pixel_ratio: float) -> bool:
        width = self._services.framebuffer_px[0]
        reach = _DIVIDER_REACH_PT * pixel_ratio
        return self.controls.layout == "wipe" and abs(position[0] - self.controls.divider * width) <= reach

    def _bar_at(self, position: Position) -> ScaleBar | None:
        """The scale of an error map that is there."""
        bars = reversed(self.scale_bars())
        return next((bar for bar in bars if bar.holds(position, _SCALE_REACH_PX)), None)

    def _take_scale(self, position: Position) -> bool:
        """Begin to drag a number along the scale that is there; returns whether there is one."""
        bar = self._bar_at(position)
        if bar is not None:
            self._dragged_scale = bar, getattr(self.controls, self._dragged_range)
            self._hand = "scale", position
        return bar is not None

    def _drag_scale(self, position: Position) -> None:
        """Let the number that the drag began at be there now."""
        if self._dragged_scale is None or self._pressed_at is None:
            return
        bar, before = self._dragged_scale
        least, most = entry_of(self.controls, self._dragged_range).facts.bounds or (0.0, 1.0)
        dragged = bar.dragged(before, self._pressed_at[0], position[0])
        self.change(**{self._dragged_range: float(f"{min(max(dragged, least), most):.3g}")})

    @property
    def _dragged_range(self) -> str:
        """The entry of what error maps show in their last colour."""
        return "flip_range" if self.controls.shows_flip else "error_range"

    def _drag_divider(self, position: Position) -> None:
        self.change(divider=min(max(position[0] / max(1, self._services.framebuffer_px[0]), 0.0), 1.0))
