"""Lists of what can be opened, by name."""

from __future__ import annotations

from pathlib import Path

import dearpygui.dearpygui as dpg

from ..session import Session
from .board import Board

_CHOOSE = "choose…"


class Choices:
    """A list of what can be opened, by name; choosing one opens it."""

    def __init__(self, board: Board, label: str, meaning: str) -> None:
        self._session: Session = board.session
        self._sources: dict[str, str] = {}
        with board.row(label, meaning):
            self._combo = board.combo(self._open, default_value=_CHOOSE)
        board.tooltip(self._combo, meaning)

    def offer(self, sources: dict[str, str]) -> None:
        """Let these be chosen."""
        if sources != self._sources:
            self._sources = sources
            dpg.configure_item(self._combo, items=list(sources))

    def _open(self, name: str) -> None:
        dpg.set_value(self._combo, _CHOOSE)
        self._session.open([self._sources[name]])


def named(source: str) -> str:
    """The file first: a list is cut off at the right."""
    path = Path(source)
    return source if source.startswith("sample:") else f"{path.name}  in {path.parent}"
