"""The group *Field*: the facts of the field shown."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..document import Document
from .board import Board, Tag

_FACTS = {
    "kind": "the method, and the settings it was built by",
    "parameters": "trained values, and the size of the file on the disk",
    "trained": "steps, time where the clock ended it, device, and what ended it",
    "on": "the picture it was trained on, and its pixels",
    "PSNR, dB": "against the exact truth, at the standard variances, when training ended",
}


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    texts: dict[str, Tag] = {}
    for name, meaning in _FACTS.items():
        with board.row(name) as label:
            texts[name] = dpg.add_text("–", wrap=0)  # noqa: RUF001 (a dash)
        board.tooltip(label, meaning)
    with board.row("right of two-up"):
        other = dpg.add_combo([], width=-1, callback=lambda _, name: board.guarded(choose_other, name))
        board.tooltip(other, "the second field of a two-up (key 2)")
    shown: list[object] = [None]

    def choose_other(name: str) -> None:
        session.change(other=next(path for path, document in session.documents.items() if document.name == name))

    def refresh() -> None:
        document = session.document
        state = (id(document), document and document.training, session.controls.other, len(session.documents))
        if state == shown[0]:
            return
        shown[0] = state
        if document is not None:
            for name, fact in _facts(document).items():
                dpg.set_value(texts[name], fact)
        dpg.configure_item(other, items=[d.name for p, d in session.documents.items() if d is not document])
        dpg.set_value(other, session.other.name if session.other else "")

    board.refreshed(header, refresh)


def _facts(document: Document) -> dict[str, str]:
    field, training = document.field, document.training
    facts = field.facts
    size = f", {document.path.stat().st_size / 1e6:.1f} MB" if document.path.is_file() else ", not saved yet"
    seconds = f", {training.seconds:.0f} s" if training.seconds else ""
    pixels = " × ".join(map(str, facts.resolution)) or "a formula"  # noqa: RUF001
    scores = "   ".join(f"{_short(variance)}: {psnr:.1f}" for variance, psnr in training.psnr.items())
    ended = "so far" if training.stopped_by == "unfinished" else f"ended by {training.stopped_by}"
    return {
        "kind": f"{field.kind}, {field.recipe.preset}",
        "parameters": f"{field.parameter_count / 1e6:.2f} million{size}",
        "trained": f"{training.steps} steps{seconds} on {training.device}, {ended}",
        "on": f"{facts.name}, {pixels}",
        "PSNR, dB": scores or "not scored yet",
    }


def _short(variance: str) -> str:
    """``1e-4`` for 0.0001."""
    return f"{float(variance):.0e}".replace("e-0", "e-") if float(variance) else "0"
