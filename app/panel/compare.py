"""The group *Compare*: what is shown, and how far the whole picture is from the truth at this filter."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..actions import ACTIONS
from ..session import Session
from ..settings import BY_NAME
from .board import Board, Tag


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    with dpg.group(horizontal=True):
        for action in ACTIONS:
            if action.group == "Compare":
                board.button(action, width=board.px(82))
    for name in ("comparison", "error-range", "divider"):
        board.setting(BY_NAME[name])
    with board.row("PSNR, SSIM") as label:
        text = dpg.add_text("–", wrap=0)  # noqa: RUF001
    board.tooltip(
        label,
        "the whole picture against the truth at this filter, three standard deviations from the border left out; ± is "
        "the standard error of the truth itself, which is 0 where the truth is exact",
    )
    board.refreshed(header, lambda: dpg.set_value(text, _words(session)))


def _words(session: Session) -> str:
    agreement, reason = session.agreement, session.compare_refusal("truth")
    if agreement is None:
        return reason or ("once the training is over" if session.training.state == "running" else "measuring…")
    ssim = "" if agreement.ssim is None else f"    SSIM {agreement.ssim:.4f}"
    return f"{agreement.psnr:.2f} dB{ssim}    truth ± {agreement.standard_error:.1g}"
