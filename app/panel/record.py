"""The group *Record*: how recordings are made, and the one under way."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..actions import ACTIONS
from ..session import Session
from ..settings import SETTINGS
from .board import Board, Tag


def build(board: Board, header: Tag) -> None:
    """Make it."""
    with dpg.group(horizontal=True):
        for action in ACTIONS:
            if action.group == "Record":
                board.button(action, width=board.px(110))
    for setting in SETTINGS:
        if setting.group == "Record":
            board.setting(setting)
    with board.row("state") as label:
        text = dpg.add_text("", wrap=0)
    board.tooltip(label, "frames noted are made and written in the background, each at full quality; none is dropped")
    board.refreshed(header, lambda: dpg.set_value(text, _state(board.session)))


def _state(session: Session) -> str:
    desk = session.recording
    if desk.take is None:
        return "not recording"
    slowed = "\nslowed down: waiting for frames to be written" if desk.slowed else ""
    return f"{desk.frames_noted} frames noted, {desk.frames_written} written{slowed}"
