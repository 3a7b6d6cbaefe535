"""What pictures have in the panel."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from fieldcore.samples import sample_names

from ....panel.board import Board
from ....panel.recent import Choices
from ....principal_axes import LEAST_LOG10_VARIANCE
from ....scene import PanelGroup
from ....services import nothing
from ..controls import SAMPLE
from ..state import PictureState, pictures
from . import field, spectrum
from .ellipse import Ellipse

_DEVIATION = "the filter's standard deviation along its axes, in domain units and in the picture's pixels"
_ELLIPSE = (
    "the filter's axes, as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1. Drag "
    "the dots at their ends; the full one turns the ellipse, too"
)


def _source_part(board: Board) -> Callable[[], None]:
    samples = Choices(
        board, "sample pictures", "photographs that scikit-image carries; of the one chosen a field is made"
    )
    samples.offer({name: f"{SAMPLE}{name}" for name in sample_names()})
    return nothing


def _filter_part(board: Board) -> Callable[[], None]:
    state = pictures(board.session)
    deviation = board.fact("std deviation", _DEVIATION)
    with board.row("ellipse", _ELLIPSE), dpg.group():
        ellipse = Ellipse(board)

    def refresh() -> None:
        deviation.show(_deviation(state))
        ellipse.refresh()

    return refresh


def _deviation(state: PictureState) -> str:
    axes, document = state.axes, state.document
    if axes.log10_variance <= LEAST_LOG10_VARIANCE:
        return "none"
    halves = (1, -1) if axes.anisotropy else (0,)
    deviations = [10 ** ((axes.log10_variance + half * axes.anisotropy / 2) / 2) for half in halves]
    words = " by ".join(f"{deviation:.2g}" for deviation in deviations)
    if document is None or not document.field.facts.resolution:
        return words
    px_per_unit = max(document.field.facts.resolution) / 2
    return f"{words} = {' by '.join(f'{deviation * px_per_unit:.2g}' for deviation in deviations)} px"


GROUPS = (
    PanelGroup("Field", field.build, 50, is_open=False),
    PanelGroup("Spectrum", spectrum.build, 85, is_open=False),
)
PARTS = {"Source": _source_part, "Filter": _filter_part}
