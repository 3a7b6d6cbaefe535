"""What pictures have in the panel."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ....panel.board import Board
from ....principal_axes import LEAST_LOG10_VARIANCE
from ....scene import PanelGroup
from ..state import PictureState, pictures
from . import field, source, spectrum
from .ellipse import Ellipse

_DEVIATION = "the filter's standard deviation along its axes, in domain units and in the picture's pixels"
_ELLIPSE = (
    "the filter's axes, as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1. Drag "
    "the dots at their ends; the full one turns the ellipse, too"
)


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
    PanelGroup("Source", source.build, 10, is_open=False),
    PanelGroup("Field", field.build, 50, is_open=False),
    PanelGroup("Spectrum", spectrum.build, 85, is_open=False),
)
PARTS = {"Filter": _filter_part}
