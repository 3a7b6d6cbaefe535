"""Entries of keyframes as older programs wrote them: ``comparison``, and of flights ``shading`` and ``other``.

Each is held from key to key, as are layout, left and right, which together they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldcore.errors import InputError

from ..compare import Compare
from .entry_checks import one_of

_NOW = ("layout", "left", "right")


def without_former(keyframes: Sequence[Any], closed: bool, controls: type[Compare]) -> list[Any]:
    """Keyframes as JSON has them, with layout, left and right in place of former entries.

    Args:
        keyframes: of a path, not checked yet.
        closed: whether the last one is the first one come round again.
        controls: of the path's scene.

    Raises:
        InputError: a former entry has a value that it never had, or stands beside those that replace it.
    """
    named = [_named(keyframe, f"keyframes[{index}]", controls) for index, keyframe in enumerate(keyframes)]
    if not any(named):
        return list(keyframes)
    if closed and all(named[0].get(name, value) == value for name, value in named[-1].items()):
        named[0], named[-1] = {**named[-1], **named[0]}, {}
    held = {name: next(iter(values)) for name, values in controls.former.items()}
    found = []
    for keyframe, entries in zip(keyframes, named, strict=True):
        held |= entries
        now = dict(zip(_NOW, controls.of_former(held), strict=True)) if entries else {}
        found.append({**_without(keyframe, controls), **now} if isinstance(keyframe, dict) else keyframe)
    return found


def _named(keyframe: Any, where: str, controls: type[Compare]) -> dict[str, str]:
    """The former entries of a keyframe."""
    if not isinstance(keyframe, dict):
        return {}
    names = [name for name in controls.former if name in keyframe]
    both = [(name, now) for name in names for now in _NOW if now in keyframe]
    if both:
        raise InputError(f"{where}: both '{both[0][0]}' and '{both[0][1]}', which replaces it, are given; keep one")
    known = {name: tuple(dict.fromkeys(controls.former[name])) for name in names}
    return {name: one_of(keyframe[name], f"{where}.{name}", known[name]) for name in names}


def _without(keyframe: dict[str, Any], controls: type[Compare]) -> dict[str, Any]:
    return {name: value for name, value in keyframe.items() if name not in controls.former}
