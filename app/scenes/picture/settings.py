"""The settings of the picture scene."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...plane.size_maps import MOST_BRUSH_PT, MapControls
from ...setting import Session, Setting
from .controls import Controls


def _set_foveated(session: Session, foveated: bool) -> None:
    state: Any = session.state_of("picture")
    state.set_foveated(foveated)


def _set_map(session: Session, name: str) -> None:
    state: Any = session.state_of("picture")
    state.set_map(name)


def _brush(name: str, entry: str, label: str, meaning: str, least: float, most: float) -> Setting:
    """Of the brush that paints maps."""

    def state(session: Session) -> Any:
        return session.state_of("picture")

    def take(session: Session, value: float) -> None:
        setattr(state(session), entry, value)

    return Setting(
        name, "Filter", label, meaning, "slider", get=lambda session: getattr(state(session), entry), assign=take,
        least=least, most=most, seen=lambda session: state(session).brushes,
    )  # fmt: skip


SETTINGS: tuple[Setting, ...] = (
    *settings_of(MapControls, ("picture",), puts={"half_size_map": _set_map}),
    *settings_of(Controls, ("picture",), puts={"foveated": _set_foveated}),
    _brush("brush-size", "brush_pt", "brush size", "radius of the brush, in points of the view", 4.0, MOST_BRUSH_PT),
    _brush("brush-strength", "brush_strength", "brush strength", "how much of the whole size a stroke gives; below 0 "
           "it takes off", -1.0, 1.0),
)  # fmt: skip
