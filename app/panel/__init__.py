"""The panel: everything that can be set and done, in groups that fold. The only place that knows Dear PyGui.

It shares the main thread with the view but has an OpenGL context of its own, which must be current while it draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dearpygui.dearpygui as dpg
import moderngl

from ..actions import BY_KEY, perform
from ..session import Session
from . import command, compare, field, filter, path, record, source, spectrum, theme, training
from .board import Board, Tag
from .status import StatusLine

Placement = tuple[int, int, int, int]

GROUPS: dict[str, tuple[Callable[[Board, Tag], None], bool]] = {
    "Source": (source.build, False),
    "Field": (field.build, False),
    "Filter": (filter.build, True),
    "Compare": (compare.build, True),
    "Spectrum": (spectrum.build, False),
    "Training": (training.build, True),
    "Record": (record.build, False),
    "Path": (path.build, False),
    "Copy as command": (command.build, False),
}
"""By title: what makes the group, and whether it is unfolded at first. A new group is one entry here."""

_IN_USE_FOR_S = 0.4
_FAR_AWAY = -20000


class Panel:
    """The panel's window. ``open_panel`` makes it."""

    def __init__(self, session: Session, open_groups: dict[str, bool], unit: float) -> None:
        self._session = session
        self._board = Board(session, unit)
        self._headers: dict[str, Tag] = {}
        self._visible = True
        self._left_at: Placement = (0, 0, 0, 0)
        self._hand: tuple[object, ...] = ()
        self._used_at = 0.0
        self._context: Any = None
        self._build(open_groups)

    @property
    def in_use(self) -> bool:
        """Whether a hand was on it a moment ago."""
        return self._visible and time.monotonic() - self._used_at < _IN_USE_FOR_S

    @property
    def typing(self) -> bool:
        """Whether a field for text or numbers has the keyboard."""
        return any(dpg.is_item_active(item) for item in self._typed)

    @property
    def placement(self) -> Placement:
        """Left, top, width and height on the desktop."""
        if not self._visible:
            return self._left_at
        left, top = dpg.get_viewport_pos()
        return (int(left), int(top), dpg.get_viewport_width(), dpg.get_viewport_height())

    @property
    def open_groups(self) -> dict[str, bool]:
        """Which groups are unfolded."""
        return {title: bool(dpg.get_value(header)) for title, header in self._headers.items()}

    def unfold(self, *titles: str) -> None:
        """Show only these groups."""
        for title, header in self._headers.items():
            dpg.set_value(header, title in titles)

    @property
    def visible(self) -> bool:
        """Whether it is shown; it can be hidden and shown."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        # Dear PyGui can minimise a viewport but not bring it back as it was, and it cannot hide it: it is moved away.
        if not visible:
            self._left_at = self.placement
        self._visible = visible
        dpg.set_viewport_pos(list(self._left_at[:2]) if visible else [_FAR_AWAY, _FAR_AWAY])
        with self._context:
            dpg.render_dearpygui_frame()

    def widget_boxes(self) -> dict[str, Placement]:
        """Left, top, width and height on the desktop of the widgets, by setting and action."""
        left, top = dpg.get_viewport_pos()
        boxes = {}
        for name, widget in self._board.widgets.items():
            x, y = dpg.get_item_rect_min(widget)
            width, height = dpg.get_item_rect_size(widget)
            boxes[name] = (round(left + x), round(top + y), round(width), round(height))
        return boxes

    def draw(self) -> None:
        """One frame: what was clicked is done, what has changed is shown."""
        if not self._visible:
            return
        with self._context:
            for job in dpg.get_callback_queue() or []:
                self._board.guarded(_run, job)
            self._board.refresh()
            self._status.refresh()
            dpg.render_dearpygui_frame()
        self._watch_hand()

    def close_asked(self) -> None:
        """Its close button hides it; Tab brings it back."""
        self._session.panel_shown = False
        self._session.messages.notice("the panel is hidden: Tab brings it back", self._session.now)

    def adopt_context(self) -> None:
        """Take the viewport's own OpenGL context, which is current right after it was shown."""
        self._context = moderngl.create_context(require=330)

    def _watch_hand(self) -> None:
        hand = (tuple(dpg.get_mouse_pos(local=False)), dpg.is_mouse_button_down(dpg.mvMouseButton_Left))
        if hand != self._hand or hand[1]:
            self._hand, self._used_at = hand, time.monotonic()

    def _build(self, open_groups: dict[str, bool]) -> None:
        board = self._board
        with dpg.window(tag="panel"):
            with dpg.child_window(height=-board.px(64), border=False):
                for title, (build, is_open) in GROUPS.items():
                    header = dpg.add_collapsing_header(label=title, default_open=open_groups.get(title, is_open))
                    self._headers[title] = header
                    with dpg.group(parent=header):
                        build(board, header)
                        dpg.add_spacer(height=board.px(4))
            self._status = StatusLine(board)
        self._typed = [
            item for item in dpg.get_all_items()
            if dpg.get_item_type(item).split("::")[-1] in ("mvInputText", "mvInputDouble", "mvInputInt")
        ]  # fmt: skip
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._on_key)
            dpg.add_mouse_wheel_handler(callback=lambda: None)

    def _on_key(self, sender: Any, key: Any) -> None:
        name = _KEYS.get(key if isinstance(key, int) else key[0], "")
        if self.typing or not name:
            return
        if self._session.question is not None:
            self._session.answer(name)
        elif name in BY_KEY:
            perform(BY_KEY[name], self._session)


def _run(job: tuple[Any, ...]) -> None:
    callback, *arguments = job
    if callback is not None:
        callback(*arguments[: callback.__code__.co_argcount - (1 if hasattr(callback, "__self__") else 0)])


_EQUAL = 602  # Dear ImGui's number, for which Dear PyGui has no name
_KEYS = {
    **{getattr(dpg, f"mvKey_{letter}"): letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{getattr(dpg, f"mvKey_{digit}"): digit for digit in "0123456789"},
    dpg.mvKey_Tab: "Tab",
    dpg.mvKey_Escape: "Escape",
    dpg.mvKey_Return: "Enter",
    dpg.mvKey_Spacebar: "Space",
    _EQUAL: "+",  # without Shift, on many layouts
    dpg.mvKey_Minus: "-",
    dpg.mvKey_Add: "+",
    dpg.mvKey_Subtract: "-",
    dpg.mvKey_NumPadEnter: "Enter",
    dpg.mvKey_NumPad0: "0",
    dpg.mvKey_NumPad2: "2",
}


@contextmanager
def open_panel(
    session: Session, placement: Placement | None, open_groups: dict[str, bool], pixel_ratio: float
) -> Iterator[Panel]:
    """Open the panel where it was, or on the right; the view's window must be there already."""
    dpg.create_context()
    try:
        dpg.configure_app(manual_callback_management=True)
        theme.load_font(pixel_ratio)
        left, top, width, height = placement or _beside_the_view(pixel_ratio)
        dpg.create_viewport(
            title="Fieldscope panel", x_pos=left, y_pos=top, width=width, height=height, vsync=False,
            min_width=round(360 * pixel_ratio), clear_color=theme.GROUND, disable_close=True,
        )  # fmt: skip
        dpg.setup_dearpygui()
        panel = Panel(session, open_groups, pixel_ratio)
        dpg.bind_theme(theme.panel_theme(pixel_ratio))
        dpg.set_primary_window("panel", True)
        dpg.show_viewport()
        panel.adopt_context()
        dpg.set_exit_callback(panel.close_asked)
        yield panel
    finally:
        dpg.destroy_context()


def _beside_the_view(unit: float) -> Placement:
    return 1120, 32, round(460 * unit), round(940 * unit)
