"""The board that groups are built on: one widget a setting, one button an action, and what keeps them up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dearpygui.dearpygui as dpg

from ..actions import Action, perform
from ..session import Session
from ..settings import Setting, put
from . import theme

Tag = int | str


@dataclass
class _Bound:
    """A widget that shows a value of the session."""

    widget: Tag
    label: Tag
    tip: Tag
    meaning: str
    get: Callable[[], Any]
    refusal: Callable[[], str]
    choices: Callable[[], tuple[str, ...]] = tuple
    offered: tuple[str, ...] = ()
    value: Any = None
    reason: str | None = None


class Board:
    """Widgets for the tables of settings and actions.

    Attributes:
        session: what they show and change.
        widgets: by the name of their setting or action.
        unit: size of a point in pixels.
    """

    def __init__(self, session: Session, unit: float) -> None:
        self.session, self.unit = session, unit
        self.widgets: dict[str, Tag] = {}
        self._settings: list[_Bound] = []
        self._buttons: list[tuple[Action, _Bound]] = []
        self._refreshing: list[tuple[Tag, Callable[[], None]]] = []
        self._dim, self._plain = theme.text_theme(theme.FAINT), theme.text_theme(theme.INK)
        self._lit = theme.lit_theme()

    def px(self, points: float) -> int:
        """Pixels of so many points."""
        return round(points * self.unit)

    def refreshed(self, header: Tag, refresh: Callable[[], None]) -> None:
        """Call ``refresh`` every frame in which the group under ``header`` is unfolded."""
        self._refreshing.append((header, refresh))

    def guarded(self, act: Callable[..., None], *arguments: Any) -> None:
        """Do something for a callback; whatever goes wrong is a message."""
        try:
            act(*arguments)
        except Exception as error:
            self.session.messages.error(str(error))

    def row(self, label: str) -> Any:
        """A line with its label in the left column; a context manager."""
        group = dpg.group(horizontal=True, xoffset=self.px(theme.LABEL_PT))
        return _Row(group, label)

    def tooltip(self, item: Tag, text: str) -> Tag:
        """Plain words under the cursor."""
        with dpg.tooltip(item, delay=0.35):
            return dpg.add_text(text, wrap=self.px(300))

    def setting(self, setting: Setting) -> None:
        """A labelled widget for a setting."""
        session = self.session
        with self.row(setting.label) as label:
            widget = _WIDGETS[setting.widget](setting, session, self._putting(setting))
        tip = self.tooltip(widget, setting.meaning)
        self.tooltip(label, setting.meaning)
        self.widgets[setting.name] = widget
        bound = _Bound(
            widget, label, tip, setting.meaning,
            lambda: setting.get(session), lambda: setting.refusal(session), lambda: setting.choices(session),
        )  # fmt: skip
        self._settings.append(bound)

    def button(self, action: Action, width: int = 0) -> None:
        """A button for an action."""
        session = self.session
        run = lambda: self.guarded(perform, action, session)  # noqa: E731 (a callback)
        widget = dpg.add_button(label=action.label, width=width, callback=run)
        key = f"  [{action.key}]" if action.key else ""
        tip = self.tooltip(widget, action.meaning + key)
        self.widgets[action.name] = widget
        bound = _Bound(
            widget, widget, tip, action.meaning + key,
            lambda: action.active(session), lambda: action.refusal(session),
        )  # fmt: skip
        self._buttons.append((action, bound))

    def refresh(self) -> None:
        """Bring every widget up to date; those that a hand is on are left alone."""
        for bound in self._settings:
            value = bound.get()
            choices = bound.choices()
            if choices != bound.offered:
                bound.offered = choices
                dpg.configure_item(bound.widget, items=list(choices))
            if value != bound.value and not dpg.is_item_active(bound.widget):
                bound.value = value
                dpg.set_value(bound.widget, value)
            if self._explain(bound):
                dpg.bind_item_theme(bound.label, self._dim if bound.reason else self._plain)
                dpg.bind_item_theme(bound.widget, self._dim if bound.reason else 0)
        for _, bound in self._buttons:
            active = bound.get()
            if self._explain(bound) or active != bound.value:
                bound.value = active
                dpg.bind_item_theme(bound.widget, self._dim if bound.reason else self._lit if active else 0)
        for header, refresh in self._refreshing:
            if dpg.get_value(header):
                refresh()

    def _explain(self, bound: _Bound) -> bool:
        """Say in the tooltip why it cannot be used; returns whether that has changed."""
        reason = bound.refusal()
        if reason == bound.reason:
            return False
        bound.reason = reason
        dpg.set_value(bound.tip, f"{bound.meaning}\n\nNot now: {reason}." if reason else bound.meaning)
        return True

    def _putting(self, setting: Setting) -> Callable[[Any, Any], None]:
        def callback(sender: Any, value: Any) -> None:
            self.guarded(put, setting, self.session, value)
            self._forget(setting.name)

        return callback

    def _forget(self, name: str) -> None:
        """Show the session's own value again, which need not be the one that was entered."""
        for bound in self._settings:
            if bound.widget == self.widgets[name]:
                bound.value = None


class _Row:
    def __init__(self, group: Any, label: str) -> None:
        self._group, self._label = group, label

    def __enter__(self) -> Tag:
        self._group.__enter__()
        with dpg.group():  # which a tooltip joins; beside the label it would count as a column of its own
            return dpg.add_text(self._label)

    def __exit__(self, *error: Any) -> None:
        self._group.__exit__(*error)


_Callback = Callable[[Any, Any], None]


def _slider(setting: Setting, session: Session, callback: _Callback) -> Tag:
    return dpg.add_slider_float(
        min_value=setting.least, max_value=setting.most, width=-1, format="%.3f", callback=callback,
        default_value=setting.get(session),
    )  # fmt: skip


def _number(setting: Setting, session: Session, callback: _Callback) -> Tag:
    return dpg.add_input_double(
        width=-1, step=0, format="%.6g", on_enter=True, callback=callback, default_value=setting.get(session)
    )


def _whole(setting: Setting, session: Session, callback: _Callback) -> Tag:
    return dpg.add_input_int(width=-1, step=0, on_enter=True, callback=callback, default_value=setting.get(session))


def _choice(setting: Setting, session: Session, callback: _Callback) -> Tag:
    choices = list(setting.choices(session))
    return dpg.add_combo(choices, width=-1, callback=callback, default_value=setting.get(session))


def _toggle(setting: Setting, session: Session, callback: _Callback) -> Tag:
    return dpg.add_checkbox(callback=callback, default_value=setting.get(session))


def _text(setting: Setting, session: Session, callback: _Callback) -> Tag:
    return dpg.add_input_text(width=-1, on_enter=True, callback=callback, default_value=setting.get(session))


_WIDGETS: dict[str, Callable[[Setting, Session, _Callback], Tag]] = {
    "slider": _slider, "number": _number, "whole": _whole, "choice": _choice, "toggle": _toggle, "text": _text,
}  # fmt: skip
