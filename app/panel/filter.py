"""The group *Filter*: how much is averaged over, in numbers, and of a picture as an ellipse to be dragged."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..principal_axes import LEAST_LOG10_VARIANCE
from ..session import Session
from .board import Board, Tag
from .ellipse import Ellipse

_DEVIATION = "the filter's standard deviation along its axes, in domain units and in the picture's pixels"
_OF_SHAPE = "the filter's standard deviation along its axes, in domain units and in the mesh's own"
_ELLIPSE = (
    "the filter's axes, as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1. Drag "
    "the dots at their ends; the full one turns the ellipse, too"
)

_PICTURES, _SHAPES = ("picture",), ("shape",)


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    board.actions("Filter")
    board.settings("Filter")
    with dpg.group() as in_plane:
        deviation = board.fact("std deviation", _DEVIATION)
        with board.row("ellipse", _ELLIPSE):
            ellipse = Ellipse(board)
    with dpg.group() as in_space:
        of_shape = board.fact("std deviation", _OF_SHAPE)
    board.only_in(_PICTURES, in_plane)
    board.only_in(_SHAPES, in_space)
    board.none_at_least(header, "log10-variance")
    board.none_at_least(header, "shape-log10-variance")

    def refresh() -> None:
        deviation.show(_deviation(session))
        ellipse.refresh()

    board.refreshed(header, refresh, _PICTURES)
    board.refreshed(header, lambda: of_shape.show(_deviations_of_shape(session)), _SHAPES)


def _deviations_of_shape(session: Session) -> str:
    """Along the axes, in domain units and in those of the mesh."""
    stand = session.stand
    if not any(stand.controls.covariance):
        return "none"
    sizes = stand.axes.log10_variances
    deviations = [10 ** (size / 2) for size in (sizes[:1] if len(set(sizes)) == 1 else sizes)]
    words = " by ".join(f"{deviation:.2g}" for deviation in deviations)
    if stand.document is None:
        return words
    scale = stand.document.field.facts.value_scale
    return f"{words} = {' by '.join(f'{deviation * scale:.2g}' for deviation in deviations)} source units"


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
