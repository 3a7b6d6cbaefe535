"""The settings of the camera, in all scenes in space."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fieldcore.errors import InputError

from ..scene_names import IN_SPACE
from ..setting import Session, Setting, joined, numbers_of
from .camera import MOST_PITCH_DEG, Camera, Vector
from .piloting import FARTHEST, LEAST_SPEED, MOST_SPEED

if TYPE_CHECKING:
    from .station import Station
else:  # as with the session
    Station = Any

_setting = partial(Setting, group="Camera", scenes=IN_SPACE)
LEAST_FOV_DEG, MOST_FOV_DEG = 5.0, 120.0


def _station(session: Session) -> Station:
    """Of the scene shown; while that is in a plane, the one that is next."""
    return session.station or session.cockpit


def _camera(name: str, entry: str, label: str, meaning: str, least: float, most: float) -> Setting:
    """A setting that is a number of the camera."""
    return _setting(
        name, label=label, meaning=meaning, widget="slider",
        get=lambda session: getattr(_station(session).controls.camera, entry),
        assign=lambda session, value: _station(session).look_from(**{entry: value}),
        least=least, most=most, flag=True, usual=getattr(Camera(), entry),
    )  # fmt: skip


def _set_position(session: Session, text: str) -> None:
    x, y, z = numbers_of(text, 3, "position")
    if not max(abs(x), abs(y), abs(z)) <= FARTHEST:
        raise InputError(f"position: expected numbers from {-FARTHEST:g} to {FARTHEST:g}, got '{text}'")
    position: Vector = (x, y, z)
    _station(session).look_from(position=position)


def _set_speed(session: Session, speed: float) -> None:
    _station(session).speed = speed


CAMERA_SETTINGS: tuple[Setting, ...] = (
    _setting("position", label="position x,y,z", meaning="where the camera is; what is shown reaches from -1 to 1 on "
             "its longest side, y is up", widget="text",
             get=lambda session: joined(_station(session).controls.camera.position), assign=_set_position, flag=True,
             metavar="X,Y,Z"),
    _camera("yaw", "yaw_deg", "yaw, degrees", "turn about the vertical axis; 0 looks along -z, positive turns left",
            -180.0, 180.0),
    _camera("pitch", "pitch_deg", "pitch, degrees", "upward tilt", -MOST_PITCH_DEG, MOST_PITCH_DEG),
    _camera("field-of-view", "fov_deg", "field of view", "the vertical angle that is seen, in degrees", LEAST_FOV_DEG,
            MOST_FOV_DEG),
    _setting("speed", label="speed", meaning="of flying, in units a second; what is shown is two units long. The wheel "
             "changes it, too", widget="number", get=lambda session: _station(session).speed, assign=_set_speed,
             least=LEAST_SPEED, most=MOST_SPEED),
)  # fmt: skip
