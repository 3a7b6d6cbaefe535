"""The settings of the shape scene."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from ...setting import Session, Setting
from .controls import ShapeControls


def _state(session: Session) -> Any:
    return session.state_of("shape")


def _by_variance(session: Session) -> bool:
    return bool(_state(session).controls.is_gaussian)


def _along_axis(index: int) -> Setting:
    """The filter's size along one of its axes."""

    def put(session: Session, value: float) -> None:
        sizes = list(_state(session).axes.log10_variances)
        sizes[index] = value
        _state(session).set_axes(log10_variances=tuple(sizes))

    return Setting(
        f"log10-variance-{index + 1}", "Filter", f"along axis {index + 1}", f"log10 of the variance along the filter's "
        f"{('first', 'second', 'third')[index]} axis, which is {'xyz'[index]} where nothing is turned", "slider",
        get=lambda session: _state(session).axes.log10_variances[index], assign=put,
        least=LEAST_LOG10_VARIANCE, most=MOST_LOG10_VARIANCE, seen=_by_variance,
    )  # fmt: skip


def _turn(name: str, entry: str, label: str, meaning: str, most: float) -> Setting:
    """How the filter's axes are turned."""
    return Setting(
        name, "Filter", label, meaning, "slider",
        get=lambda session: getattr(_state(session).axes, entry) + 0.0,  # never -0
        assign=lambda session, value: _state(session).set_axes(**{entry: value}), least=-most, most=most,
        seen=_by_variance,
    )  # fmt: skip


SETTINGS: tuple[Setting, ...] = (
    *(_along_axis(index) for index in range(3)),
    _turn("filter-yaw", "yaw_deg", "yaw, degrees", "turn of the filter's axes about the vertical, positive to the left",
          180.0),
    _turn("filter-pitch", "pitch_deg", "pitch, degrees", "upward tilt of the filter's third axis", 90.0),
    _turn("filter-roll", "roll_deg", "roll, degrees", "turn about the filter's third axis", 180.0),
    *settings_of(ShapeControls, ("shape",)),
)  # fmt: skip
