"""Paths of the picture scene as JSON, described in docs/paths.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from fieldcore.errors import InputError

from ...path.entry_checks import check_entries, flag, number, numbers, one_of, relative_to, text
from ...path.path_format import PathFormat
from .controls import Comparison, Covariance, Point, filter_entry
from .keyframes import Keyframe, KeyframePath

_KEYED = ("center", "zoom", "comparison", "divider", "foveated", "gaze")
_COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
_SAMPLE = "sample:"


def _path(document: dict[str, Any], folder: Path, shared: dict[str, Any]) -> KeyframePath:
    path = KeyframePath(
        **shared,
        field=folder / text(document["field"], "field", "the path of a field"),
        caption=flag(document.get("caption", KeyframePath.caption), "caption"),
        other=folder / text(document["other"], "other", "the path of a field") if "other" in document else None,
        truth=_truth(document, folder),
        error_range=number(document.get("error_range", KeyframePath.error_range), "error_range", above=0.0),
        falloff=number(document.get("falloff", KeyframePath.falloff), "falloff", 0.0),
    )
    _check_two_up(path)
    return path


def _path_entries(path: KeyframePath, folder: Path) -> dict[str, Any]:
    entries: dict[str, Any] = {
        "field": relative_to(folder, path.field),
        "caption": path.caption,
        "error_range": path.error_range,
        "falloff": path.falloff,
    }
    if path.other is not None:
        entries["other"] = relative_to(folder, path.other)
    if path.truth:
        entries["truth"] = path.truth if _is_no_file(path.truth) else relative_to(folder, Path(path.truth))
    return entries


def _keyframe(entries: Any, where: str) -> Keyframe:
    check_entries(entries, where, ("time",), ("variance", "covariance", *_KEYED))
    if "variance" in entries and "covariance" in entries:
        raise InputError(f"{where}: both 'variance' and 'covariance' are given; keep one")
    comparison = entries.get("comparison")
    return Keyframe(
        time=number(entries["time"], f"{where}.time"),
        covariance=_filter(entries, where),
        center=_point(entries, where, "center"),
        zoom=number(entries["zoom"], f"{where}.zoom", 0.01, 1e6) if "zoom" in entries else None,
        comparison=one_of(comparison, f"{where}.comparison", _COMPARISONS) if "comparison" in entries else None,
        divider=number(entries["divider"], f"{where}.divider", 0.0, 1.0) if "divider" in entries else None,
        foveated=flag(entries["foveated"], f"{where}.foveated") if "foveated" in entries else None,
        gaze=_point(entries, where, "gaze"),
    )


def _keyframe_entries(keyframe: Keyframe) -> dict[str, Any]:
    entries = {} if keyframe.covariance is None else filter_entry(keyframe.covariance)
    return entries | {name: value for name in _KEYED if (value := getattr(keyframe, name)) is not None}


def _point(entries: dict[str, Any], where: str, name: str) -> Point | None:
    if name not in entries:
        return None
    x, y = numbers(entries[name], f"{where}.{name}", 2)
    return (x, y)


def _filter(entries: dict[str, Any], where: str) -> Covariance | None:
    if "variance" in entries:
        variance = number(entries["variance"], f"{where}.variance", 0.0)
        return (variance, 0.0, variance)
    if "covariance" in entries:
        xx, xy, yy = numbers(entries["covariance"], f"{where}.covariance", 3)
        if not (min(xx, yy) >= 0 and max(xx, yy) < 1e30 and xy * xy <= xx * yy):
            _check_forgivingly(xx, xy, yy, where)
        return (xx, xy, yy)
    return None


def _check_forgivingly(xx: float, xy: float, yy: float, where: str) -> None:
    from fieldcore.filters import Gaussian  # it imports torch, which most refusals need not wait for

    # A filter forgives rounding, but is too slow to ask for every one of a recording's thousands of keyframes.
    try:
        Gaussian([[xx, xy], [xy, yy]])
    except InputError as error:
        raise InputError(f"{where}.{error}") from error


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
    truth = text(document["truth"], "truth", f"the file of a picture or {_SAMPLE}NAME")
    return truth if _is_no_file(truth) else str(folder / truth)


def _is_no_file(truth: str) -> bool:
    """Whether it is a sample, or a formula, which is its own source."""
    from fieldcore.signals import SIGNALS  # it imports torch, which most refusals need not wait for

    return truth.startswith(_SAMPLE) or truth in SIGNALS


PICTURE_PATH = PathFormat(
    required=("field",),
    optional=("other", "truth", "caption", "error_range", "falloff"),
    keyed=("covariance", *_KEYED),
    keyframe=_keyframe,
    path=_path,
    keyframe_entries=_keyframe_entries,
    path_entries=_path_entries,
)
