"""Groups of buttons and settings, with what scenes add to them."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..scenes import SCENES
from .board import Board, Tag


def build(board: Board, header: Tag, title: str, with_actions: bool = True) -> None:
    """Make the group of that title."""
    if with_actions:
        board.actions(title)
    board.settings(title)
    for scene in SCENES:
        part = scene.parts.get(title)
        if part is not None:
            with dpg.group() as place:
                refresh = part(board)
            board.only_in((scene.name,), place)
            board.refreshed(header, refresh, (scene.name,))
