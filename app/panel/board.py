"""The board that groups are built on: one widget a setting, one button an action, and what keeps them up to date."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import dearpygui.dearpygui as dpg

from fieldcore.errors import InputError

from ..action import Action, perform
from ..actions import ACTIONS
from ..explain.topic import Topic
from ..scene import SceneName
from ..scene_names import ALL
from ..session import Session
from ..setting import Setting, put, reset
from ..settings import SETTINGS
from . import theme

Tag = int | str

NONE = "–"  # noqa: RUF001 (a dash)
"""Where there is nothing to tell."""

_BUTTONS_A_ROW = 4
_TYPED = ("number", "whole", "text")
"""Widgets that are fields for text, which have handlers of their own."""
_TOOLTIP_DELAY_S = 0.35
_BUTTONS = (dpg.mvMouseButton_Left, dpg.mvMouseButton_Middle, dpg.mvMouseButton_Right)
_NOTHING = object()


@dataclass
class _Bound:
    """A widget of a setting or an action, and what it shows of it."""

    entry: Any
    widget: Tag
    label: Tag | None
    tip: Tag
    meaning: str
    value: Any = field(default=_NOTHING)
    reason: str | None = None
    choices: tuple[str, ...] = ()
    place: Tag = 0
    seen: bool = True
    bounds: tuple[float, float] = (0.0, 0.0)


class Fact:
    """A text that changes now and then."""

    def __init__(self, text: Tag) -> None:
        self._text, self._words = text, NONE

    def show(self, words: str) -> None:
        """Show that."""
        if words != self._words:
            self._words = words
            dpg.set_value(self._text, words)


class Board:
    """Widgets for the tables of settings and actions.

    Attributes:
        session: what they show and change.
        unit: size of a point in pixels.
        widgets: by the name of their setting or action.
        tips: the text of their tooltips, likewise.
        dialogs: windows over everything, which keep the keyboard to themselves.
    """

    def __init__(self, session: Session, unit: float) -> None:
        self.session, self.unit = session, unit
        self.widgets: dict[str, Tag] = {}
        self.tips: dict[str, Tag] = {}
        self.dialogs: list[Tag] = []
        self._settings: list[_Bound] = []
        self._buttons: list[_Bound] = []
        self._combos: list[Tag] = []
        self._of_scenes: list[tuple[Tag, tuple[SceneName, ...]]] = []
        self._hidden: set[Tag] = set()
        self._scene: SceneName | None = None
        self._topics: dict[Tag, Topic] = {}
        self._refreshing: list[tuple[Tag | None, Callable[[], None], tuple[SceneName, ...]]] = []
        self._tooltips: list[Tag] = []
        self._hushed = False
        self._busy_at: object = None
        self._dim, self._quiet = theme.text_theme(theme.colours.faint), theme.text_theme(theme.colours.quiet)
        self._lit = theme.lit_theme()
        with dpg.item_handler_registry() as self._editing:
            dpg.add_item_deactivated_after_edit_handler(callback=lambda _, item: dpg.get_item_user_data(item)())
            dpg.add_item_double_clicked_handler(button=0, callback=lambda _, at: self._select_all(at[1]))
            dpg.add_item_clicked_handler(button=1, callback=lambda _, at: self._reset(at[1]))
        with dpg.item_handler_registry() as self._resetting:
            dpg.add_item_clicked_handler(button=1, callback=lambda _, at: self._reset(at[1]))

    def px(self, points: float) -> int:
        """Pixels of so many points."""
        return round(points * self.unit)

    # Building

    @contextmanager
    def row(self, label: str, meaning: str, name: str = "") -> Iterator[Tag]:
        """A line with its label in the left column, which is yielded; explained by its ``name``, else by its label."""
        with dpg.group(horizontal=True, xoffset=self.px(theme.LABEL_PT)) as line:
            self._topics[line] = Topic(name or label, label, meaning)
            with dpg.group():  # which the tooltip joins; beside the label it would count as a column of its own
                name = dpg.add_text(label)
                dpg.bind_item_theme(name, self._quiet)
                self.tooltip(name, meaning)
            yield name

    def fact(self, label: str, meaning: str) -> Fact:
        """A line with a text that wraps."""
        with self.row(label, meaning):
            return Fact(dpg.add_text(NONE, wrap=0))

    def tooltip(self, item: Tag, text: str) -> Tag:
        """Plain words under the cursor; returns their text."""
        with dpg.tooltip(item, delay=_TOOLTIP_DELAY_S, show=not self._hushed) as tooltip:
            self._tooltips.append(tooltip)
            return dpg.add_text(text, wrap=self.px(300))

    def button(self, label: str, meaning: str, act: Callable[[], Any], **more: Any) -> Tag:
        """A button that is no action of the table."""
        button = dpg.add_button(label=label, callback=lambda: act(), **more)
        self.tooltip(button, meaning)
        return button

    def entry(self, text: str, take: Callable[[str], None], width: int = -1) -> Tag:
        """A field for text, which is taken when the hand leaves it or presses Enter."""
        item = dpg.add_input_text(default_value=text, width=width, auto_select_all=True)
        dpg.set_item_user_data(item, lambda: take(dpg.get_value(item)))
        dpg.bind_item_handler_registry(item, self._editing)
        return item

    def _select_all(self, field: Tag) -> None:
        """Enter a field anew, which selects all of it: a double click takes 0.01 for two words."""

        def enter() -> None:
            if dpg.does_item_exist(field):
                dpg.show_item(field)
                dpg.focus_item(field)

        dpg.hide_item(field)  # a field that is left out of a frame is left
        dpg.set_frame_callback(dpg.get_frame_count() + 2, enter)

    def combo(self, choose: Callable[[str], None], **more: Any) -> Tag:
        """A list to choose from."""
        combo = dpg.add_combo([], width=-1, callback=lambda _, name: choose(name), **more)
        self._combos.append(combo)
        return combo

    def actions(self, group: str) -> Tag:
        """The buttons of a group's actions, as wide as the panel; returns what holds them."""
        actions = [action for action in ACTIONS if action.group == group]
        with dpg.group() as place:
            for scenes in dict.fromkeys(action.scenes for action in actions):
                together = [partial(self._action, action) for action in actions if action.scenes == scenes]
                self.only_in(scenes, self.columns(together))
        return place

    def only_in(self, scenes: tuple[SceneName, ...], item: Tag) -> None:
        """Let an item be there only in these scenes."""
        if scenes != ALL:
            self._of_scenes.append((item, scenes))

    def columns(self, builders: Sequence[Callable[[], object]], most: int = _BUTTONS_A_ROW) -> Tag:
        """Widgets in columns of the same width, in as few lines as it takes; returns what holds them."""
        lines = math.ceil(len(builders) / most)
        columns = math.ceil(len(builders) / lines)
        with dpg.group() as place:
            for start in range(0, len(builders), columns):
                with dpg.table(header_row=False, policy=dpg.mvTable_SizingStretchSame, no_pad_outerX=True):
                    for _ in range(columns):
                        dpg.add_table_column()
                    with dpg.table_row():
                        for build in builders[start : start + columns]:
                            build()
        return place

    def rows(self, *settings: Setting) -> None:
        """Labelled widgets for some settings."""
        for setting in settings:
            self._setting(setting)

    def settings(self, group: str) -> None:
        """Labelled widgets for a group's settings; those that an action's button switches have that one."""
        for setting in SETTINGS:
            if setting.group == group and setting.name not in self.widgets:
                self._setting(setting)

    @property
    def waiting(self) -> str:
        """What is said of figures that are not known yet."""
        return "known when the training rests" if self.session.training.state == "running" else "measuring…"

    def _say(self, setting: Setting, words: Callable[[Any], str]) -> None:
        """Let a slider say something else than where it is."""
        formats = [""]

        def refresh() -> None:
            wanted = words(setting.get(self.session))
            if wanted != formats[0]:
                formats[0] = wanted
                dpg.configure_item(self.widgets[setting.name], format=wanted)

        self.refreshed(None, refresh, setting.scenes)

    def _action(self, action: Action) -> None:
        widget = dpg.add_button(label=action.label, width=-1, callback=lambda: perform(action, self.session))
        tip = self.tooltip(widget, action.meaning)
        self.widgets[action.name], self.tips[action.name] = widget, tip
        self._topics[widget] = Topic(action.name, action.label, action.meaning)
        self._buttons.append(_Bound(action, widget, None, tip, action.meaning))

    def _setting(self, setting: Setting) -> None:
        with dpg.group() as place, self.row(setting.label, setting.meaning, setting.name) as label:
            widget = _WIDGETS[setting.widget].make(self, setting, partial(self._put, setting))
        if setting.widget not in _TYPED:
            dpg.bind_item_handler_registry(widget, self._resetting)
        self.only_in(setting.scenes, place)
        tip = self.tooltip(widget, setting.meaning)
        self.widgets[setting.name], self.tips[setting.name] = widget, tip
        bounds = (setting.least, setting.most)
        self._settings.append(_Bound(setting, widget, label, tip, setting.meaning, place=place, bounds=bounds))
        if setting.least_is_none:
            self._say(setting, lambda value: "none" if value <= setting.bounds_in(self.session)[0] else "%.3g")
        elif setting.widget == "log":
            self._say(setting, "{:.3g}".format)

    def _reset(self, widget: Tag) -> None:
        """A right click gives a setting its usual value."""
        for bound in self._settings:
            if bound.widget == widget:
                bound.value = _NOTHING
                reset(bound.entry, self.session)

    def _put(self, setting: Setting, entered: Any) -> None:
        bound = next(bound for bound in self._settings if bound.entry is setting)
        kind = _WIDGETS[setting.widget]
        if bound.value is not _NOTHING and entered == kind.shown(bound.value):  # which may be rounded
            return
        bound.value = _NOTHING  # what the session makes of it is to be shown
        put(setting, self.session, kind.read(setting, entered))

    # Living

    def guarded(self, act: Callable[..., Any], *arguments: Any) -> None:
        """Do what a callback asks for; whatever goes wrong is a message."""
        try:
            act(*arguments)
        except InputError as error:
            self.session.messages.notice(str(error), self.session.now)
        except Exception as error:
            self.session.messages.error(f"{type(error).__name__}: {error}")

    def refreshed(self, header: Tag | None, refresh: Callable[[], None], scenes: tuple[SceneName, ...] = ALL) -> None:
        """Call ``refresh`` every frame in which the group under ``header`` is unfolded; without one, every frame.

        Only while one of ``scenes`` is shown.
        """
        self._refreshing.append((header, refresh, scenes))

    def refresh(self) -> None:
        """Bring every widget up to date; those that a hand is on are left alone."""
        self._hush(tuple(dpg.get_mouse_pos(local=False)))
        scene = self.session.scene
        if scene != self._scene:
            self._show_scene(scene)
        for bound in self._settings:
            if scene in bound.entry.scenes:
                self._refresh_setting(bound)
        for bound in self._buttons:
            if scene not in bound.entry.scenes:
                continue
            explained, active = self._explain(bound), bound.entry.active(self.session)
            if explained or active is not bound.value:
                bound.value = active
                dpg.bind_item_theme(bound.widget, self._lit if active else self._dim if bound.reason else 0)
        for header, refresh, scenes in self._refreshing:
            is_unfolded = header is None or (header not in self._hidden and dpg.get_value(header))
            if is_unfolded and scene in scenes:
                refresh()

    def _hush(self, hand: object) -> None:
        """Show no tooltips while something is dragged or typed, nor after that until the hand moves."""
        is_busy = self.typing or any(map(dpg.is_mouse_button_down, _BUTTONS))
        if is_busy:
            self._busy_at = hand
        hushed = is_busy or (self._hushed and hand == self._busy_at)
        if hushed != self._hushed:
            self._hushed = hushed
            self._tooltips = list(filter(dpg.does_item_exist, self._tooltips))
            for tooltip in self._tooltips:
                dpg.configure_item(tooltip, show=not hushed)

    def _show_scene(self, scene: SceneName) -> None:
        """Show what is there in that scene, and hide the rest; keys may be others there."""
        self._scene = scene
        self._hidden = {item for item, scenes in self._of_scenes if scene not in scenes}
        for item, _ in self._of_scenes:
            dpg.configure_item(item, show=item not in self._hidden)
        for bound in self._settings:
            bound.seen = bound.seen or bound.entry.scenes != ALL  # its place has just been shown
        for bound in self._buttons:
            key = bound.entry.key_in(scene)
            bound.meaning = bound.entry.meaning + (f"  [{key}]" if key else "")
            bound.reason = None

    def _refresh_setting(self, bound: _Bound) -> None:
        setting: Setting = bound.entry
        if (seen := setting.seen(self.session)) != bound.seen:
            bound.seen = seen
            dpg.configure_item(bound.place, show=seen)
        if not seen:
            return
        if (bounds := setting.bounds_in(self.session)) != bound.bounds:
            bound.bounds = bounds
            dpg.configure_item(bound.widget, min_value=bounds[0], max_value=bounds[1])
        choices = setting.choices(self.session)
        if choices != bound.choices:
            bound.choices = choices
            dpg.configure_item(bound.widget, items=list(choices))
        value = setting.get(self.session)
        if value != bound.value and not dpg.is_item_active(bound.widget):
            bound.value = value
            dpg.set_value(bound.widget, _WIDGETS[setting.widget].shown(value))
        if self._explain(bound):
            dpg.configure_item(bound.widget, enabled=not bound.reason)
            dpg.bind_item_theme(bound.label, self._dim if bound.reason else self._quiet)

    def _explain(self, bound: _Bound) -> bool:
        """Say in the tooltip why it cannot be used; returns whether that has changed."""
        reason = bound.entry.refusal(self.session)
        if reason == bound.reason:
            return False
        bound.reason = reason
        dpg.set_value(bound.tip, f"{bound.meaning}\n\nNot now: {reason}." if reason else bound.meaning)
        return True

    @property
    def pointed(self) -> Topic | None:
        """What the mouse points at, None where that is nothing that could be explained."""
        for item in [item for item in self._topics if not dpg.does_item_exist(item)]:
            del self._topics[item]
        return next((topic for item, topic in self._topics.items() if dpg.is_item_hovered(item)), None)

    # The keyboard

    @property
    def typing(self) -> bool:
        """Whether keys go to a widget."""
        item = dpg.get_focused_item()
        return bool(item) and dpg.does_item_exist(item) and bool(dpg.is_item_active(item))

    @property
    def covered(self) -> bool:
        """Whether a dialogue or an unrolled list lies over the widgets."""
        return any(map(dpg.is_item_shown, self.dialogs)) or any(map(_is_unrolled, self._combos))

    def uncover(self) -> None:
        """Close dialogues and unrolled lists."""
        for dialog in self.dialogs:
            dpg.hide_item(dialog)
        for combo in filter(_is_unrolled, self._combos):  # a list closes when it is left out of a frame
            dpg.hide_item(combo)
            dpg.set_frame_callback(dpg.get_frame_count() + 2, partial(dpg.show_item, combo))


def _is_unrolled(combo: Tag) -> bool:
    """Dear PyGui does not tell; but then it takes the size of what is left of the closed list, which has no height."""
    width, height = dpg.get_item_rect_size(combo)
    return width > 0 and height == 0


def shortened(text: str, width_px: float) -> str:
    """``text``, or its beginning with an ellipsis where it is wider than that."""
    if dpg.get_text_size(text)[0] <= width_px:
        return text
    shorter = (f"{text[:count].rstrip()}…" for count in range(len(text) - 1, 0, -1))
    return next((candidate for candidate in shorter if dpg.get_text_size(candidate)[0] <= width_px), "…")


def number_of(text: str, name: str) -> float:
    """The number that was typed. Raises InputError if it is none."""
    try:
        number = float(text.strip().replace("−", "-"))  # noqa: RUF001 (a minus sign)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{name}: expected a number, such as 0.01 or 1e-2, got '{text}'")
    return number


_Take = Callable[[Any], None]


class _Kind(NamedTuple):
    """How a kind of setting is edited: makes its widget; what that shows of a value; the value of what it shows."""

    make: Callable[[Board, Setting, _Take], Tag]
    shown: Callable[[Any], Any]
    read: Callable[[Setting, Any], Any]


def _slider(board: Board, setting: Setting, take: _Take) -> Tag:
    return dpg.add_slider_float(
        min_value=setting.least, max_value=setting.most, clamped=True, width=-1, format="%.3g",
        callback=lambda _, value: take(value),
    )  # fmt: skip


def _log_slider(board: Board, setting: Setting, take: _Take) -> Tag:
    return dpg.add_slider_float(
        min_value=math.log10(setting.least), max_value=math.log10(setting.most), clamped=True, width=-1,
        callback=lambda _, value: take(value),
    )  # fmt: skip


def _toggle(board: Board, setting: Setting, take: _Take) -> Tag:
    return dpg.add_checkbox(callback=lambda _, value: take(value))


def _choice(board: Board, setting: Setting, take: _Take) -> Tag:
    return board.combo(take)


def _typed(board: Board, setting: Setting, take: _Take) -> Tag:
    return board.entry("", take)


def _whole(setting: Setting, text: str) -> int:
    number = number_of(text, setting.label)
    if number != round(number):
        raise InputError(f"{setting.label}: expected a whole number, got '{text}'")
    return round(number)


_WIDGETS = {
    "slider": _Kind(_slider, float, lambda _, value: value),
    "log": _Kind(_log_slider, math.log10, lambda _, value: float(f"{10**value:.3g}")),
    "number": _Kind(_typed, "{:.6g}".format, lambda setting, text: number_of(text, setting.label)),
    "whole": _Kind(_typed, str, _whole),
    "choice": _Kind(_choice, str, lambda _, value: value),
    "toggle": _Kind(_toggle, bool, lambda _, value: value),
    "text": _Kind(_typed, str, lambda _, text: text.strip()),
}  # fmt: skip
