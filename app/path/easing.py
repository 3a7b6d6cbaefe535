"""Easing: how time runs from a keyframe to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

Ease = Literal["through", "in", "out", "both", "hold"]
EASES: tuple[Ease, ...] = get_args(Ease)
USUAL_EASE: Ease = "through"

_SHARES: dict[Ease, Callable[[float], float]] = {
    "through": lambda share: share,
    "in": lambda share: share * share,
    "out": lambda share: share * (2 - share),
    "both": lambda share: share * share * (3 - 2 * share),
    "hold": lambda share: float(share >= 1),
}


def eased(ease: Ease, share: float) -> float:
    """The share of the way from a keyframe to the next, after a share of the time.

    It runs ``through`` evenly, ``in`` from rest, ``out`` to rest, ``both``, or it ``hold`` s until the next is there.

    Example:
        >>> eased("both", 0.5), eased("in", 0.5), eased("hold", 0.99)
        (0.5, 0.25, 0.0)
    """
    return _SHARES[ease](share)
