"""A scene in a window: coarse frames while something moves, whole ones at rest, and no wait in the loop."""

from __future__ import annotations

import time
from typing import Any

import moderngl

from ..gl.image_overlays import Surface
from ..gl.owner import Owner
from .kept_frame import KeptFrame
from .pace import Pace

REST_AFTER_S = 0.12
"""How long nothing must have changed before a whole frame is made."""


class Viewport(Owner):
    """Base of the scenes' views, which make the frames. The one shown is kept, to be drawn again as it is.

    Args:
        context: the window's; current whenever anything is called.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._kept, self._pace = self.own(KeptFrame(context)), Pace()
        self._seen: Any = None
        self._changed_at = 0.0

    def draw(self, surface: Surface) -> None:
        """Show the frame that was composed last."""
        self._kept.draw(surface)

    def _see(self, seen: Any) -> None:
        """Take note of all that makes the view move whenever it changes."""
        if seen != self._seen:
            self._seen, self._changed_at = seen, time.perf_counter()

    def _rests(self, moving: bool) -> bool:
        """Whether nothing changes and nothing has for so long that a whole frame is worth it."""
        return not moving and time.perf_counter() - self._changed_at >= REST_AFTER_S
