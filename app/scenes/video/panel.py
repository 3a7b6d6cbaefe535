"""What videos have in the panel: which clip is shown, and how long it is."""

from __future__ import annotations

from collections.abc import Callable

from ...panel.board import NONE, Board
from ...panel.field_facts import facts_of
from .state import videos


def _time_part(board: Board) -> Callable[[], None]:
    state = videos(board.session)
    clip = board.fact("clip", "the video shown: its length, its frames and their size in pixels")
    field = board.fact("field", "what is shown of it: a field, or the clip itself until there is one")

    def refresh() -> None:
        document, facts = state.document, state.facts
        if document is None or facts is None:
            clip.show(NONE)
            field.show(NONE)
            return
        size = " × ".join(map(str, facts.resolution[:2]))  # noqa: RUF001
        clip.show(f"{facts.duration_seconds:.4g} s, {facts.resolution[-1]} frames of {size}")
        field.show("the clip itself" if document.signal_source == str(document.path) else facts_of(document)["kind"])

    return refresh


GROUPS = ()
PARTS = {"Time": _time_part}
