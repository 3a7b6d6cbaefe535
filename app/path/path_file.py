"""Paths on disk: a versioned JSON of keyframes, described in docs/paths.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.files import write_text

from ..entries import Entry, entries_of, with_values
from ..scene import Scene
from ..scenes import SCENES, scene_of
from .easing import EASES, USUAL_EASE
from .entry_checks import check_entries, flag, number, one_of, relative_to, shown
from .former import without_former
from .keyframes import Keyframe, KeyframePath

FORMAT = "fieldscope-path"
VERSION = 1
MOST_FRAMES = 1_000_000
LEAST_SPEED, MOST_SPEED = 0.01, 100.0

AnyPath = KeyframePath[Any]

_REQUIRED = ("format", "version", "scene")
_OPTIONAL = ("frames_per_second", "closed", "speed")
_OF_KEYFRAMES = ("ease",)


def read_path(file: Path) -> AnyPath:
    """Read and check a path. The files that it names are relative to its own folder.

    Raises:
        InputError: no such file, not JSON, not a path, of a future version, or any entry unknown, missing or
            wrong; the message names the entry, as in ``keyframes[2].time``.
    """
    document = json_of(file)
    try:
        return _path(document, file.parent)
    except InputError as error:
        raise InputError(f"path '{file}': {error}") from error


def json_of(file: Path) -> Any:
    """What a JSON file holds, all numbers as floats. Raises InputError if it cannot be read, or is none."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors of Windows begin with a byte order mark
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise InputError(f"path '{file}': cannot be read ({reason}); give the name of a JSON file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"path '{file}': not a text file; give the name of a JSON file") from error
    try:
        return _parsed(text)
    except InputError as error:
        raise InputError(f"path '{file}': {error}") from error


def write_path(file: Path, path: AnyPath) -> None:
    """Write ``path`` so that ``read_path`` gives it back, whole or not at all; files are named relative to it.

    Raises:
        InputError: the folder cannot be written or the disk is full.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "scene": scene_of(path.still).name,
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        **({"speed": path.speed} if path.speed != 1 else {}),
        **_still_entries(path.still, file.parent),
    }
    entries = [
        {"time": keyframe.time, **_ease(keyframe), **_keyframe_entries(keyframe, path.still, file.parent)}
        for keyframe in path.keyframes
    ]
    keyframes = ",\n".join(f"    {json.dumps(keyframe)}" for keyframe in entries)
    text = f'{json.dumps(document, indent=2)[:-2]},\n  "keyframes": [\n{keyframes}\n  ]\n}}\n'
    write_text(file, text)


def _parsed(text: str) -> Any:
    try:
        # Whole numbers are read as floats too, so that 1 and 1.0 mean the same and none is too large to hold.
        return json.loads(text, parse_int=float, object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise InputError("not a path: brackets nested too deeply") from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise InputError(f"entry '{repeated[0]}' is given twice in one object; keep one")
    return dict(pairs)


def _path(document: Any, folder: Path) -> AnyPath:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f'not a Fieldscope path; such a file says "format": "{FORMAT}"')
    version = document.get("version")
    if not isinstance(version, float) or not version.is_integer() or version < 1:
        raise InputError(f"version: expected a whole number from 1, got {shown(version)}")
    if version > VERSION:
        raise InputError(
            f"written by a newer Fieldscope (version {version:g}, this one reads up to {VERSION}); update Fieldscope"
        )
    if "scene" not in document:
        raise InputError("entry 'scene' is missing")
    scene = _scene(document["scene"])
    along = _along_path(scene)
    required = tuple(entry.name for entry in along if entry.facts.required)
    optional = tuple(entry.name for entry in along if not entry.facts.required)
    check_entries(document, "", (*_REQUIRED, *required, "keyframes"), (*optional, *_OPTIONAL))
    closed = flag(document.get("closed", False), "closed")
    still = {entry.parts: _value(entry, document, folder) for entry in along if entry.name in document}
    path: AnyPath = KeyframePath(
        with_values(scene.controls(), still),
        _keyframes(document["keyframes"], closed, scene, folder),
        number(document.get("frames_per_second", 30.0), "frames_per_second", 0.01, 1000.0),
        closed,
        number(document.get("speed", 1.0), "speed", LEAST_SPEED, MOST_SPEED),
    )
    scene.check_path(path)
    check_length(path)
    return path


def check_length(path: AnyPath) -> None:
    """Raise InputError if it has too many frames."""
    if path.duration * path.frames_per_second / path.speed >= MOST_FRAMES:
        raise InputError(
            f"keyframes: {path.duration:g} seconds at {path.frames_per_second:g} frames a second are more "
            f"than {MOST_FRAMES:,} frames; times are in seconds"
        )


def _scene(name: Any) -> Scene:
    named = {scene.name: scene for scene in SCENES}
    return named[one_of(name, "scene", tuple(named))]


def _along_path(scene: Scene) -> list[Entry]:
    """The entries of a path itself."""
    return [entry for entry in entries_of(scene.controls) if entry.facts.along != "keyed"]


def _value(entry: Entry, document: dict[str, Any], folder: Path) -> Any:
    value = entry.checked(document[entry.name], entry.name)
    return str(folder / value) if entry.is_file(value) else value


def _still_entries(still: Any, folder: Path) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    along = (entry for entry in entries_of(type(still)) if entry.facts.along != "keyed")
    for entry in sorted(along, key=lambda entry: not entry.facts.required):
        value = _written(entry, entry.of(still), folder)
        if value not in ("", None):
            entries[entry.name] = value
    return entries


def _written(entry: Entry, value: Any, folder: Path) -> Any:
    return relative_to(folder, Path(value)) if entry.is_file(value) else entry.facts.written(value)


def _keyframe(entries: Any, where: str, scene: Scene, folder: Path) -> Keyframe:
    keyed = [entry for entry in entries_of(scene.controls) if entry.facts.along == "keyed"]
    shorthands = [entry.facts.shorthand.name for entry in keyed if entry.facts.shorthand is not None]
    check_entries(entries, where, ("time",), (*shorthands, *(entry.name for entry in keyed), *_OF_KEYFRAMES))
    values = {entry.name: _keyed_value(entry, entries, where, folder) for entry in keyed}
    ease = one_of(entries.get("ease", USUAL_EASE), f"{where}.ease", EASES)
    return Keyframe(number(entries["time"], f"{where}.time"), ease, **values)


def _ease(keyframe: Keyframe) -> dict[str, str]:
    return {} if keyframe.ease == USUAL_EASE else {"ease": keyframe.ease}


def _keyed_value(entry: Entry, entries: dict[str, Any], where: str, folder: Path) -> Any:
    """Its value in a keyframe, None where it is not keyed."""
    short = entry.facts.shorthand
    if short is not None and short.name in entries:
        if entry.name in entries:
            raise InputError(f"{where}: both '{short.name}' and '{entry.name}' are given; keep one")
        return short.spelled_out(entries[short.name], f"{where}.{short.name}")
    if entry.name not in entries:
        return None
    value = entry.checked(entries[entry.name], f"{where}.{entry.name}")
    return str(folder / value) if entry.is_file(value) else value


def _keyframe_entries(keyframe: Keyframe, still: Any, folder: Path) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for entry in entries_of(type(still)):
        value, shorter = keyframe.values.get(entry.name), entry.facts.shorthand
        if value is not None and shorter:
            entries |= shorter.shortened(value)
        elif value is not None and (written := _written(entry, value, folder)) is not None:
            entries[entry.name] = written
    return entries


def _keyframes(listed: Any, closed: bool, scene: Scene, folder: Path) -> tuple[Keyframe, ...]:
    least = 2 if closed else 1
    if not isinstance(listed, list) or len(listed) < least:
        what = f"a list of at least {least}" + (", since the path is closed" if closed else "")
        raise InputError(f"keyframes: expected {what}, got {shown(listed)}")
    listed = without_former(listed, closed, scene.controls)
    keyframes = tuple(_keyframe(entries, f"keyframes[{index}]", scene, folder) for index, entries in enumerate(listed))
    for index in range(1, len(keyframes)):
        before, time = keyframes[index - 1].time, keyframes[index].time
        if time <= before:
            raise InputError(
                f"keyframes[{index}].time: expected more than {before:g}, the time of the keyframe before, "
                f"got {time:g}; put the keyframes in order of time"
            )
    if closed:
        _check_closing(keyframes)
    return keyframes


def _check_closing(keyframes: tuple[Keyframe, ...]) -> None:
    first, last = keyframes[0], keyframes[-1]
    for name, got in last.values.items():
        expected = first.values.get(name, got)
        if expected != got:
            raise InputError(
                f"keyframes[{len(keyframes) - 1}]: the path is closed, so its last keyframe is the first come "
                f"round again: expected {name} {shown(expected)}, got {shown(got)}; repeat it, or leave it out"
            )
