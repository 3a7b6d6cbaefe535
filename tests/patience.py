"""Waiting for what must come, as long as it takes: the only bound is one that a hang alone reaches."""

from __future__ import annotations

import time
from collections.abc import Callable

HANG_S = 900.0
"""Whoever waits so long hangs. No assertion about a machine: a hundred times what the slowest one takes."""

_LOOK_EVERY_S = 0.01


def hangs_in(seconds: float) -> Callable[[], bool]:
    """Whether so long has passed since this call."""
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() >= deadline


def wait_until(there: Callable[[], object], alive: Callable[[], bool] = lambda: True, what: str = "") -> None:
    """Return once ``there`` holds.

    Args:
        there: asked again and again.
        alive: whether it can still come; asked before ``there``, so what comes last is seen.
        what: said where it does not come.
    """
    hanging = hangs_in(HANG_S)
    while True:
        can_come = alive() and not hanging()
        if there():
            return
        assert can_come, what or "it never came"
        time.sleep(_LOOK_EVERY_S)
