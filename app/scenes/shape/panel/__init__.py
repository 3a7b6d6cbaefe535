"""What shapes have in the panel."""

from __future__ import annotations

from collections.abc import Callable

from ....panel.board import NONE, Board
from ..state import ShapeState, shapes
from . import facts

_SIZE = "a Gaussian's standard deviation or a kernel's half size along its axes, in domain units and the mesh's own"
_OVERLAP = (
    "of the bake against the truth's at this filter: cells inside both over cells inside either, and the mean squared "
    "error of the signed distance, three standard deviations from the box's sides left out"
)


def _filter_part(board: Board) -> Callable[[], None]:
    state, fact = shapes(board.session), board.fact("size", _SIZE)
    return lambda: fact.show(_deviations(state))


def _compare_part(board: Board) -> Callable[[], None]:
    state, fact = shapes(board.session), board.fact("IoU, MSE", _OVERLAP)
    return lambda: fact.show(_agreement(state, board))


def _deviations(state: ShapeState) -> str:
    """Along the axes, in domain units and in those of the mesh."""
    controls = state.controls
    if controls.is_off:
        return "none"
    sizes = [10 ** (size / 2) for size in state.axes.log10_variances] if controls.is_gaussian else controls.half_size
    lengths = sizes[:1] if len(set(sizes)) == 1 else sizes
    words = " by ".join(f"{length:.2g}" for length in lengths)
    if state.document is None:
        return words
    scale = state.document.field.facts.value_scale
    return f"{words} = {' by '.join(f'{length * scale:.2g}' for length in lengths)} source units"


def _agreement(state: ShapeState, board: Board) -> str:
    agreement = state.agreement
    if agreement is None:
        asking = "" if state.baker.can_judge else "known once the truth is shown: G, E or X"
        return state.compare_refusal("truth") or asking or board.waiting
    iou = NONE if agreement.iou is None else f"{agreement.iou:.4f}"
    return f"{iou}   MSE {agreement.mse:.2e}"


GROUPS = ()
PARTS = {"Source": facts.build, "Filter": _filter_part, "Compare": _compare_part}
