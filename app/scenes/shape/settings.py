"""The settings of the shape scene."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

from fieldcore.shape_extent import HALF_EXTENT

from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from ...setting import Session, Setting, Widget
from .controls import Colouring, ShapeControls, Slice

_setting = partial(Setting, scenes=("shape",))
_USUAL = ShapeControls("")
_FARTHEST_LEVEL = 0.5
_Cells = Literal["32", "64", "128", "256"]


def _control(name: str, entry: str, group: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting that is an entry of the controls."""
    return _setting(
        name, group, label, meaning, widget,
        get=lambda session: getattr(session.stand.controls, entry),
        assign=lambda session, value: session.stand.change(**{entry: value}),
        usual=getattr(_USUAL, entry), **more,
    )  # fmt: skip


def _along_axis(index: int) -> Setting:
    """The filter's size along one of its axes."""

    def put(session: Session, value: float) -> None:
        sizes = list(session.stand.axes.log10_variances)
        sizes[index] = value
        session.stand.set_axes(log10_variances=tuple(sizes))

    return _setting(
        f"log10-variance-{index + 1}", "Filter", f"along axis {index + 1}", f"log10 of the variance along the filter's "
        f"{('first', 'second', 'third')[index]} axis, which is {'xyz'[index]} where nothing is turned", "slider",
        get=lambda session: session.stand.axes.log10_variances[index], assign=put,
        least=LEAST_LOG10_VARIANCE, most=MOST_LOG10_VARIANCE,
    )  # fmt: skip


def _turn(name: str, entry: str, label: str, meaning: str, most: float) -> Setting:
    """How the filter's axes are turned."""
    return _setting(
        name, "Filter", label, meaning, "slider",
        get=lambda session: getattr(session.stand.axes, entry) + 0.0,  # never -0
        assign=lambda session, value: session.stand.set_axes(**{entry: value}), least=-most, most=most,
    )  # fmt: skip


def _only_where(entry: str, value: Any, reason: str) -> Callable[[Session], str]:
    return lambda session: "" if getattr(session.stand.controls, entry) == value else reason


def _needs_slice(session: Session) -> str:
    return "nothing is cut open: press Z" if session.stand.controls.slice == "none" else ""


def _set_cells(session: Session, cells: str) -> None:
    session.stand.change(cells=int(cells))


SHAPE_SETTINGS: tuple[Setting, ...] = (
    _setting("shape-log10-variance", "Filter", "log10 variance", "how much is averaged over: the Gaussian's variance, "
             "in squared domain units (the shape's longest side is 2), as a power of ten, the mean of its three axes; "
             "leftmost is none", "slider", get=lambda session: session.stand.log10_variance,
             assign=lambda session, value: session.stand.set_log10_variance(value),
             least=LEAST_LOG10_VARIANCE, most=MOST_LOG10_VARIANCE),
    *(_along_axis(index) for index in range(3)),
    _turn("filter-yaw", "yaw_deg", "yaw, degrees", "turn of the filter's axes about the vertical, positive to the left",
          180.0),
    _turn("filter-pitch", "pitch_deg", "pitch, degrees", "upward tilt of the filter's third axis", 90.0),
    _turn("filter-roll", "roll_deg", "roll, degrees", "turn about the filter's third axis", 180.0),
    _control("level", "level", "Surface", "iso-level", "the signed distance whose surface is shown, in domain units: "
             "above 0 the shape grows, below it shrinks", "slider", least=-_FARTHEST_LEVEL, most=_FARTHEST_LEVEL,
             flag=True),
    _control("colouring", "colouring", "Surface", "colouring", "what colours the surface: a plain material, the "
             "direction it faces, or its mean curvature", "choice", choices=lambda session: get_args(Colouring),
             flag=True, flag_type=Colouring),
    _control("slice", "slice", "Surface", "slice", "the axis across which the shape is cut open; the distance is drawn "
             "on the cut, with lines of equal distance", "choice", choices=lambda session: get_args(Slice), flag=True,
             flag_type=Slice),
    _control("slice-position", "slice_position", "Surface", "slice at", "where on that axis, in domain units", "slider",
             least=-HALF_EXTENT, most=HALF_EXTENT, flag=True, refusal=_needs_slice),
    _setting("cells", "Surface", "cells", "of the finest bake along each axis; twice as many take eight times as long",
             "choice", get=lambda session: str(session.stand.controls.cells), assign=_set_cells,
             choices=lambda session: get_args(_Cells), flag=True, flag_type=_Cells, usual=str(_USUAL.cells)),
    _control("exact", "exact", "Surface", "exact", "ask the field itself along every ray once the view rests, instead "
             "of its bake", "toggle", flag=True),
    _control("shadows", "shadows", "Surface", "shadows", "let the light cast shadows", "toggle", flag=True,
             switched_off="let the light cast no shadows"),
    _control("light-yaw", "light_yaw_deg", "Surface", "light's yaw, degrees", "where the light stands about the "
             "vertical axis: 0 is +z, 90 is +x", "slider", least=-180.0, most=180.0, flag=True),
    _control("light-pitch", "light_pitch_deg", "Surface", "light's height, degrees", "how high it stands above the "
             "horizon", "slider", least=-90.0, most=90.0, flag=True),
    _control("floor", "grid", "Camera", "ground and axes", "show the ground's grid and the axes", "toggle", flag=True,
             switched_off="hide the ground's grid and the axes"),
    _control("distance-range", "error_range", "Compare", "largest error", "the distance to the truth that the error "
             "map shows in its strongest colours, in domain units", "slider", least=0.0005, most=0.2, flag=True,
             refusal=_only_where("comparison", "error", "only for the error map: press E")),
    _control("shape-divider", "divider", "Compare", "divider", "where the wipe divides the view, as a share of its "
             "width", "slider", flag=True, refusal=_only_where("comparison", "wipe", "only for the wipe: press X")),
)  # fmt: skip
