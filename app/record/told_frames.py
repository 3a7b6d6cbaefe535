"""How far a render is, told to a program that has started it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, int], None]
"""Is given how many frames are there, and how many there are to be."""

_told: list[Tell] = []


@contextmanager
def frames_told(tell: Tell) -> Iterator[None]:
    """Inside, ``tell`` is called after every frame, and before the first."""
    _told.append(tell)
    try:
        yield
    finally:
        _told.remove(tell)


def tell_frames(made: int, total: int) -> None:
    """Tell all who want to know."""
    for tell in _told:
        tell(made, total)
