"""Paths on disk: a versioned JSON of keyframes, described in docs/paths.md."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, get_args

from fieldcore.errors import InputError
from fieldcore.files import written_whole
from fieldcore.filters import Gaussian

from .controls import Comparison, Covariance, Point, filter_entry
from .keyframes import Keyframe, KeyframePath

FORMAT = "fieldscope-path"
VERSION = 1
MOST_FRAMES = 1_000_000

_REQUIRED = ("format", "version", "scene", "field", "keyframes")
_OPTIONAL = ("other", "truth", "frames_per_second", "closed", "caption", "error_range", "falloff")
_KEYED = ("center", "zoom", "comparison", "divider", "foveated", "gaze")
_COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
_SAMPLE = "sample:"


def read_path(file: Path) -> KeyframePath:
    """Read and check a path. The files that it names are relative to its own folder.

    Raises:
        InputError: no such file, not JSON, not a path, of a future version, or any entry unknown, missing or
            wrong; the message names the entry, as in ``keyframes[2].time``.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise InputError(f"path '{file}': cannot be read ({reason}); give the name of a JSON file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"path '{file}': not a text file; give the name of a JSON file") from error
    try:
        return _path(_parsed(text), file.parent)
    except InputError as error:
        raise InputError(f"path '{file}': {error}") from error


def write_path(file: Path, path: KeyframePath) -> None:
    """Write ``path`` so that ``read_path`` gives it back, whole or not at all; files are named relative to it.

    Raises:
        InputError: the folder cannot be written or the disk is full.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "scene": "picture",
        "field": _relative(path.field, file.parent),
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        "caption": path.caption,
        "error_range": path.error_range,
        "falloff": path.falloff,
    }
    if path.other is not None:
        document["other"] = _relative(path.other, file.parent)
    if path.truth:
        sample = path.truth.startswith(_SAMPLE)
        document["truth"] = path.truth if sample else _relative(Path(path.truth), file.parent)
    keyframes = ",\n".join(f"    {json.dumps(_keyframe_entries(keyframe))}" for keyframe in path.keyframes)
    text = f'{json.dumps(document, indent=2)[:-2]},\n  "keyframes": [\n{keyframes}\n  ]\n}}\n'
    with written_whole(file) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _relative(file: Path, folder: Path) -> str:
    # Folders may be links, and ".." leads out of what a link points to.
    file, folder = file.parent.resolve() / file.name, folder.resolve()
    try:
        return os.path.relpath(file, folder)
    except ValueError:  # another drive of Windows
        return str(file)


def _keyframe_entries(keyframe: Keyframe) -> dict[str, Any]:
    entries: dict[str, Any] = {"time": keyframe.time}
    if keyframe.covariance is not None:
        entries |= filter_entry(keyframe.covariance)
    return entries | {name: value for name in _KEYED if (value := getattr(keyframe, name)) is not None}


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


def _path(document: Any, folder: Path) -> KeyframePath:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f'not a Fieldscope path; such a file says "format": "{FORMAT}"')
    version = document.get("version")
    if not isinstance(version, float) or not version.is_integer() or version < 1:
        raise InputError(f"version: expected a whole number from 1, got {_shown(version)}")
    if version > VERSION:
        raise InputError(
            f"written by a newer Fieldscope (version {version:g}, this one reads up to {VERSION}); update Fieldscope"
        )
    _check_entries(document, "", _REQUIRED, _OPTIONAL)
    if document["scene"] != "picture":
        raise InputError(f'scene: expected "picture", got {_shown(document["scene"])}')
    closed = _flag(document.get("closed", False), "closed")
    path = KeyframePath(
        field=folder / _text(document["field"], "field", "the path of a field"),
        keyframes=_keyframes(document["keyframes"], closed),
        frames_per_second=_number(document.get("frames_per_second", 30.0), "frames_per_second", 0.01, 1000.0),
        closed=closed,
        caption=_flag(document.get("caption", True), "caption"),
        other=folder / _text(document["other"], "other", "the path of a field") if "other" in document else None,
        truth=_truth(document, folder),
        error_range=_number(document.get("error_range", KeyframePath.error_range), "error_range", above=0.0),
        falloff=_number(document.get("falloff", KeyframePath.falloff), "falloff", 0.0),
    )
    _check_two_up(path)
    if path.duration * path.frames_per_second >= MOST_FRAMES:
        raise InputError(
            f"keyframes: {path.duration:g} seconds at {path.frames_per_second:g} frames a second are more "
            f"than {MOST_FRAMES:,} frames; times are in seconds"
        )
    return path


def _keyframes(listed: Any, closed: bool) -> tuple[Keyframe, ...]:
    least = 2 if closed else 1
    if not isinstance(listed, list) or len(listed) < least:
        what = f"a list of at least {least}" + (", since the path is closed" if closed else "")
        raise InputError(f"keyframes: expected {what}, got {_shown(listed)}")
    keyframes = tuple(_keyframe(entries, f"keyframes[{index}]") for index, entries in enumerate(listed))
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


def _keyframe(entries: Any, where: str) -> Keyframe:
    _check_entries(entries, where, ("time",), ("variance", "covariance", *_KEYED))
    if "variance" in entries and "covariance" in entries:
        raise InputError(f"{where}: both 'variance' and 'covariance' are given; keep one")
    return Keyframe(
        time=_number(entries["time"], f"{where}.time"),
        covariance=_filter(entries, where),
        center=_point(entries, where, "center"),
        zoom=_number(entries["zoom"], f"{where}.zoom", 0.01, 1e6) if "zoom" in entries else None,
        comparison=_comparison(entries, where),
        divider=_number(entries["divider"], f"{where}.divider", 0.0, 1.0) if "divider" in entries else None,
        foveated=_flag(entries["foveated"], f"{where}.foveated") if "foveated" in entries else None,
        gaze=_point(entries, where, "gaze"),
    )


def _point(entries: dict[str, Any], where: str, name: str) -> Point | None:
    if name not in entries:
        return None
    x, y = _numbers(entries[name], f"{where}.{name}", 2)
    return (x, y)


def _comparison(entries: dict[str, Any], where: str) -> Comparison | None:
    if "comparison" not in entries:
        return None
    value = entries["comparison"]
    if value not in _COMPARISONS:
        expected = ", ".join(f'"{name}"' for name in _COMPARISONS)
        raise InputError(f"{where}.comparison: expected one of {expected}, got {_shown(value)}")
    return value


def _filter(entries: dict[str, Any], where: str) -> Covariance | None:
    if "variance" in entries:
        variance = _number(entries["variance"], f"{where}.variance", 0.0)
        return (variance, 0.0, variance)
    if "covariance" in entries:
        xx, xy, yy = _numbers(entries["covariance"], f"{where}.covariance", 3)
        if not (min(xx, yy) >= 0 and max(xx, yy) < 1e30 and xy * xy <= xx * yy):
            _check_forgivingly(xx, xy, yy, where)
        return (xx, xy, yy)
    return None


def _check_forgivingly(xx: float, xy: float, yy: float, where: str) -> None:
    # A filter forgives rounding, but is too slow to ask for every one of a recording's thousands of keyframes.
    try:
        Gaussian([[xx, xy], [xy, yy]])
    except InputError as error:
        raise InputError(f"{where}.{error}") from error


def _check_closing(keyframes: tuple[Keyframe, ...]) -> None:
    first, last = keyframes[0], keyframes[-1]
    for name in ("covariance", *_KEYED):
        expected, got = getattr(first, name), getattr(last, name)
        if None not in (expected, got) and expected != got:
            raise InputError(
                f"keyframes[{len(keyframes) - 1}]: the path is closed, so its last keyframe is the first come "
                f"round again: expected {name} {_shown(expected)}, got {_shown(got)}; repeat it, or leave it out"
            )


def _check_two_up(path: KeyframePath) -> None:
    for index, keyframe in enumerate(path.keyframes):
        if keyframe.comparison == "two_up" and path.other is None:
            raise InputError(
                f'keyframes[{index}].comparison: "two_up" shows a second field on the right; name its file in '
                "the path's entry 'other'"
            )


def _truth(document: dict[str, Any], folder: Path) -> str:
    if "truth" not in document:
        return ""
    truth = _text(document["truth"], "truth", f"the file of a picture or {_SAMPLE}NAME")
    return truth if truth.startswith(_SAMPLE) else str(folder / truth)


def _check_entries(entries: Any, where: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    prefix = f"{where}: " if where else ""
    if not isinstance(entries, dict):
        raise InputError(f"{prefix}expected an object in braces, got {_shown(entries)}")
    known = (*required, *optional)
    unknown = [name for name in entries if name not in known]
    if unknown:
        raise InputError(f"{prefix}unknown entry '{unknown[0]}'; the entries are {', '.join(known)}")
    missing = [name for name in required if name not in entries]
    if missing:
        raise InputError(f"{prefix}entry '{missing[0]}' is missing")


def _number(
    value: Any, where: str, least: float = -math.inf, most: float = math.inf, *, above: float = -math.inf
) -> float:
    if not isinstance(value, float) or not math.isfinite(value) or not least <= value <= most or value <= above:
        bounds = [f"more than {above:g}"] * (above > -math.inf)
        bounds += [f"at least {least:g}"] * (least > -math.inf) + [f"at most {most:g}"] * (most < math.inf)
        expected = ", ".join(["a finite number", *bounds])
        raise InputError(f"{where}: expected {expected}, got {_shown(value)}")
    return value


def _numbers(value: Any, where: str, count: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise InputError(f"{where}: expected a list of {count} numbers, got {_shown(value)}")
    return tuple(_number(entry, f"{where}[{index}]") for index, entry in enumerate(value))


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{where}: expected true or false, got {_shown(value)}")
    return value


def _text(value: Any, where: str, expected: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{where}: expected {expected}, got {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
