"""Flights as JSON, described in docs/paths.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from fieldcore.borders import Border

from ..path_entries import check_entries, flag, number, numbers, one_of, relative_to, text, whole_number
from ..path_format import PathFormat
from .camera import MOST_PITCH_DEG, Vector
from .controls import FlightComparison, PixelFilter, Shading
from .flight import FlightKeyframe, FlightPath

MOST_SAMPLES = 16
"""Samples a pixel along either axis."""

LEAST_FOV_DEG, MOST_FOV_DEG = 1.0, 170.0

_Check = Callable[[Any, str], Any]


def _named(kind: Any) -> _Check:
    return lambda value, where: one_of(value, where, get_args(kind))


def _position(value: Any, where: str) -> Vector:
    x, y, z = numbers(value, where, 3)
    return (x, y, z)


_KEYED: dict[str, _Check] = {
    "position": _position,
    "yaw_deg": number,
    "pitch_deg": lambda value, where: number(value, where, -MOST_PITCH_DEG, MOST_PITCH_DEG),
    "fov_deg": lambda value, where: number(value, where, LEAST_FOV_DEG, MOST_FOV_DEG),
    "variance": lambda value, where: number(value, where, 0.0),
    "shading": _named(Shading),
    "other": _named(Shading),
    "comparison": _named(FlightComparison),
    "divider": lambda value, where: number(value, where, 0.0, 1.0),
}
_STILL: dict[str, _Check] = {
    "wrap": _named(Border),
    "atlas": flag,
    "pixel_filter": _named(PixelFilter),
    "samples": lambda value, where: whole_number(value, where, 1, MOST_SAMPLES),
    "lit": flag,
    "grid": flag,
    "caption": flag,
    "error_range": lambda value, where: number(value, where, above=0.0),
}
_FILES = {"model": "the path of a model", "field": "the path of a field", "texture": "the file of a picture"}


def _path(document: dict[str, Any], folder: Path, shared: dict[str, Any]) -> FlightPath:
    files: dict[str, Any] = {
        name: folder / text(document[name], name, what) for name, what in _FILES.items() if name in document
    }
    still = {name: check(document[name], name) for name, check in _STILL.items() if name in document}
    return FlightPath(**shared, **files, **still)


def _path_entries(path: FlightPath, folder: Path) -> dict[str, Any]:
    files = {name: relative_to(folder, file) for name in _FILES if (file := getattr(path, name)) is not None}
    return files | {name: value for name in _STILL if (value := getattr(path, name)) is not None}


def _keyframe(entries: Any, where: str) -> FlightKeyframe:
    check_entries(entries, where, ("time",), tuple(_KEYED))
    keyed = {name: check(entries[name], f"{where}.{name}") for name, check in _KEYED.items() if name in entries}
    return FlightKeyframe(time=number(entries["time"], f"{where}.time"), **keyed)


def _keyframe_entries(keyframe: FlightKeyframe) -> dict[str, Any]:
    return {name: value for name in _KEYED if (value := getattr(keyframe, name)) is not None}


FLIGHT_PATH = PathFormat(
    required=("model",),
    optional=(*list(_FILES)[1:], *_STILL),
    keyed=tuple(_KEYED),
    keyframe=_keyframe,
    path=_path,
    keyframe_entries=_keyframe_entries,
    path_entries=_path_entries,
)
