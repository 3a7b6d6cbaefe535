"""The group *Compare*: what is shown, and how far the whole picture is from the truth at this filter."""

from __future__ import annotations

from ..session import Session
from .board import NONE, Board, Tag

_PSNR = "of the whole picture against the truth at this filter, three standard deviations from the border left out"
_ERROR = "the standard error of the truth itself, as a share of the range from black to white"


def build(board: Board, header: Tag) -> None:
    """Make it."""
    board.widgets["comparison"] = board.actions("Compare")
    board.settings("Compare")
    facts = board.fact("PSNR, SSIM", _PSNR), board.fact("truth known to", _ERROR)

    def refresh() -> None:
        for fact, words in zip(facts, _words(board.session), strict=True):
            fact.show(words)

    board.refreshed(header, refresh)


def _words(session: Session) -> tuple[str, str]:
    agreement = session.agreement
    if agreement is None:
        waiting = "known when the training rests" if session.training.state == "running" else "measuring…"
        return session.compare_refusal("truth") or waiting, NONE
    ssim = "" if agreement.ssim is None else f"   SSIM {agreement.ssim:.4f}"
    error = f"± {agreement.standard_error:.1g}" if agreement.standard_error else "exact"
    return f"{agreement.psnr:.2f} dB{ssim}", error
