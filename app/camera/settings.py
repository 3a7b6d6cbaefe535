"""The settings of the camera, in all scenes in space."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..entry_settings import settings_of
from ..scene_names import IN_SPACE
from ..setting import Session, Setting
from .camera import Camera
from .controls import CameraControls
from .piloting import LEAST_SPEED, MOST_SPEED


def _state(session: Session) -> Any:
    """Of the scene shown; while that is in a plane, the one that is next."""
    return session.state_among(IN_SPACE)


def _set_speed(session: Session, speed: float) -> None:
    _state(session).speed = speed


_OWN = (*settings_of(Camera, IN_SPACE, within=("camera",)), *settings_of(CameraControls, IN_SPACE))

CAMERA_SETTINGS: tuple[Setting, ...] = (
    *(replace(setting, usual=None) if setting.widget in ("text", "toggle") else setting for setting in _OWN),
    Setting("speed", "Camera", "speed", "of flying, in units a second; what is shown is two units long. The wheel "
            "changes it, too", "number", get=lambda session: _state(session).speed, assign=_set_speed,
            least=LEAST_SPEED, most=MOST_SPEED, scenes=IN_SPACE),
)  # fmt: skip
