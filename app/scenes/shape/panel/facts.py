"""The facts of the shape shown, and its mesh as a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fieldcore.meshing import FORMATS
from fieldcore.signals import Shape

from ....document import Document
from ....panel.board import NONE, Board
from ....panel.dialogs import unless_in_the_way
from ....panel.field_facts import FACTS, facts_of
from ....session import Session
from ....work.file_asking import FileWish
from ..state import shapes

_FACTS = {
    **FACTS,
    "trained on": "the mesh, and its triangles where it is known",
    "longest side": "of the mesh, in its own units; it is two domain units",
}
_EXPORT = "write the surface shown as a mesh, smoothed as it is now, in the units of the mesh it was trained on"


def build(board: Board) -> Callable[[], None]:
    """What shapes add to the group *Source*."""
    session = board.session
    facts = {name: board.fact(name, meaning) for name, meaning in _FACTS.items()}
    export = FileWish("Export the mesh", "Meshes", tuple(FORMATS), partial(_export, session), True, f"mesh{FORMATS[0]}")
    with board.row("mesh", _EXPORT):
        board.button("Export…", _EXPORT, partial(session.ask_file, export), width=-1)
    shown: list[Any] = [None]

    def refresh() -> None:
        document = shapes(session).document
        known = (document, document.training, document.signal) if document else None
        if known != shown[0]:
            shown[0] = known
            for name, words in (_facts(document) if document else dict.fromkeys(_FACTS, NONE)).items():
                facts[name].show(words)

    return refresh


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
