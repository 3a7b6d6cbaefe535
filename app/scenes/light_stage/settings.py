"""The settings of the scene of light stages."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...setting import Session, Setting
from .controls import LightStageControls


def _state(session: Session) -> Any:
    return session.state_of("light_stage")


SETTINGS: tuple[Setting, ...] = (
    Setting("light-azimuth", "Light", "azimuth, degrees", "where the light comes from: 0 is the right of the photo, 90 "
            "its top", "slider", get=lambda session: _state(session).angles_deg[0],
            assign=lambda session, value: _state(session).set_angles(azimuth_deg=value), least=-180.0, most=180.0),
    Setting("light-elevation", "Light", "elevation, degrees", "how high the light is above the photo: 90 is the camera",
            "slider", get=lambda session: _state(session).angles_deg[1],
            assign=lambda session, value: _state(session).set_angles(elevation_deg=value), least=-90.0, most=90.0),
    *settings_of(LightStageControls, ("light_stage",)),
)  # fmt: skip
