"""What light stages have in the panel: where the light is, and which photo is nearest to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ....panel import plain
from ....panel.board import NONE, Board
from ....scene import PanelGroup
from ..state import light_stages
from .disc import PanelDisc

_DISC = "drag the light, or click a dot for exactly that photo's; the centre is the camera, the outer ring the horizon"


def _light_part(board: Board) -> Callable[[], None]:
    state = light_stages(board.session)
    with board.row("lights", _DISC):
        disc = PanelDisc(board)
    basis = board.fact("basis", "which functions of the light the field has; N makes the next one of the photos")
    stage = board.fact("stage", "the photos: how many, and their size in pixels")
    nearest = board.fact("nearest photo", "the photo whose light is nearest, and the angle to it; J shows it")
    beyond = board.fact("beyond the photos", "how far the light is beyond the last photos', where nothing is known")

    def refresh() -> None:
        disc.refresh()
        facts = state.facts
        if facts is None:
            for fact in (basis, stage, nearest, beyond):
                fact.show(NONE)
            return
        size = " × ".join(map(str, facts.resolution))  # noqa: RUF001
        stage.show(f"{len(facts.photos)} photos of {size}")
        basis.show(state.basis_words or NONE)
        nearest.show(state.nearest)
        beyond.show(f"{state.beyond_deg:.0f}°" if state.beyond_deg > 0.5 else "no")

    return refresh


GROUPS = (PanelGroup("Light", partial(plain.build, title="Light"), 55),)
PARTS = {"Light": _light_part}
