"""What shapes have in the panel."""

from __future__ import annotations

from collections.abc import Callable

from ....panel.board import NONE, Board
from ..state import ShapeState, shapes
from . import facts

_DEVIATION = "the filter's standard deviation along its axes, in domain units and in the mesh's own"
_OVERLAP = (
    "of the bake against the truth's at this filter: cells inside both over cells inside either, and the mean squared "
    "error of the signed distance, three standard deviations from the box's sides left out"
)


def _filter_part(board: Board) -> Callable[[], None]:
    state, fact = shapes(board.session), board.fact("std deviation", _DEVIATION)
    return lambda: fact.show(_deviations(state))


def _compare_part(board: Board) -> Callable[[], None]:
    state, fact = shapes(board.session), board.fact("IoU, MSE", _OVERLAP)
    return lambda: fact.show(_agreement(state, board))


def _deviations(state: ShapeState) -> str:
    """Along the axes, in domain units and in those of the mesh."""
    if not any(state.controls.covariance):
        return "none"
    sizes = state.axes.log10_variances
    deviations = [10 ** (size / 2) for size in (sizes[:1] if len(set(sizes)) == 1 else sizes)]
    words = " by ".join(f"{deviation:.2g}" for deviation in deviations)
    if state.document is None:
        return words
    scale = state.document.field.facts.value_scale
    return f"{words} = {' by '.join(f'{deviation * scale:.2g}' for deviation in deviations)} source units"


def _agreement(state: ShapeState, board: Board) -> str:
    agreement = state.agreement
    if agreement is None:
        asking = "" if state.baker.can_judge else "known once the truth is shown: G, E or X"
        return state.compare_refusal("truth") or asking or board.waiting
    iou = NONE if agreement.iou is None else f"{agreement.iou:.4f}"
    return f"{iou}   MSE {agreement.mse:.2e}"


GROUPS = ()
PARTS = {"Source": facts.build, "Filter": _filter_part, "Compare": _compare_part}
