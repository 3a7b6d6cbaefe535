"""The group *Source*: what is open, what was lately, and pictures to try."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from fieldcore.models import MODEL_SUFFIXES
from fieldcore.signals.picture import sample_names

from ..host import FIELD_SUFFIX
from ..session import PICTURE_SUFFIXES
from .board import Board, Tag
from .dialogs import file_dialog
from .document_names import document_names
from .recent import Choices, named


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    suffixes = (f"Fields and pictures{{{','.join((FIELD_SUFFIX, '.json', *sorted(PICTURE_SUFFIXES)))}}}", ".*")
    show_dialog = file_dialog(board, "Open", suffixes, lambda file: session.open([str(file)]))
    with board.row(
        "open", "a field, a picture (it starts to be trained) or a path; it can be dropped on the view, too"
    ):
        board.button("File…", "choose a field, a picture (it starts to be trained) or a path", show_dialog, width=-1)
    recent = Choices(board, "lately", "fields and pictures opened lately; a picture starts to be trained")
    samples = Choices(
        board, "sample pictures", "photographs that scikit-image carries; choosing one trains a field on it"
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
        state = (tuple(session.documents), session.controls.field)
        if state != shown[0]:
            shown[0] = state
            _list_documents(board, documents)
            dpg.configure_item(none, show=not session.documents)

    board.refreshed(header, refresh)


def _is_model(source: str) -> bool:
    return Path(source).suffix.lower() in MODEL_SUFFIXES


def _list_documents(board: Board, parent: Tag) -> None:
    session = board.session
    dpg.delete_item(parent, children_only=True)
    for path, name in document_names(session).items():
        with dpg.group(horizontal=True, parent=parent):
            board.button("×", "close this field; its file stays", partial(session.close_document, path))  # noqa: RUF001
            is_shown = path == session.controls.field
            show = dpg.add_selectable(label=name, default_value=is_shown, callback=_calling(session.show_field, path))
            board.tooltip(show, f"{name}\n{path}")


def _calling(act: Callable[[str], None], path: str) -> Callable[[], None]:
    return lambda: act(path)
