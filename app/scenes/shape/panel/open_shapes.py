"""The group *Shape*: what is open, what was lately, the facts of the shape shown, and its mesh."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from fieldcore.meshing import FORMATS
from fieldcore.models import MODEL_SUFFIXES
from fieldcore.signals import Shape

from ....document import Document
from ....opening import FIELD_SUFFIX
from ....panel.board import NONE, Board, Tag
from ....panel.dialogs import open_row, unless_in_the_way
from ....panel.document_names import list_documents
from ....panel.field_facts import FACTS, facts_of
from ....panel.recent import Choices, named
from ....session import Session
from ....work.file_asking import FileWish
from ..state import shapes

_FACTS = {
    **FACTS,
    "trained on": "the mesh, and its triangles where it is known",
    "longest side": "of the mesh, in its own units; it is two domain units",
}
_EXPORT = "write the surface shown as a mesh, smoothed as it is now, in the units of the mesh it was trained on"


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    open_row(board)
    recent = Choices(board, "lately", "meshes and fields opened lately; of a mesh a field is made")
    with board.row("open shapes", "click one to show it; × closes it, its file stays"), dpg.group():  # noqa: RUF001
        documents = dpg.add_group()
        none = dpg.add_text("none yet")
    facts = {name: board.fact(name, meaning) for name, meaning in _FACTS.items()}
    export = FileWish("Export the mesh", "Meshes", tuple(FORMATS), partial(_export, session), True, f"mesh{FORMATS[0]}")
    with board.row("mesh", _EXPORT):
        board.button("Export…", _EXPORT, partial(session.ask_file, export), width=-1)
    shown: list[Any] = [None, None]

    def refresh() -> None:
        state = shapes(session)
        recent.offer({named(source): source for source in session.layout.recent if _is_of_shapes(source)})
        listed = tuple(state.documents), state.controls.field
        if listed != shown[0]:
            shown[0] = listed
            list_documents(
                board, documents, state.documents, state.controls.field, state.show_field, state.close_document
            )
            dpg.configure_item(none, show=not state.documents)
        document = state.document
        known = (document, document.training, document.signal) if document else None
        if known != shown[1]:
            shown[1] = known
            for name, words in (_facts(document) if document else dict.fromkeys(_FACTS, NONE)).items():
                facts[name].show(words)

    board.refreshed(header, refresh)


def _is_of_shapes(source: str) -> bool:
    return Path(source).suffix.lower() in (*MODEL_SUFFIXES, FIELD_SUFFIX)


def _facts(document: Document) -> dict[str, str]:
    facts, shape = document.field.facts, document.signal
    triangles = f", {len(shape.mesh.triangles):,} triangles" if isinstance(shape, Shape) else ""
    return {
        **facts_of(document),
        "trained on": facts.name + triangles,
        "longest side": f"{2 * facts.value_scale:.6g} source units",
    }


def _export(session: Session, file: Path) -> None:
    file = file if file.suffix.lower() in FORMATS else file.with_name(f"{file.name}{FORMATS[0]}")
    unless_in_the_way(session, file, None, shapes(session).export_mesh)
