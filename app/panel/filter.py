"""The group *Filter*: how much is averaged over, in numbers and as an ellipse to be dragged by its axes."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..principal_axes import LEAST_LOG10_VARIANCE
from ..session import Session
from .board import Board, Tag
from .ellipse import Ellipse

_DEVIATION = "the filter's standard deviation along its axes, in domain units and in the picture's pixels"
_ELLIPSE = (
    "the filter's axes, as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1. Drag "
    "the dots at their ends; the full one turns the ellipse, too"
)


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    board.actions("Filter")
    board.settings("Filter")
    deviation = board.fact("std deviation", _DEVIATION)
    with board.row("ellipse", _ELLIPSE):
        ellipse = Ellipse(board)
    size = board.widgets["log10-variance"]
    formats = [""]

    def refresh() -> None:
        deviation.show(_deviation(session))
        ellipse.refresh()
        wanted = "none" if session.axes.log10_variance <= LEAST_LOG10_VARIANCE else "%.3g"
        if wanted != formats[0]:
            formats[0] = wanted
            dpg.configure_item(size, format=wanted)

    board.refreshed(header, refresh)


def _deviation(session: Session) -> str:
    axes, document = session.axes, session.document
    if axes.log10_variance <= LEAST_LOG10_VARIANCE:
        return "none"
    halves = (1, -1) if axes.anisotropy else (0,)
    deviations = [10 ** ((axes.log10_variance + half * axes.anisotropy / 2) / 2) for half in halves]
    words = " by ".join(f"{deviation:.2g}" for deviation in deviations)
    if document is None or not document.field.facts.resolution:
        return words
    px_per_unit = max(document.field.facts.resolution) / 2
    return f"{words} = {' by '.join(f'{deviation * px_per_unit:.2g}' for deviation in deviations)} px"
