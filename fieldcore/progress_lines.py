"""Lines on standard error that say how far long work is, and go when it is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

_hidden = threading.Event()


def hide_progress_lines() -> None:
    """Show none from now on in this process: a window says for itself what it waits for.

    Example:
        >>> hide_progress_lines()
    """
    _hidden.set()


@contextmanager
def points_line(what: str) -> Iterator[Callable[[int, int], None]]:
    """A line for work on points, once it takes a second; yields what is told how many are done, of how many."""
    with tqdm(desc=what, leave=False, delay=1, unit="pt", unit_scale=True, disable=_hidden.is_set()) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report


@contextmanager
def waiting_line(what: str, shown: bool = True) -> Iterator[Callable[[str], None]]:
    """A line for work that cannot say how far it is, if that is ``shown``; yields what is told its stage."""
    layout = "{desc}{postfix} {elapsed}"
    with tqdm(desc=what, leave=False, bar_format=layout, disable=_hidden.is_set() or not shown) as bar:
        yield bar.set_postfix_str
