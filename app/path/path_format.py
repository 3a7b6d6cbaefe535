"""How the paths of one scene are written; path_file.py reads and writes what the paths of all scenes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from fieldcore.errors import InputError

from .entry_checks import check_entries, number, one_of, relative_to, text

Check = Callable[[Any, str], Any]
"""From an entry's JSON value and the name of its place to its value; raises InputError where it is wrong."""


@dataclass(frozen=True)
class PathFormat:
    """A scene's part of a path's JSON.

    Attributes:
        required, optional: names of the entries of its own.
        keyed: names of its keyframes' attributes, which a closed path begins and ends alike with.
        keyframe: from a keyframe's checked JSON object and the name of its place to the keyframe.
        path: from the whole JSON object, the path's folder and what all scenes share to the path.
        keyframe_entries: from a keyframe, its JSON object without the time.
        path_entries: from a path and its folder, the entries of its own.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    keyed: tuple[str, ...]
    keyframe: Callable[[Any, str], Any]
    path: Callable[[dict[str, Any], Path, dict[str, Any]], Any]
    keyframe_entries: Callable[[Any], dict[str, Any]]
    path_entries: Callable[[Any, Path], dict[str, Any]]


@dataclass(frozen=True)
class Shorthand:
    """Another way to write an entry of a keyframe.

    Attributes:
        name: of the shorter entry.
        stands_for: the entry that it takes the place of.
        spelled_out: from its JSON value and the name of its place to that of the other.
        shortened: from the other's value to the entry as it is written, the shorter one where that is possible.
    """

    name: str
    stands_for: str
    spelled_out: Check
    shortened: Callable[[Any], dict[str, Any]]


def named(kind: Any) -> Check:
    """A check for one of the names of a ``Literal``."""
    return lambda value, where: one_of(value, where, get_args(kind))


def tabular_format(
    path_type: type,
    keyframe_type: type,
    *,
    files: dict[str, str],
    required: tuple[str, ...],
    still: dict[str, Check],
    keyed: dict[str, Check],
    shorthand: Shorthand | None = None,
) -> PathFormat:
    """The format of paths whose entries are named as their attributes, and left out where those are None.

    Args:
        path_type: of the paths.
        keyframe_type: of their keyframes.
        files: entries of the path that name files, and what is expected of each.
        required: those that must be there.
        still: the other entries of the path.
        keyed: entries of keyframes.
        shorthand: another way to write one of those.
    """
    names = tuple(keyed) if shorthand is None else (shorthand.name, *keyed)

    def path(document: dict[str, Any], folder: Path, shared: dict[str, Any]) -> Any:
        found = {name: folder / text(document[name], name, what) for name, what in files.items() if name in document}
        constant = {name: check(document[name], name) for name, check in still.items() if name in document}
        return path_type(**shared, **found, **constant)

    def path_entries(path: Any, folder: Path) -> dict[str, Any]:
        found = {name: relative_to(folder, file) for name in files if (file := getattr(path, name)) is not None}
        return found | {name: value for name in still if (value := getattr(path, name)) is not None}

    def keyframe(entries: Any, where: str) -> Any:
        check_entries(entries, where, ("time",), names)
        if shorthand is not None and shorthand.name in entries:
            entries = _spelled_out(entries, where, shorthand)
        values = {name: check(entries[name], f"{where}.{name}") for name, check in keyed.items() if name in entries}
        return keyframe_type(time=number(entries["time"], f"{where}.time"), **values)

    def keyframe_entries(keyframe: Any) -> dict[str, Any]:
        entries = {name: value for name in keyed if (value := getattr(keyframe, name)) is not None}
        if shorthand is None or shorthand.stands_for not in entries:
            return entries
        return shorthand.shortened(entries.pop(shorthand.stands_for)) | entries

    optional = (*(name for name in files if name not in required), *still)
    return PathFormat(required, optional, tuple(keyed), keyframe, path, keyframe_entries, path_entries)


def _spelled_out(entries: dict[str, Any], where: str, shorthand: Shorthand) -> dict[str, Any]:
    name, other = shorthand.name, shorthand.stands_for
    if other in entries:
        raise InputError(f"{where}: both '{name}' and '{other}' are given; keep one")
    return {**entries, other: shorthand.spelled_out(entries[name], f"{where}.{name}")}
