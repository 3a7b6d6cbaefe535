"""The settings of the fly-through."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from ...scene_names import SceneName
from ...setting import Session, Setting, Widget
from .controls import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, FlightComparison, FlightControls, PixelFilter, Shading

_FLIGHT: tuple[SceneName, ...] = ("flight",)
_setting = partial(Setting, scenes=_FLIGHT)
_USUAL = FlightControls("")


def _control(name: str, entry: str, group: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting that is an entry of the controls."""
    return _setting(
        name, group, label, meaning, widget,
        get=lambda session: getattr(session.cockpit.controls, entry),
        assign=lambda session, value: session.cockpit.change(**{entry: value}),
        usual=getattr(_USUAL, entry), **more,
    )  # fmt: skip


def _set_shading(session: Session, shading: Shading) -> None:
    session.cockpit.shade(shading)


def _set_beside(session: Session, shading: Shading) -> None:
    session.cockpit.shade_beside(shading)


def _set_comparison(session: Session, comparison: FlightComparison) -> None:
    if comparison != session.cockpit.controls.comparison:
        session.cockpit.compare(comparison)


def _shown_with(reason: str, *comparisons: FlightComparison) -> Callable[[Session], str]:
    return lambda session: "" if session.cockpit.controls.comparison in comparisons else reason


FLIGHT_SETTINGS: tuple[Setting, ...] = (
    _setting("shading", "Shading", "shading", "how the texture is looked up: its nearest sample (single), OpenGL's "
             "mipmaps (also anisotropic), the mean of many samples (supersampled, the judge), the field filtered once "
             "a pixel by torch (neural) or in the fragment shader (shader), or the pass itself (uv)", "choice",
             get=lambda session: session.cockpit.controls.shading, assign=_set_shading,
             choices=lambda session: get_args(Shading), flag=True, flag_type=Shading, usual=_USUAL.shading),
    _setting("beside", "Shading", "on the right", "the same on the right of a wipe or a two-up", "choice",
             get=lambda session: session.cockpit.controls.other, assign=_set_beside,
             choices=lambda session: get_args(Shading), flag=True, flag_type=Shading, usual=_USUAL.other),
    _setting("shadings", "Shading", "show", "one way of shading, a wipe between two, two side by side, four at once, "
             "or how far one is from the judge", "choice", get=lambda session: session.cockpit.controls.comparison,
             assign=_set_comparison, choices=lambda session: get_args(FlightComparison), flag=True,
             flag_type=FlightComparison, usual=_USUAL.comparison),
    _control("shading-divider", "divider", "Shading", "divider", "where the wipe divides the view, as a share of its "
             "width", "slider", refusal=_shown_with("only for the wipe: press X", "wipe")),
    _control("shading-error-range", "error_range", "Shading", "brightest error", "the mean absolute difference that "
             "the error map shows brightest", "slider", least=0.005, most=0.5,
             refusal=_shown_with("only for the error map: press E", "error")),
    _setting("texture-log10-variance", "Shading", "log10 variance", "how much more than a pixel's footprint the field "
             "averages over: a variance in squared domain units of the texture, whose longer side is 2, as a power of "
             "ten; leftmost is none. The field answers to it, plain textures do not", "slider",
             get=lambda session: session.cockpit.log10_variance,
             assign=lambda session, value: session.cockpit.set_log10_variance(value),
             least=LEAST_LOG10_VARIANCE, most=MOST_LOG10_VARIANCE),
    _control("pixel-filter", "pixel_filter", "Shading", "pixel filter", "what a pixel averages over: a Gaussian whose "
             "standard deviation is half a pixel, or one with the variance of a pixel's box", "choice",
             choices=lambda session: get_args(PixelFilter), flag=True, flag_type=PixelFilter),
    _control("samples", "samples", "Shading", "judge's samples", "the judge takes this many by this many samples a "
             "pixel; more are slower and more right", "whole", least=1.0, most=16.0, flag=True, renders=("flight",)),
    _control("light", "lit", "Camera", "light", "let light fall on the model", "toggle", flag=True,
             switched_off="show the model's bare texture, without light"),
    _control("grid", "grid", "Camera", "grid and axes", "show the ground's grid and the axes", "toggle",
             flag=True),
)  # fmt: skip
