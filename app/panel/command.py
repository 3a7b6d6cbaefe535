"""The group *Copy as command*: the same without the window."""

from __future__ import annotations

import time

import dearpygui.dearpygui as dpg

from ..commands import COMMANDS
from .board import Board, Tag

_EVERY_S = 0.25


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    texts: dict[str, Tag] = {}
    for name, (meaning, _) in COMMANDS.items():
        with board.row(name) as label, dpg.group(horizontal=True):
            copy = dpg.add_button(label="Copy", callback=lambda _, __, name: _copy(texts[name]), user_data=name)
            texts[name] = dpg.add_input_text(readonly=True, width=-1)
        board.tooltip(label, meaning)
        board.tooltip(copy, f"copy the command: {meaning}")
    due = [0.0]

    def refresh() -> None:
        if time.monotonic() < due[0]:
            return
        due[0] = time.monotonic() + _EVERY_S
        for name, (_, command) in COMMANDS.items():
            dpg.set_value(texts[name], command(session))

    board.refreshed(header, refresh)


def _copy(text: Tag) -> None:
    dpg.set_clipboard_text(dpg.get_value(text))
