"""The table of settings: every value a person can set, made once into panel, command line, commands and docs.

A new setting is one entry here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from fieldcore.errors import InputError
from fieldcore.fields import KINDS
from fieldcore.filters import Gaussian

from .controls import Comparison
from .principal_axes import LEAST_LOG10_VARIANCE, MOST_ANISOTROPY, MOST_LOG10_VARIANCE
from .session import Session
from .view import LEAST_ZOOM, MOST_ZOOM

Widget = Literal["slider", "number", "whole", "choice", "toggle", "text"]

_MOST_VARIANCE = 100.0  # five times as wide as a picture: it is one colour by then
_FARTHEST_CENTER = 2.0  # as far as the picture can be dragged


@dataclass(frozen=True)
class Setting:
    """One value.

    Attributes:
        name: unique; with two dashes in front its flag, if it has one.
        group: of the panel.
        label: in the panel, with its unit.
        meaning: in plain words, for tooltip, help and docs.
        widget: how it is edited.
        get, assign: from and into the session.
        least, most: bounds of numbers.
        choices: of a choice, in order.
        refusal: why it cannot be set now; empty where it can.
        flag: whether ``python -m app`` takes it.
        flag_type: of its value there.
    """

    name: str
    group: str
    label: str
    meaning: str
    widget: Widget
    get: Callable[[Session], Any]
    assign: Callable[[Session, Any], None]
    least: float = 0.0
    most: float = 1.0
    choices: Callable[[Session], tuple[str, ...]] = lambda session: ()
    refusal: Callable[[Session], str] = lambda session: ""
    flag: bool = False
    flag_type: Any = None

    def set(self, session: Session, value: Any) -> None:
        """Set it. Raises InputError for what is out of bounds or of another kind."""
        if self.is_number:
            number = _number(value)
            self._require(self.least <= number <= self.most, f"a number from {self.least:g} to {self.most:g}", value)
            value = round(number) if self.widget == "whole" else number
        elif self.widget == "choice":
            self._require(value in self.choices(session), f"one of {', '.join(self.choices(session))}", value)
        elif self.widget == "toggle":
            self._require(isinstance(value, bool), "yes or no", value)
        else:
            self._require(isinstance(value, str), "text", value)
        self.assign(session, value)

    def within_bounds(self, value: Any) -> Any:
        """The number nearest to ``value`` within the bounds; what is no number is left for ``set`` to refuse."""
        return min(max(_number(value), self.least), self.most) if self.is_number else value

    @property
    def is_number(self) -> bool:
        """Whether it is a number between two bounds."""
        return self.widget in ("slider", "number", "whole")

    def _require(self, holds: bool, expected: str, got: Any) -> None:
        if not holds:
            raise InputError(f"{self.name}: expected {expected}, got {got!r}")


def _number(value: Any) -> float:
    """The number, or NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _control(name: str, group: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting that is an entry of the controls."""
    entry = name.replace("-", "_")
    return Setting(
        name, group, label, meaning, widget,
        get=lambda session: getattr(session.controls, entry),
        assign=lambda session, value: session.change(**{entry: value}),
        flag=True, **more,
    )  # fmt: skip


def _axis(name: str, entry: str, label: str, meaning: str, least: float, most: float) -> Setting:
    return Setting(
        name, "Filter", label, meaning, "slider",
        get=lambda session: getattr(session.axes, entry),
        assign=lambda session, value: session.set_axes(**{entry: value}),
        least=least, most=most,
    )  # fmt: skip


def _plan(name: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting of the next training."""
    entry = name.replace("-", "_")

    def put(session: Session, value: Any) -> None:
        plan = replace(session.training.plan, **{entry: value})
        session.training.plan = plan.checked()

    def get(session: Session) -> Any:
        return getattr(session.training.plan, entry)

    return Setting(name, "Training", label, meaning, widget, get, put, **more)


def _recording(name: str, entry: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting of the next recording."""

    def put(session: Session, value: Any) -> None:
        session.recording.settings = replace(session.recording.settings, **{entry: value})

    def get(session: Session) -> Any:
        return getattr(session.recording.settings, entry)

    return Setting(name, "Record", label, meaning, widget, get, put, **more)


def numbers_of(text: str, count: int, name: str) -> tuple[float, ...]:
    """That many numbers from ``1,2,3``. Raises InputError naming what they are for."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count:
        what = ", ".join(["a number"] * count) if count < 3 else f"{count} numbers"
        raise InputError(f"{name}: expected {what} with commas between, got '{text}'")
    return numbers


def _set_covariance(session: Session, text: str) -> None:
    xx, xy, yy = numbers_of(text, 3, "covariance")
    Gaussian([[xx, xy], [xy, yy]])
    if max(xx, yy) > _MOST_VARIANCE:
        raise InputError(f"covariance: expected variances up to {_MOST_VARIANCE:g}, got '{text}'")
    session.change(covariance=(xx, xy, yy))


def _set_variance(session: Session, value: float) -> None:
    Gaussian(value)
    session.change(covariance=(value, 0.0, value))


def _set_center(session: Session, text: str) -> None:
    x, y = numbers_of(text, 2, "center")
    if not max(abs(x), abs(y)) <= _FARTHEST_CENTER:
        raise InputError(f"center: expected numbers from {-_FARTHEST_CENTER:g} to {_FARTHEST_CENTER:g}, got '{text}'")
    session.change(center=(x, y))


def _only_where(rule: str) -> Callable[[Session], str]:
    return lambda session: "" if session.training.plan.rule == rule else f"the stop rule is not '{rule}'"


def _only_in(comparison: Comparison, reason: str) -> Callable[[Session], str]:
    return lambda session: "" if session.controls.comparison == comparison else reason


def _joined(numbers: tuple[float, ...]) -> str:
    return ",".join(f"{number:.6g}" for number in numbers)


SETTINGS: tuple[Setting, ...] = (
    _axis("log10-variance", "log10_variance", "log10 variance",
          "how much is averaged over: the Gaussian's variance in squared domain units (the picture's longer side is "
          "2), as a power of ten; leftmost is none", LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE),
    _axis("anisotropy", "anisotropy", "anisotropy, decades",
          "how much more is averaged over along one direction than across it: log10 of the two variances' ratio",
          0.0, MOST_ANISOTROPY),
    _axis("angle", "angle_deg", "angle, degrees", "that direction, counter-clockwise from the picture's width",
          -90.0, 90.0),
    Setting("variance", "Filter", "variance", "the variance of an isotropic filter, in squared domain units", "number",
            get=lambda session: session.controls.covariance[0], assign=_set_variance, most=_MOST_VARIANCE, flag=True),
    Setting("covariance", "Filter", "covariance xx,xy,yy", "the covariance matrix, in squared domain units, y down "
            "the height", "text", get=lambda session: _joined(session.controls.covariance), assign=_set_covariance,
            flag=True),
    _control("falloff", "Filter", "falloff", "foveated: the standard deviation one domain unit away from the cursor",
             "slider", least=0.0, most=1.0,
             refusal=lambda session: "" if session.controls.foveated else "only for the foveated filter: press F"),
    Setting("foveated", "Filter", "foveated", "let the variance grow away from the cursor", "toggle",
            get=lambda session: session.controls.foveated, assign=Session.set_foveated, flag=True),
    Setting("comparison", "Compare", "show", "the field, the truth, how far apart they are, a wipe between them, or "
            "two fields side by side", "choice", get=lambda session: session.controls.comparison,
            assign=lambda session, value: session.compare(value) if value != session.controls.comparison else None,
            choices=lambda session: get_args(Comparison), flag=True, flag_type=Comparison),
    _control("error-range", "Compare", "brightest error", "the mean absolute difference that the error map shows "
             "brightest, as a share of the range from black to white", "slider", least=0.005, most=0.5,
             refusal=_only_in("error", "only for the error map: press E")),
    _control("divider", "Compare", "divider", "where the wipe divides the view, as a share of its width", "slider",
             refusal=_only_in("wipe", "only for the wipe: press X")),
    _control("zoom", "View", "zoom", "1 shows the whole picture", "number", least=LEAST_ZOOM, most=MOST_ZOOM),
    Setting("center", "View", "center x,y", "the point of the domain in the middle of the view, in domain units",
            "text", get=lambda session: _joined(session.controls.center), assign=_set_center, flag=True),
    _control("caption", "View", "labels", "write the filter and what is shown on the picture", "toggle"),
    _plan("kind", "kind", "pyramid trains in seconds, spectral and scale_space are the published methods", "choice",
          choices=lambda session: tuple(KINDS)),
    _plan("preset", "preset", "settings by name: preview suits a laptop, paper is the publication's budget", "choice",
          choices=lambda session: tuple(KINDS[session.training.plan.kind].presets)),
    _plan("rule", "stop after", "what ends the training by itself", "choice",
          choices=lambda session: ("seconds", "steps", "target_psnr", "plateau")),
    _plan("seconds", "seconds", "training time, pauses not counted", "number", least=0.1, most=1e6,
          refusal=_only_where("seconds")),
    _plan("steps", "steps", "optimiser steps; the only rule that gives the same bytes on every run", "whole", least=1.0,
          most=1e9, refusal=_only_where("steps")),
    _plan("target-psnr", "PSNR, dB", "stop when the unfiltered field reaches this PSNR", "number", least=1.0,
          most=100.0, refusal=_only_where("target_psnr")),
    _plan("plateau", "steps without gain", "stop after so many steps without a gain of 0.05 dB", "whole", least=1.0,
          most=1e9, refusal=_only_where("plateau")),
    _plan("seed", "seed", "of every random number of the training", "whole", least=0.0, most=2.0**31 - 1),
    _recording("size", "size", "size", "of the recorded frames in pixels", "choice",
               choices=lambda session: ("as shown", "960x540", "1280x720", "1920x1080", "3840x2160", "1024x1024")),
    _recording("frames-per-second", "frames_per_second", "frames a second", "of the recording", "number", least=1.0,
               most=240.0),
    _recording("png", "png", "PNG files", "write every frame as a PNG file", "toggle"),
    _recording("video", "video", "MP4", "write the frames as an H.264 video", "toggle"),
    _recording("folder", "folder", "folder", "where recordings and screenshots go", "text"),
)  # fmt: skip

BY_NAME = {setting.name: setting for setting in SETTINGS}


def put(setting: Setting, session: Session, value: Any) -> None:
    """Set it, or say why it cannot be set."""
    reason = setting.refusal(session)
    if reason:
        session.messages.notice(reason, session.now)
        return
    try:
        setting.set(session, setting.within_bounds(value))
    except InputError as error:
        session.messages.notice(str(error), session.now)
