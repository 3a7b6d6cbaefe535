"""Work that a thread does a slice at a time, so that it can do other things in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Work = Generator[None, None, Any]
"""Yields between two slices."""


def completed(work: Generator[None, None, Result]) -> Result:
    """Do all of it, and return what it gives."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


class Slices:
    """Several things to do, one after the other, in the order in which they were begun.

    Args:
        waiting: whether the next slice is for another thread to do.

    Attributes:
        works: what is begun and not ended, by name.
    """

    def __init__(self, waiting: Callable[[], bool]) -> None:
        self._waiting = waiting
        self.works: dict[str, Work] = {}

    @property
    def busy(self) -> bool:
        """Whether there is something to do for this thread."""
        return bool(self.works) and not self._waiting()

    def begin(self, name: str, work: Work) -> None:
        """Do that too; nobody waits any more for what was begun under the same name."""
        self.drop(name)
        self.works[name] = work

    def drop(self, name: str) -> None:
        """Nobody waits for it any more."""
        work = self.works.pop(name, None)
        if work is not None:
            work.close()

    def drop_all(self) -> None:
        """Nobody waits for anything."""
        for name in list(self.works):
            self.drop(name)

    def advance(self, seconds: float = 0.0) -> None:
        """Go on for about so long, a slice at least; where a work raises an error, all are dropped."""
        deadline = time.perf_counter() + seconds
        while self.works:
            name, work = next(iter(self.works.items()))
            try:
                next(work)
            except StopIteration:
                del self.works[name]
            except BaseException:
                self.works.clear()
                raise
            if self._waiting() or time.perf_counter() >= deadline:
                return
