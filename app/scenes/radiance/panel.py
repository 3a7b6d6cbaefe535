"""What radiance fields and surfaces that cameras see have in the panel: whose appearance is borrowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg

from ...panel.board import NONE, Board
from ...panel.document_names import document_names
from .state import radiance_fields

_MEANING = "show the surface with the appearance of another one that is open, on the right of a wipe"


def _appearance_part(board: Board) -> Callable[[], None]:
    """A list of the open surfaces, of which one lends its appearance."""
    state = radiance_fields(board.session)
    paths: dict[str, str] = {}
    with board.row("appearance of", _MEANING):
        combo = board.combo(lambda name: state.borrow(paths[name]))
    board.widgets["appearance"] = combo
    shown: list[object] = [None]

    def refresh() -> None:
        names = document_names(state.lenders)
        now = names, state.controls.appearance
        if now == shown[0]:
            return
        shown[0] = now
        paths.clear()
        paths.update({name: path for path, name in names.items()})
        dpg.configure_item(combo, items=[*paths])
        dpg.set_value(combo, names.get(state.controls.appearance, NONE))

    return refresh


GROUPS: tuple[Any, ...] = ()
PARTS: dict[str, Callable[[Board], Callable[[], None]]] = {"Compare": _appearance_part}
