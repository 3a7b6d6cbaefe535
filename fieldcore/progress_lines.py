"""Lines on standard error that say how far long work is.

On a terminal a line is drawn again and again and goes when the work is done; in a log file there is one every ten
seconds. They are there only while a command runs that shows them: as a library, fieldcore is silent.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

LOG_SECONDS = 10.0
"""Between two lines in a log file."""

_shown = threading.Event()


@contextmanager
def progress_lines_shown(shown: bool = True) -> Iterator[None]:
    """Inside, long work in any thread has its lines, if they are to be ``shown``."""
    before = _shown.is_set()
    _set(shown)
    try:
        yield
    finally:
        _set(before)


def hide_progress_lines() -> None:
    """Show none from now on in this command: a window says for itself what it waits for.

    Example:
        >>> hide_progress_lines()
    """
    _shown.clear()


def are_shown() -> bool:
    """Whether long work has lines now."""
    return _shown.is_set()


def _set(shown: bool) -> None:
    if shown:
        _shown.set()
    else:
        _shown.clear()


class ProgressLine:
    """One line about one piece of work; use it with ``with``.

    Args:
        what: the work, in a word or two.
        delay: seconds that pass before it appears on a terminal.
        total: of ``done``, as given to ``show``; None where nobody knows.
    """

    def __init__(self, what: str, *, delay: float = 0.0, total: float | None = None) -> None:
        self._what, self._delay, self._total = what, delay, total
        self._started = self._drawn = time.monotonic()
        self._width = 0
        self._terminal = _shown.is_set() and _is_terminal()
        self._log = _shown.is_set() and not self._terminal

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *error: object) -> None:
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
        self._terminal = self._log = False

    def show(
        self, done: float | None = None, total: float | None = None, note: str = "", *, at_once: bool = False
    ) -> None:
        """Say how far the work is: ``done`` of ``total``, and a note.

        Drawn at most ten times a second, on a terminal also ``at_once``.
        """
        if not (self._terminal or self._log):
            return
        now = time.monotonic()
        soon = now - self._drawn < (LOG_SECONDS if self._log else 0.1) or now - self._started < self._delay
        if soon and not (at_once and self._terminal):
            return
        self._drawn = now
        line = self._line(now - self._started, done, total or self._total, note)
        if self._log:
            self._write(f"{line}\n")
            return
        line = line[: _columns() - 1]
        self._write(f"\r{line:{self._width}}")
        self._width = len(line)

    def _line(self, elapsed: float, done: float | None, total: float | None, note: str) -> str:
        parts = [self._what]
        if done is not None and total:
            share = min(done / total, 1.0)
            left = f" < {_clock(elapsed / share - elapsed)}" if share > 0.01 else ""
            bar = f"|{'#' * round(20 * share):20}| " if self._terminal else ""
            parts.append(f"{share:4.0%} {bar}{_clock(elapsed)}{left}")
        else:
            parts.append(_clock(elapsed))
        return " ".join(filter(None, [*parts, note]))

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone ends no work
            sys.stderr.write(text)
            sys.stderr.flush()


@contextmanager
def points_line(what: str) -> Iterator[Callable[[int, int], None]]:
    """A line for work on points, once it takes a second; yields what is told how many are done, of how many."""
    with ProgressLine(what, delay=1.0) as line:
        yield lambda done, total: line.show(float(done), float(total), f"of {_short(float(total))} points")


@contextmanager
def waiting_line(what: str, shown: bool = True) -> Iterator[Callable[[str], None]]:
    """A line for work that cannot say how far it is, if that is ``shown``; yields what is told its stage."""
    with ProgressLine(what) as line:

        def say(stage: str) -> None:
            if shown:
                line.show(note=stage, at_once=True)

        say("")
        yield say


def note(*sentences: str) -> None:
    """Tell the person who runs a command what is no result, on standard error; silent as the lines are."""
    for sentence in sentences if _shown.is_set() else ():
        with suppress(OSError, ValueError):
            print(f"note: {sentence}", file=sys.stderr)


def _is_terminal() -> bool:
    with suppress(AttributeError, ValueError):
        return sys.stderr.isatty()
    return False


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _short(count: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return f"{count:g}"
