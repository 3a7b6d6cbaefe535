"""Dialogues for files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from ..host import nothing
from ..session import Session
from . import theme
from .board import Board

_WIDEST_PT, _HIGHEST_PT = 620, 480


def file_dialog(
    board: Board, title: str, suffixes: Sequence[str], choose: Callable[[Path], Any], name: str = ""
) -> Callable[[], None]:
    """Make a dialogue that hands the file chosen to ``choose``; returns what shows it.

    Args:
        suffixes: of the files listed; of the first one at first.
        name: suggested for a file to be written.
    """

    def chosen(sender: Any, data: dict[str, Any]) -> None:
        selections = list(data["selections"].values())
        choose(Path(selections[0] if selections else data["file_path_name"]))

    with dpg.file_dialog(
        label=title, show=False, modal=True, callback=chosen, cancel_callback=lambda: None, default_filename=name,
        default_path=str(Path.cwd()),
    ) as dialog:  # fmt: skip
        for suffix in suffixes:
            dpg.add_file_extension(suffix)
    board.dialogs.append(dialog)

    def show() -> None:
        room = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        margin = board.px(theme.PADDING_PT)
        width, height = (
            min(side - 2 * margin, board.px(most)) for side, most in zip(room, (_WIDEST_PT, _HIGHEST_PT), strict=True)
        )
        dpg.configure_item(dialog, width=width, height=height, show=True)

    return show


def unless_in_the_way(session: Session, file: Path, own: Path | None, write: Callable[[Path], Any]) -> None:
    """Write a file; ask before another one is replaced.

    Args:
        session: where it is asked.
        file: to be written.
        own: what may be replaced without a word.
        write: does it.
    """
    if not file.exists() or file == own:
        write(file)
        return
    session.ask(
        f"'{file.name}' exists already. Replace it?",
        ("Enter", "replace it", lambda: write(file)),
        ("Escape", "keep it", nothing),
    )
