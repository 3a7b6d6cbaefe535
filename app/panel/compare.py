"""The group *Compare*: what is shown, and how far the whole of it is from the truth at this filter."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..session import Session
from .board import NONE, Board, Tag

_PSNR = "of the whole picture against the truth at this filter, three standard deviations from the border left out"
_OVERLAP = (
    "of the bake against the truth's at this filter: cells inside both over cells inside either, and the mean squared "
    "error of the signed distance, three standard deviations from the box's sides left out"
)
_ERROR = "the standard error of the truth itself, as a share of the range from black to white"


_PICTURES, _SHAPES = ("picture",), ("shape",)

_EXACT_DB = 150.0  # what is nearer differs by the rounding of single precision


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    board.widgets["comparison"] = board.actions("Compare")
    board.settings("Compare")
    with dpg.group() as of_pictures:
        facts = board.fact("PSNR, SSIM", _PSNR), board.fact("truth known to", _ERROR)
    with dpg.group() as of_shapes:
        overlap = board.fact("IoU, MSE", _OVERLAP)
    board.only_in(_PICTURES, of_pictures)
    board.only_in(_SHAPES, of_shapes)

    def refresh() -> None:
        for fact, words in zip(facts, _words(session), strict=True):
            fact.show(words)

    board.refreshed(header, refresh, _PICTURES)
    board.refreshed(header, lambda: overlap.show(_words_of_shape(session)), _SHAPES)


def _words_of_shape(session: Session) -> str:
    agreement = session.stand.agreement
    if agreement is None:
        asking = "" if session.stand.baker.can_judge else "known once the truth is shown: G, E or X"
        return session.stand.compare_refusal("truth") or asking or _waiting(session)
    iou = NONE if agreement.iou is None else f"{agreement.iou:.4f}"
    return f"{iou}   MSE {agreement.mse:.2e}"


def _waiting(session: Session) -> str:
    return "known when the training rests" if session.training.state == "running" else "measuring…"


def _words(session: Session) -> tuple[str, str]:
    agreement = session.agreement
    if agreement is None:
        return session.compare_refusal("truth") or _waiting(session), NONE
    ssim = "" if agreement.ssim is None else f"   SSIM {agreement.ssim:.4f}"
    error = f"± {agreement.standard_error:.1g}" if agreement.standard_error else "exact"
    psnr = "exact" if agreement.psnr > _EXACT_DB else f"{agreement.psnr:.2f} dB"
    return f"{psnr}{ssim}", error
