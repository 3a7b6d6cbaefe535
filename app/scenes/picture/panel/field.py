"""The group *Field*: the facts of the field shown, and the one beside it in a two-up."""

from __future__ import annotations

from functools import partial

import dearpygui.dearpygui as dpg

from fieldcore.filter_sets import VARIANCES

from ....document import Document
from ....panel.board import NONE, Board, Tag
from ....panel.document_names import document_names
from ....panel.field_facts import FACTS, facts_of
from ..state import pictures

_FACTS = {**FACTS, "trained on": "the picture, and its pixels"}


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    texts = {name: board.fact(name, meaning) for name, meaning in _FACTS.items()}
    scores = _Scores(board)
    with board.row("right of two-up", "the second field of a two-up (key 2)"):
        other = board.combo(lambda name: pictures(session).change(other=offered[name]))
    board.tooltip(other, "the second field of a two-up (key 2)")
    offered: dict[str, str] = {}
    shown: list[object] = [None]

    def refresh() -> None:
        state = pictures(session)
        document = state.document
        names = {name: path for path, name in document_names(state.documents).items() if path != state.controls.field}
        now = (id(document), document and (document.training, document.version), state.controls.other, names)
        if now == shown[0]:
            return
        shown[0] = now
        facts = _facts(document) if document else dict.fromkeys(_FACTS, NONE)
        for name, fact in texts.items():
            fact.show(facts[name])
        scores.show(document.training.psnr if document else {})
        offered.clear()
        offered.update(names)
        dpg.configure_item(other, items=list(names), enabled=bool(names))
        shown_names = {path: name for name, path in names.items()}
        dpg.set_value(other, shown_names.get(state.controls.other, "open another field"))

    board.refreshed(header, refresh)


class _Scores:
    """PSNR at the standard variances, side by side."""

    def __init__(self, board: Board) -> None:
        meaning = "PSNR in dB against the exact truth at these variances, measured when the training ended"
        self._cells: dict[float, Tag] = {}
        with board.row("PSNR by variance", meaning):
            self._none = dpg.add_text("not scored yet")
            self._table = board.columns([partial(self._cell, variance) for variance in VARIANCES], most=len(VARIANCES))

    def _cell(self, variance: float) -> None:
        with dpg.group():
            dpg.add_text(f"{variance:.0e}".replace("e-0", "e-") if variance else "0")
            self._cells[variance] = dpg.add_text("")

    def show(self, psnr: dict[str, float]) -> None:
        """Show these, by variance."""
        known = {float(variance): value for variance, value in psnr.items()}
        dpg.configure_item(self._none, show=not known)
        dpg.configure_item(self._table, show=bool(known))
        for variance, cell in self._cells.items():
            dpg.set_value(cell, f"{known[variance]:.1f}" if variance in known else NONE)


def _facts(document: Document) -> dict[str, str]:
    facts = document.field.facts
    pixels = " × ".join(map(str, facts.resolution)) or "a formula"  # noqa: RUF001
    return {**facts_of(document), "trained on": f"{facts.name}, {pixels}"}
