"""The settings of the picture scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fieldcore.errors import InputError

from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_ANISOTROPY, MOST_LOG10_VARIANCE
from ...scene_names import SceneName
from ...setting import Session, Setting, Widget, joined, numbers_of
from .controls import LEAST_ZOOM, MOST_ZOOM, Comparison, Controls

_FARTHEST_CENTER = 2.0  # as far as the picture can be dragged
_PICTURES: tuple[SceneName, ...] = ("picture",)


def _control(name: str, group: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting that is an entry of the controls."""
    entry = name.replace("-", "_")
    return Setting(
        name, group, label, meaning, widget,
        get=lambda session: getattr(session.controls, entry),
        assign=lambda session, value: session.change(**{entry: value}),
        flag=True, scenes=("picture",), usual=getattr(Controls(""), entry), **more,
    )  # fmt: skip


def _axis(name: str, entry: str, label: str, meaning: str, least: float, most: float) -> Setting:
    return Setting(
        name, "Filter", label, meaning, "slider",
        get=lambda session: getattr(session.axes, entry),
        assign=lambda session, value: session.set_axes(**{entry: value}),
        least=least, most=most, scenes=("picture",),
    )  # fmt: skip


def _set_center(session: Session, text: str) -> None:
    x, y = numbers_of(text, 2, "center")
    if not max(abs(x), abs(y)) <= _FARTHEST_CENTER:
        raise InputError(f"center: expected numbers from {-_FARTHEST_CENTER:g} to {_FARTHEST_CENTER:g}, got '{text}'")
    session.change(center=(x, y))


def _set_foveated(session: Session, foveated: bool) -> None:
    session.set_foveated(foveated)


def _only_in(comparison: Comparison, reason: str) -> Callable[[Session], str]:
    return lambda session: "" if session.controls.comparison == comparison else reason


PICTURE_SETTINGS: tuple[Setting, ...] = (
    _axis("log10-variance", "log10_variance", "log10 variance",
          "how much is averaged over: the Gaussian's variance in squared domain units (the picture's longer side is "
          "2), as a power of ten; leftmost is none", LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE),
    _axis("anisotropy", "anisotropy", "anisotropy, decades",
          "how much more is averaged over along one direction than across it: log10 of the two variances' ratio",
          0.0, MOST_ANISOTROPY),
    _axis("angle", "angle_deg", "angle, degrees", "that direction, counter-clockwise from the picture's width",
          -90.0, 90.0),
    _control("falloff", "Filter", "falloff", "foveated: the standard deviation one domain unit away from the cursor",
             "slider", least=0.0, most=1.0,
             refusal=lambda session: "" if session.controls.foveated else "only for the foveated filter: press F"),
    Setting("foveated", "Filter", "foveated", "let the variance grow away from the cursor", "toggle",
            get=lambda session: session.controls.foveated, assign=_set_foveated, flag=True,
            scenes=_PICTURES, usual=Controls.foveated),
    _control("error-range", "Compare", "brightest error", "the mean absolute difference that the error map shows "
             "brightest, as a share of the range from black to white", "slider", least=0.005, most=0.5,
             refusal=_only_in("error", "only for the error map: press E")),
    _control("divider", "Compare", "divider", "where the wipe divides the view, as a share of its width", "slider",
             refusal=_only_in("wipe", "only for the wipe: press X")),
    _control("zoom", "View", "zoom", "1 shows the whole picture", "number", least=LEAST_ZOOM, most=MOST_ZOOM),
    Setting("center", "View", "center x,y", "the point of the domain in the middle of the view, in domain units",
            "text", get=lambda session: joined(session.controls.center), assign=_set_center, flag=True,
            scenes=_PICTURES, usual=Controls.center, metavar="X,Y"),
)  # fmt: skip
