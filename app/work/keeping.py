"""Keeping a value on disk: written whenever it has changed, so that a kill loses little, and never waited for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from .background import Background

Value = TypeVar("Value")

WRITE_EVERY_S = 2.0


class Kept(Generic[Value]):
    """A value and its file.

    Args:
        write: writes it, whole; called in a thread.
        thread: where it is written.
        known: what the file says, or what need not be written; None if that is not known.
    """

    def __init__(self, write: Callable[[Value], object], thread: Background, known: Value | None = None) -> None:
        self._write, self._thread = write, thread
        self._asked = self._written = known
        self._due = 0.0

    def note(self, value: Value, now: float) -> None:
        """It is so now; what has changed is written, but not all the time, as a value may change in every pass."""
        if value != self._asked and now >= self._due and not self._thread.pending:
            self._asked, self._due = value, now + WRITE_EVERY_S
            self._thread.submit(partial(self._write, value), lambda _: self._note_written(value), _leave)

    def settle(self, value: Value) -> None:
        """It stays so: write it now, unless it is known to be written. The thread must have ended."""
        if value != self._written:
            self._write(value)
            self._written = value

    def _note_written(self, value: Value) -> None:
        self._written = value


def _leave(outcome: object) -> None:
    """What cannot be kept is not: the next session begins as the first one did."""
