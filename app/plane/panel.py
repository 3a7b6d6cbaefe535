"""What all scenes on a plane add to the panel: how far what is shown is from the truth."""

from __future__ import annotations

from collections.abc import Callable

from ..panel.board import NONE, Board
from ..scene_names import SceneName
from .plane_state import PlaneState

_PSNR = "of all that is shown against the truth at this filter, three standard deviations from the border left out"
_ERROR = "the standard error of the truth itself, as a share of the range from black to white"

_EXACT_DB = 150.0  # what is nearer differs by the rounding of single precision


def compare_part(scene: SceneName, board: Board) -> Callable[[], None]:
    """The figures of the group *Compare*."""
    state = board.session.state_of(scene)
    assert isinstance(state, PlaneState)
    facts = board.fact("PSNR, SSIM", _PSNR), board.fact("truth known to", _ERROR)

    def refresh() -> None:
        for fact, words in zip(facts, _agreement(state, board), strict=True):
            fact.show(words)

    return refresh


def _agreement(state: PlaneState, board: Board) -> tuple[str, str]:
    agreement = state.agreement
    if agreement is None:
        return state.compare_refusal("truth") or board.waiting, NONE
    ssim = "" if agreement.ssim is None else f"   SSIM {agreement.ssim:.4f}"
    error = f"± {agreement.standard_error:.1g}" if agreement.standard_error else "exact"
    psnr = "exact" if agreement.psnr > _EXACT_DB else f"{agreement.psnr:.2f} dB"
    return f"{psnr}{ssim}", error
