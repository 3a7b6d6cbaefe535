"""The group *Source*: what is open, what was lately, and pictures to try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from fieldcore.models import MODEL_SUFFIXES
from fieldcore.samples import sample_names

from ....panel.board import Board, Tag
from ....panel.dialogs import open_row
from ....panel.document_names import list_documents
from ....panel.recent import Choices, named
from ..state import pictures


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    open_row(board)
    recent = Choices(board, "lately", "fields and pictures opened lately; of a picture a field is made")
    samples = Choices(
        board, "sample pictures", "photographs that scikit-image carries; of the one chosen a field is made"
    )
    samples.offer({name: f"sample:{name}" for name in sample_names()})
    with board.row("open fields", "click one to show it; × closes it, its file stays"), dpg.group():  # noqa: RUF001
        documents = dpg.add_group()
        none = dpg.add_text("none yet")
    shown: list[Any] = [None]

    def refresh() -> None:
        recent.offer(
            {
                named(source): source
                for source in session.layout.recent
                if Path(source).suffix.lower() not in MODEL_SUFFIXES
            }
        )
        state = pictures(session)
        listed = (tuple(state.documents), state.controls.field)
        if listed != shown[0]:
            shown[0] = listed
            list_documents(
                board, documents, state.documents, state.controls.field, state.show_field, state.close_document
            )
            dpg.configure_item(none, show=not state.documents)

    board.refreshed(header, refresh)
