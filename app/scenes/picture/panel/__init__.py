"""What pictures have in the panel."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ....panel.board import NONE, Board
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
_PSNR = "of the whole picture against the truth at this filter, three standard deviations from the border left out"
_ERROR = "the standard error of the truth itself, as a share of the range from black to white"

_EXACT_DB = 150.0  # what is nearer differs by the rounding of single precision


def _filter_part(board: Board) -> Callable[[], None]:
    state = pictures(board.session)
    deviation = board.fact("std deviation", _DEVIATION)
    with board.row("ellipse", _ELLIPSE), dpg.group():
        ellipse = Ellipse(board)

    def refresh() -> None:
        deviation.show(_deviation(state))
        ellipse.refresh()

    return refresh


def _compare_part(board: Board) -> Callable[[], None]:
    state = pictures(board.session)
    facts = board.fact("PSNR, SSIM", _PSNR), board.fact("truth known to", _ERROR)

    def refresh() -> None:
        for fact, words in zip(facts, _agreement(state, board), strict=True):
            fact.show(words)

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


def _agreement(state: PictureState, board: Board) -> tuple[str, str]:
    agreement = state.agreement
    if agreement is None:
        return state.compare_refusal("truth") or board.waiting, NONE
    ssim = "" if agreement.ssim is None else f"   SSIM {agreement.ssim:.4f}"
    error = f"± {agreement.standard_error:.1g}" if agreement.standard_error else "exact"
    psnr = "exact" if agreement.psnr > _EXACT_DB else f"{agreement.psnr:.2f} dB"
    return f"{psnr}{ssim}", error


GROUPS = (
    PanelGroup("Source", source.build, 10, is_open=False),
    PanelGroup("Field", field.build, 50, is_open=False),
    PanelGroup("Spectrum", spectrum.build, 85, is_open=False),
)
PARTS = {"Filter": _filter_part, "Compare": _compare_part}
