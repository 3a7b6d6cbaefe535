"""Paths on disk: a versioned JSON of keyframes, described in docs/paths.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.files import written_whole

from ..scenes.picture.keyframes import KeyframePath
from ..scenes.picture.path_format import PICTURE_PATH
from ..scenes.shape.keyframes import ShapePath
from ..scenes.shape.path_format import SHAPE_PATH
from ..scenes.textured_mesh.keyframes import FlightPath
from ..scenes.textured_mesh.path_format import FLIGHT_PATH
from .entry_checks import check_entries, flag, number, one_of, shown
from .path_format import PathFormat
from .timeline import Moment

FORMAT = "fieldscope-path"
VERSION = 1
MOST_FRAMES = 1_000_000

AnyPath = KeyframePath | FlightPath | ShapePath

_SCENES: dict[str, tuple[type[AnyPath], PathFormat]] = {
    "picture": (KeyframePath, PICTURE_PATH),
    "textured_mesh": (FlightPath, FLIGHT_PATH),
    "shape": (ShapePath, SHAPE_PATH),
}
_REQUIRED = ("format", "version", "scene")
_OPTIONAL = ("frames_per_second", "closed")


def read_path(file: Path) -> AnyPath:
    """Read and check a path. The files that it names are relative to its own folder.

    Raises:
        InputError: no such file, not JSON, not a path, of a future version, or any entry unknown, missing or
            wrong; the message names the entry, as in ``keyframes[2].time``.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors of Windows begin with a byte order mark
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise InputError(f"path '{file}': cannot be read ({reason}); give the name of a JSON file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"path '{file}': not a text file; give the name of a JSON file") from error
    try:
        return _path(_parsed(text), file.parent)
    except InputError as error:
        raise InputError(f"path '{file}': {error}") from error


def write_path(file: Path, path: AnyPath) -> None:
    """Write ``path`` so that ``read_path`` gives it back, whole or not at all; files are named relative to it.

    Raises:
        InputError: the folder cannot be written or the disk is full.
    """
    scene, path_format = next((name, form) for name, (kind, form) in _SCENES.items() if isinstance(path, kind))
    document = {
        "format": FORMAT,
        "version": VERSION,
        "scene": scene,
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        **path_format.path_entries(path, file.parent),
    }
    entries = [{"time": keyframe.time, **path_format.keyframe_entries(keyframe)} for keyframe in path.keyframes]
    keyframes = ",\n".join(f"    {json.dumps(keyframe)}" for keyframe in entries)
    text = f'{json.dumps(document, indent=2)[:-2]},\n  "keyframes": [\n{keyframes}\n  ]\n}}\n'
    with written_whole(file) as temporary:
        temporary.write_text(text, encoding="utf-8")


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
    _, path_format = _SCENES[one_of(document["scene"], "scene", tuple(_SCENES))]
    required = (*_REQUIRED, *path_format.required, "keyframes")
    check_entries(document, "", required, (*path_format.optional, *_OPTIONAL))
    closed = flag(document.get("closed", False), "closed")
    shared = {
        "keyframes": _keyframes(document["keyframes"], closed, path_format),
        "frames_per_second": number(document.get("frames_per_second", 30.0), "frames_per_second", 0.01, 1000.0),
        "closed": closed,
    }
    path: AnyPath = path_format.path(document, folder, shared)
    if path.duration * path.frames_per_second >= MOST_FRAMES:
        raise InputError(
            f"keyframes: {path.duration:g} seconds at {path.frames_per_second:g} frames a second are more "
            f"than {MOST_FRAMES:,} frames; times are in seconds"
        )
    return path


def _keyframes(listed: Any, closed: bool, path_format: PathFormat) -> tuple[Moment, ...]:
    least = 2 if closed else 1
    if not isinstance(listed, list) or len(listed) < least:
        what = f"a list of at least {least}" + (", since the path is closed" if closed else "")
        raise InputError(f"keyframes: expected {what}, got {shown(listed)}")
    keyframes = tuple(path_format.keyframe(entries, f"keyframes[{index}]") for index, entries in enumerate(listed))
    for index in range(1, len(keyframes)):
        before, time = keyframes[index - 1].time, keyframes[index].time
        if time <= before:
            raise InputError(
                f"keyframes[{index}].time: expected more than {before:g}, the time of the keyframe before, "
                f"got {time:g}; put the keyframes in order of time"
            )
    if closed:
        _check_closing(keyframes, path_format.keyed)
    return keyframes


def _check_closing(keyframes: tuple[Moment, ...], keyed: tuple[str, ...]) -> None:
    first, last = keyframes[0], keyframes[-1]
    for name in keyed:
        expected, got = getattr(first, name), getattr(last, name)
        if None not in (expected, got) and expected != got:
            raise InputError(
                f"keyframes[{len(keyframes) - 1}]: the path is closed, so its last keyframe is the first come "
                f"round again: expected {name} {shown(expected)}, got {shown(got)}; repeat it, or leave it out"
            )
