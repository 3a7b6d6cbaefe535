"""The settings of the picture scene."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...plane.controls import PlaneControls
from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_ANISOTROPY, MOST_LOG10_VARIANCE
from ...setting import Session, Setting
from .controls import Controls


def _state(session: Session) -> Any:
    return session.state_of("picture")


def _axis(name: str, entry: str, label: str, meaning: str, least: float, most: float, **more: Any) -> Setting:
    return Setting(
        name, "Filter", label, meaning, "slider",
        get=lambda session: getattr(_state(session).axes, entry),
        assign=lambda session, value: _state(session).set_axes(**{entry: value}),
        least=least, most=most, **more,
    )  # fmt: skip


SETTINGS: tuple[Setting, ...] = (
    _axis("log10-variance", "log10_variance", "log10 variance",
          "how much is averaged over: the Gaussian's variance in squared domain units (the picture's longer side is "
          "2), as a power of ten; leftmost is none", LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, least_is_none=True),
    _axis("anisotropy", "anisotropy", "anisotropy, decades",
          "how much more is averaged over along one direction than across it: log10 of the two variances' ratio",
          0.0, MOST_ANISOTROPY),
    _axis("angle", "angle_deg", "angle, degrees", "that direction, counter-clockwise from the picture's width",
          -90.0, 90.0),
    *settings_of(Controls, ("picture",), beyond=PlaneControls, puts={
        "foveated": lambda session, value: _state(session).set_foveated(value),
    }),
)  # fmt: skip
