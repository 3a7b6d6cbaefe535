"""Open fields by name: what tells them apart, and the list of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import dearpygui.dearpygui as dpg

from ..document import Document
from .board import Board, Tag


def document_names(documents: Mapping[str, Document]) -> dict[str, str]:
    """Of every open field, by its path: what it is, or else its file, whichever tells it from the others."""
    counts = Counter(name for document in documents.values() for name in _names(document))
    return {
        path: next((name for name in _names(document) if counts[name] == 1), path)
        for path, document in documents.items()
    }


def list_documents(
    board: Board,
    parent: Tag,
    documents: Mapping[str, Document],
    shown: str,
    show: Callable[[str], None],
    close: Callable[[str], None],
) -> None:
    """Fill a group with a line for each open field: a button that closes it, and its name, which shows it.

    Args:
        board: to make them on.
        parent: the group, which is emptied first.
        documents: by path.
        shown: path of the one shown.
        show, close: called with a path.
    """
    dpg.delete_item(parent, children_only=True)
    for path, name in document_names(documents).items():
        with dpg.group(horizontal=True, parent=parent):
            board.button("×", "close this field; its file stays", partial(close, path))  # noqa: RUF001
            item = dpg.add_selectable(label=name, default_value=path == shown, callback=_calling(show, path))
            board.tooltip(item, f"{name}\n{path}")


def _calling(act: Callable[[str], None], path: str) -> Callable[[], None]:
    return lambda: act(path)


def _names(document: Document) -> tuple[str, str]:
    return document.name, document.path.stem
