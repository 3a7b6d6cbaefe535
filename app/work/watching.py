"""Watching files: which of them another program has written, once it has come to an end."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from .background import Background

LOOK_EVERY_S = 1.0

Stamp = tuple[int, int]
"""When a file was written, in nanoseconds, and its size."""


class Watching:
    """Looks at files every second, in a thread of its own.

    A file counts as changed when it is another one than before and two looks in a row have found it the same: what is
    still being written is not read. One that is not there is waited for.

    Args:
        wake: called from the thread when there is something to do.
        stamps: tells of paths what is known of their files; those that are not there are left out.
    """

    def __init__(
        self, wake: Callable[[], None], stamps: Callable[[Iterable[str]], dict[str, Stamp]] | None = None
    ) -> None:
        self._thread, self._stamps = Background(wake), stamps or stamps_of
        self._known: dict[str, Stamp] = {}
        self._last: dict[str, Stamp] = {}
        self._changed: list[str] = []
        self._due = 0.0

    def advance(self, paths: Iterable[str], now: float) -> list[str]:
        """One pass: which of these have changed since they were first seen, or since they were told of."""
        self._thread.deliver()
        if now >= self._due and not self._thread.pending:
            self._due = now + LOOK_EVERY_S
            self._thread.submit(partial(self._stamps, tuple(paths)), self._take, _leave)
        changed, self._changed = self._changed, []
        return changed

    def forget(self, path: str) -> None:
        """Whatever a file is now, it is known: it was written here."""
        self._known.pop(path, None)

    def close(self) -> None:
        """End the thread."""
        self._thread.close()

    def _take(self, found: dict[str, Stamp]) -> None:
        for path, stamp in found.items():
            known = self._known.setdefault(path, stamp)
            if stamp != known and self._last.get(path) == stamp:
                self._known[path] = stamp
                self._changed.append(path)
        self._last = found


def stamps_of(paths: Iterable[str]) -> dict[str, Stamp]:
    """Of those that are files."""
    found = {}
    for path in paths:
        try:
            about = Path(path).stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(about.st_mode):
            found[path] = about.st_mtime_ns, about.st_size
    return found


def _leave(error: Exception) -> None:
    """Another look comes."""
