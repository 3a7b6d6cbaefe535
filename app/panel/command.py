"""The group *Copy as command*: the same without the window."""

from __future__ import annotations

import time
from functools import partial

import dearpygui.dearpygui as dpg

from ..commands import COMMANDS, Command
from ..session import Session
from .board import Board, Tag

_EVERY_S = 0.25


def build(board: Board, header: Tag) -> None:
    """Make it."""
    lines = [_Line(board, name, command) for name, command in COMMANDS.items()]
    due = [0.0]

    def refresh() -> None:
        if time.monotonic() >= due[0]:
            due[0] = time.monotonic() + _EVERY_S
            for line in lines:
                line.refresh()

    board.refreshed(header, refresh)


class _Line:
    """A command, or why there is none; not there where it makes no sense."""

    def __init__(self, board: Board, name: str, command: Command) -> None:
        self._session: Session = board.session
        self._command = command
        self._shown = "", ""
        with dpg.group(show=False) as self._group, board.row(name, command.meaning), dpg.group(horizontal=True):
            copy = f"copy the command that does this: {command.meaning}"
            self._button = board.button("Copy", copy, partial(self._copy, name))
            self._text = dpg.add_input_text(readonly=True, width=-1)

    def refresh(self) -> None:
        """Show what it is now."""
        shown = self._command.words_or_reason(self._session)
        if shown != self._shown:
            self._shown = shown
            words, reason = shown
            dpg.set_value(self._text, words or reason)
            dpg.configure_item(self._button, show=bool(words))
            dpg.configure_item(self._group, show=bool(words or reason))

    def _copy(self, name: str) -> None:
        dpg.set_clipboard_text(self._shown[0])
        self._session.messages.notice(f"copied: {name}", self._session.now)
