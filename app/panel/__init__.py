"""The panel: everything that can be set and done, in groups that fold. The only place that knows Dear PyGui.

It shares the main thread with the view but has an OpenGL context of its own, which must be current while it draws.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dearpygui.dearpygui as dpg
import moderngl

from ..actions import press, release
from ..layout_file import Look, Placement
from ..session import Session
from . import theme
from .board import Board, Tag
from .dialogs import FileDialog
from .groups import GROUPS
from .keys import KEYS
from .status import StatusLine

TITLE = "Fieldscope panel"
_IN_USE_FOR_S = 0.4
_LEAST_WIDTH_PT, _LEAST_HEIGHT_PT = 400, 320
_FAR_AWAY = (-20000, -20000)
_CONTROL = (dpg.mvKey_LControl, dpg.mvKey_RControl)
_SHIFT = (dpg.mvKey_LShift, dpg.mvKey_RShift)
_ALT = (dpg.mvKey_LAlt,)


class Panel:
    """The panel's window. ``open_panel`` makes it."""

    _board: Board
    _groups: Tag
    _status: StatusLine
    _look: Look
    _foot_px: int

    def __init__(self, session: Session, open_groups: dict[str, bool], pixel_ratio: float) -> None:
        self._session, self._pixel_ratio = session, pixel_ratio
        self._headers: dict[str, Tag] = {}
        self._placement: Placement | None = None
        self._decorated, self._on_top = True, False
        self._hand: tuple[object, ...] = ()
        self._used_at = 0.0
        self._down: dict[int, str] = {}
        self._was_typing = False
        self._were_down: list[tuple[int, ...]] = []
        self._context: Any = None
        self._build(open_groups)

    @property
    def in_use(self) -> bool:
        """Whether a hand was on it a moment ago."""
        return self.visible and time.monotonic() - self._used_at < _IN_USE_FOR_S

    @property
    def typing(self) -> bool:
        """Whether a field for text or numbers, or what lies over it, has the keyboard."""
        return self.visible and (self._board.typing or self._board.covered)

    @property
    def placement(self) -> Placement:
        """Left, top, width and height on the desktop, also while it is hidden."""
        if self._placement is not None:
            return self._placement
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
        return self._placement is None

    @visible.setter
    def visible(self, visible: bool) -> None:
        if visible != self.visible:
            placement = self.placement
            self._placement = None if visible else placement
            # Dear PyGui can hide no window, and minimise one but not bring it back.
            _place(placement if visible else (*_FAR_AWAY, 1, 1), visible, visible and self._decorated, self._board.unit)
            dpg.configure_item(self._groups, show=visible)

    def place(self, placement: Placement, decorated: bool) -> None:
        """Move it there; while it is hidden, that is where it comes back."""
        self._decorated = decorated
        if self._placement is not None:
            self._placement = placement
        else:
            _place(placement, True, decorated, self._board.unit)

    @property
    def on_top(self) -> bool:
        """Whether it lies over all windows; it can be set."""
        return self._on_top

    @on_top.setter
    def on_top(self, on_top: bool) -> None:
        if on_top != self._on_top:
            self._on_top = on_top
            dpg.set_viewport_always_top(on_top)

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
        """One frame: what was clicked is done, what has changed is shown. Keys are taken while it is hidden, too."""
        with self._context:
            jobs = dpg.get_callback_queue() or []
            # Of the frame that the jobs are from: by now Control may be up again.
            self._were_down = [keys for keys, is_down in _HELD.items() if any(job[0] is is_down for job in jobs)]
            for job in jobs:
                self._board.guarded(_run, job)
            if self._session.layout.look != self._look:
                self._build_again()
            if self.visible:
                self._refresh()
            self._was_typing = self.typing
            dpg.render_dearpygui_frame()
            self._release_keys()
        self._watch_hand()

    def hide_with_a_hint(self) -> None:
        """What its close button does."""
        self._session.panel_shown = False
        self._session.messages.notice("the panel is hidden: Tab brings it back", self._session.now)

    def adopt_context(self) -> None:
        """Take the viewport's own OpenGL context, which is current right after it was shown."""
        self._context = moderngl.create_context(require=330)
        dpg.render_dearpygui_frame()  # before it, text has no size

    def _refresh(self) -> None:
        self._board.refresh()
        foot_px = self._status.refresh()
        if foot_px != self._foot_px:
            self._foot_px = foot_px
            dpg.configure_item(self._groups, height=-foot_px)

    def _watch_hand(self) -> None:
        at = tuple(dpg.get_mouse_pos(local=False))
        inside = 0 <= at[0] < dpg.get_viewport_client_width() and 0 <= at[1] < dpg.get_viewport_client_height()
        self._session.panel_held = held = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        hand = (at, dpg.get_y_scroll(self._groups))
        if hand != self._hand and inside and self.visible:
            self._session.explaining.point_at(self._board.pointed)
        if (hand != self._hand and inside) or held or self.typing:
            self._used_at = time.monotonic()
        self._hand = hand

    def _build_again(self) -> None:
        """In another look: what there is goes, and all is made anew, the groups as they were."""
        open_groups = self.open_groups
        for item in dpg.get_all_items():
            if dpg.does_item_exist(item):
                dpg.delete_item(item)
        self._headers.clear()
        self._build(open_groups)
        dpg.set_viewport_clear_color([*theme.colours.ground, 255])

    def _build(self, open_groups: dict[str, bool]) -> None:
        self._look, self._foot_px = self._session.layout.look, 0
        unit = self._pixel_ratio * self._look.scale
        theme.choose(self._look.theme)
        theme.load_font(unit)
        dpg.bind_theme(theme.panel_theme(unit))
        board = self._board = Board(self._session, unit)
        with dpg.window() as self.window:
            with dpg.child_window(border=False) as self._groups:
                for title, group in GROUPS.items():
                    header = dpg.add_collapsing_header(label=title, default_open=open_groups.get(title, group.is_open))
                    self._headers[title] = header
                    board.only_in(group.scenes, header)
                    with dpg.group(parent=header):
                        group.build(board, header)
                        dpg.add_spacer(height=board.px(4))
            self._status = StatusLine(board)
        FileDialog(board)
        dpg.set_primary_window(self.window, True)
        dpg.configure_item(self.window, no_scrollbar=True)  # the groups have their own
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=lambda _, key: self._on_key(key))
            for keys, is_down in _HELD.items():
                for key in keys:
                    dpg.add_key_down_handler(key, callback=is_down)

    def _on_key(self, key: int) -> None:
        name = KEYS.get(key)
        # A key that ends the typing is not meant for the view either, but by now nothing is typed any more.
        if name == "Escape" and self._board.covered:
            self._board.uncover()
            return
        if name is None or self.typing or self._was_typing:
            return
        name = "?" if name == "/" and self._has(_SHIFT) else name
        repeated, self._down[key] = key in self._down, name
        if self._has(_CONTROL) and name != "Shift":
            name = f"Ctrl+Shift+{name}" if self._has(_SHIFT) else f"Ctrl+{name}"
        elif self._has(_ALT):
            name = f"Alt+{name}"
        press(self._session, name, repeated)

    def _has(self, keys: tuple[int, ...]) -> bool:
        """Whether one of these keys is held, or was in the frame that callbacks are from."""
        return keys in self._were_down or any(map(dpg.is_key_down, keys))

    def _release_keys(self) -> None:
        """Tell of keys that came up, also of those whose coming up another window has seen."""
        for key in [key for key in self._down if not dpg.is_key_down(key)]:
            release(self._session, self._down.pop(key))


def _control_is_down() -> None:
    """Called back for every frame in which Control is held."""


def _shift_is_down() -> None:
    """Called back for every frame in which Shift is held."""


def _alt_is_down() -> None:
    """Called back for every frame in which Alt is held."""


_HELD = {_CONTROL: _control_is_down, _SHIFT: _shift_is_down, _ALT: _alt_is_down}


def _run(job: tuple[Any, ...]) -> None:
    """Call a callback with as many of sender, value and user data as it takes."""
    callback, *arguments = job
    if callback is not None:
        callback(*arguments[: len(inspect.signature(callback).parameters)])


@contextmanager
def open_panel(
    session: Session, placement: Placement, open_groups: dict[str, bool], pixel_ratio: float
) -> Iterator[Panel]:
    """Open the panel at ``placement``; the view's window must be there already."""
    dpg.create_context()
    try:
        dpg.configure_app(manual_callback_management=True)  # else callbacks come in a thread of their own
        left, top, width, height = placement
        dpg.create_viewport(
            title=TITLE, x_pos=left, y_pos=top, width=width, height=height, vsync=False,
            min_width=round(_LEAST_WIDTH_PT * pixel_ratio), min_height=round(_LEAST_HEIGHT_PT * pixel_ratio),
            clear_color=(*theme.PALETTES[session.layout.look.theme].ground, 255), disable_close=True,
        )  # fmt: skip
        dpg.setup_dearpygui()
        panel = Panel(session, open_groups, pixel_ratio)
        dpg.set_exit_callback(panel.hide_with_a_hint)
        dpg.show_viewport()
        panel.adopt_context()
        yield panel
    finally:
        dpg.destroy_context()


def _place(placement: Placement, visible: bool, decorated: bool, unit: float) -> None:
    left, top, width, height = placement
    dpg.set_viewport_min_width(round(_LEAST_WIDTH_PT * unit) if visible else 1)
    dpg.set_viewport_min_height(round(_LEAST_HEIGHT_PT * unit) if visible else 1)
    dpg.set_viewport_decorated(decorated)
    dpg.set_viewport_width(width)
    dpg.set_viewport_height(height)
    dpg.set_viewport_pos([left, top])
