"""The group *Source*: what is open in the scene, what was lately, and what a scene adds to that."""

from __future__ import annotations

from functools import partial

import dearpygui.dearpygui as dpg

from ..opening import is_field, is_path
from ..scene_names import SceneName, scene_named
from . import plain
from .board import Board, Tag
from .dialogs import open_row
from .document_names import document_names
from .recent import Choices, named


def build(board: Board, header: Tag) -> None:
    """Make it."""
    open_row(board)
    recent = Choices(board, "lately", "what was opened lately; of what is no field one is made")
    with board.row("opened", "click one to show it; × closes it, its file stays"), dpg.group():  # noqa: RUF001
        listed = dpg.add_group()
        none = dpg.add_text("nothing yet")
    plain.build(board, header, "Source")
    shown: list[object] = [None, None]

    def refresh() -> None:
        session = board.session
        lately = session.scene, session.layout.recent
        if lately != shown[0]:
            shown[0] = lately
            recent.offer({named(source): source for source in session.layout.recent if _is_for(session.scene, source)})
        state = session.state
        now = session.scene, document_names(state.opened), state.opened_shown
        if now != shown[1]:
            shown[1] = now
            _list_opened(board, listed)
            dpg.configure_item(none, show=not state.opened)

    board.refreshed(header, refresh)


def _is_for(name: SceneName, source: str) -> bool:
    """Whether a scene may open it."""
    return is_field(source) or is_path(source) or scene_named(name).can_open(source)


def _list_opened(board: Board, parent: Tag) -> None:
    """A line for each: a button that closes it, and its name, which shows it."""
    dpg.delete_item(parent, children_only=True)
    state = board.session.state
    for path, name in document_names(state.opened).items():
        with dpg.group(horizontal=True, parent=parent):
            board.button("×", "close it; its file stays", partial(state.close_opened, path))  # noqa: RUF001
            is_shown = path == state.opened_shown
            item = dpg.add_selectable(label=name, default_value=is_shown, callback=_showing(board, path))
            board.tooltip(item, f"{name}\n{path}")


def _showing(board: Board, path: str) -> object:
    return lambda: board.session.state.show_opened(path)
