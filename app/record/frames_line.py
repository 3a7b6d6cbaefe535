"""How far a render is, on standard error: early how long it will take, then a line."""

from __future__ import annotations

import time
from types import TracebackType

from fieldcore.progress_lines import ProgressLine, note

from ..durations import in_words
from .told_frames import tell_frames

_LONG_S = 60.0
"""A render that takes longer is announced."""

_TIMED_S = 5.0
"""Frames are timed so long, from the first one on, which has more to do than the others."""


class FramesLine:
    """A line about frames that are made one after the other; use it with ``with``.

    Args:
        kept: frames that are there already.
        total: frames that are to be there.
    """

    def __init__(self, kept: int, total: int) -> None:
        self._kept, self._total, self._made = kept, total, 0
        self._line = ProgressLine("rendering", total=float(total - kept))
        self._timed_from = 0.0
        self._announced = False

    def __enter__(self) -> FramesLine:
        self._line.__enter__()
        if self._kept:
            note(f"{self._kept} of {self._total} frames are there already")
        tell_frames(self._kept, self._total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._line.__exit__(kind, error, traceback)

    def made(self) -> None:
        """One more is made."""
        self._made += 1
        now = time.monotonic()
        if self._made == 1:
            self._timed_from = now
        elif not self._announced and now - self._timed_from >= _TIMED_S:
            self._announced = True
            each = (now - self._timed_from) / (self._made - 1)
            left = each * (self._total - self._kept - self._made)
            if left > _LONG_S:
                note(f"{self._total} frames, {each:.1f} s each: ready in about {in_words(left)}")
        self._line.show(float(self._made), note=f"{self._kept + self._made} of {self._total} frames")
        tell_frames(self._kept + self._made, self._total)
