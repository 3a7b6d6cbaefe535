"""Clocks that go by what is done, so that what is measured by them is the same on every machine."""

from __future__ import annotations

import itertools


class Clock:
    """Each look at it takes as long, from whatever thread; it can be put forward.

    Attributes:
        seconds: what it shows, but for the looks.
    """

    def __init__(self, look_s: float = 1e-3) -> None:
        self._looks, self._look_s, self.seconds = itertools.count(1), look_s, 100.0

    def __call__(self) -> float:
        return self.seconds + next(self._looks) * self._look_s


class Stopwatch:
    """A clock that stands still unless it is put forward.

    Attributes:
        seconds: what it shows.
    """

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds
