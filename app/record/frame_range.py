"""Which frames of a path are rendered: all, or those from one to another."""

from __future__ import annotations

import re

from fieldcore.errors import InputError

ALL = "all"
_RANGE = re.compile(r"(\d*)(-?)(\d*)")


def frames_asked(text: str | None, total: int) -> range:
    """The numbers of the frames, from 0.

    Args:
        text: ``10-80``, the last one included; ``10-``, ``-80``, ``10``; all if it is ``all`` or not given.
        total: how many frames there are.

    Raises:
        InputError: it is none of these, or there is no such frame.

    Example:
        >>> frames_asked("3-5", 10), frames_asked("8-", 10), frames_asked(None, 10)
        (range(3, 6), range(8, 10), range(0, 10))
    """
    if text in (None, ALL):
        return range(total)
    found = _parts(text or "")
    first = int(found[1] or 0)
    last = int(found[3] or total - 1) if found[2] else first
    if not first <= last < total:
        there = f"the path has {total} frame{'s' * (total != 1)}, numbered from 0 to {total - 1}"
        raise InputError(f"--frames: {there}, got '{text}'")
    return range(first, last + 1)


def check_frames(text: str) -> None:
    """Raise InputError unless it is a range of frames, or all."""
    if text != ALL:
        _parts(text)


def _parts(text: str) -> re.Match[str]:
    found = _RANGE.fullmatch(text.replace(" ", ""))
    if found is None or not (found[1] or found[3]):
        raise InputError(f"--frames: expected the first and the last one, such as 10-80, 10- or -80, got '{text}'")
    return found
