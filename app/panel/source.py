"""The group *Source*: what is open, what was lately, and pictures to try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from fieldcore.signals.picture import sample_names

from ..session import FIELD_SUFFIX, PICTURE_SUFFIXES
from .board import Board, Tag


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    suffixes = ("*", FIELD_SUFFIX, ".json", *PICTURE_SUFFIXES)
    chooser = file_chooser(board, suffixes, lambda file: session.open([str(file)]))
    with board.row("open"):
        button = dpg.add_button(label="File…", callback=lambda: dpg.show_item(chooser))
        board.tooltip(button, "open a field, a picture (it starts to be trained) or a path; or drop it on the view")
    with board.row("lately"):
        recent = dpg.add_combo([], width=-1, callback=lambda _, name: board.guarded(session.open, [name]))
        board.tooltip(recent, "fields and pictures opened lately")
    with board.row("sample pictures"):
        samples = dpg.add_combo(
            list(sample_names()), width=-1,
            callback=lambda _, name: board.guarded(session.open, [f"sample:{name}"]),
        )  # fmt: skip
        board.tooltip(samples, "photographs that scikit-image carries; choosing one trains a field on it")
    with board.row("open fields"):
        documents = dpg.add_group()
    shown: dict[str, Any] = {"documents": None, "recent": None}

    def refresh() -> None:
        names = (tuple(session.documents), session.controls.field, session.training.state)
        if names != shown["documents"]:
            shown["documents"] = names
            _list_documents(board, documents)
        if session.layout.recent != shown["recent"]:
            shown["recent"] = session.layout.recent
            dpg.configure_item(recent, items=list(session.layout.recent))

    board.refreshed(header, refresh)


def _list_documents(board: Board, parent: Tag) -> None:
    session = board.session
    dpg.delete_item(parent, children_only=True)
    for name, document in session.documents.items():
        with dpg.group(horizontal=True, parent=parent):
            close = dpg.add_button(label="×", callback=_calling(board, session.close_document, name))  # noqa: RUF001
            board.tooltip(close, "close this field; its file stays")
            show = dpg.add_selectable(
                label=document.name, default_value=name == session.controls.field,
                callback=_calling(board, session.show_field, name),
            )  # fmt: skip
            board.tooltip(show, str(document.path))


def _calling(board: Board, act: Any, name: str) -> Any:
    return lambda: board.guarded(act, name)


def file_chooser(board: Board, suffixes: tuple[str, ...], choose: Any, name: str = "") -> Tag:
    """A dialogue for a file, hidden until it is shown."""

    def chosen(sender: Any, data: dict[str, Any]) -> None:
        selections = list(data.get("selections", {}).values())
        board.guarded(choose, Path(selections[0] if selections else data["file_path_name"]))

    with dpg.file_dialog(
        show=False, modal=True, callback=chosen, cancel_callback=lambda: None, default_filename=name,
        width=board.px(430), height=board.px(420), default_path=str(Path.cwd()),
    ) as chooser:  # fmt: skip
        for suffix in suffixes:
            dpg.add_file_extension(".*" if suffix == "*" else suffix)
    return chooser
