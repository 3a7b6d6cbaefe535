"""What light stages have in the panel: where the light is, and which photo is nearest to it."""

from __future__ import annotations

from collections.abc import Callable

from ...panel.board import NONE, Board
from .state import light_stages


def _light_part(board: Board) -> Callable[[], None]:
    state = light_stages(board.session)
    stage = board.fact("stage", "the photos: how many, and their size in pixels")
    nearest = board.fact("nearest photo", "the photo whose light is nearest, and the angle to it; J shows it")
    beyond = board.fact("beyond the photos", "how far the light is beyond the last photos', where nothing is known")

    def refresh() -> None:
        facts = state.facts
        if facts is None:
            for fact in (stage, nearest, beyond):
                fact.show(NONE)
            return
        size = " × ".join(map(str, facts.resolution))  # noqa: RUF001
        stage.show(f"{len(facts.photos)} photos of {size}")
        nearest.show(state.nearest)
        beyond.show(f"{state.beyond_deg:.0f}°" if state.beyond_deg > 0.5 else "no")

    return refresh


GROUPS = ()
PARTS = {"Light": _light_part}
