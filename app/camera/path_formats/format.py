"""What a format of camera paths is, and the poses that they hold.

The other programs call z up where a domain's y is: their (x, y, z) is (x, z, -y) here, as ``fieldcore views`` turns
their scenes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError

from ...path.entry_checks import shown
from ..camera import Camera

DOMAIN_FROM_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_ROTATION_TOLERANCE = 1e-2
MOST_ROLL_DEG = 0.5
"""Of a camera that counts as upright."""


@dataclass(frozen=True)
class CameraKey:
    """A camera at a moment, in seconds."""

    time: float
    camera: Camera
    roll_deg: float = 0.0


@dataclass(frozen=True)
class CameraFilm:
    """What a camera does over time.

    Attributes:
        keys: in order of time, the first at 0.
        frames_per_second: of the film.
        closed: whether it returns to its first key.
        seconds: that it takes.
        aspect: of its frames, width by height.
        frames: the camera of each frame, which only writing needs.
        is_sampled: whether there is a key for each frame, rather than those that someone has set.
    """

    keys: tuple[CameraKey, ...]
    frames_per_second: float
    closed: bool = False
    seconds: float = 0.0
    aspect: float = 16 / 9
    frames: tuple[Camera, ...] = ()
    is_sampled: bool = False


@dataclass(frozen=True)
class PathFormat:
    """A program's format.

    Attributes:
        name: of the program.
        recognises: whether a JSON document is one.
        read: what it holds; raises InputError, which names the entry, for what is wrong.
        written: the document of a film.
    """

    name: str
    recognises: Callable[[dict[str, Any]], bool]
    read: Callable[[dict[str, Any]], CameraFilm]
    written: Callable[[CameraFilm], dict[str, Any]]


def pose_of(camera: Camera) -> Float[np.ndarray, "4 4"]:
    """From a camera's own axes, x right, y up, z back, into the other programs' world, z up."""
    right, up, forward = camera.axes
    pose = np.eye(4)
    pose[:3] = DOMAIN_FROM_Z_UP.T @ np.stack([right, up, -forward, np.array(camera.position)], 1)
    return pose


def key_of(time: float, pose: Float[np.ndarray, "4 4"], fov_deg: float, where: str) -> CameraKey:
    """The key of such a pose, whose camera stands upright; by how much it was tilted about its axis is told.

    Raises:
        InputError: the pose turns things over or out of shape, or the angle of view is none.
    """
    rotation, position = DOMAIN_FROM_Z_UP @ pose[:3, :3], DOMAIN_FROM_Z_UP @ pose[:3, 3]
    is_rotation = np.abs(rotation @ rotation.T - np.eye(3)).max() < _ROTATION_TOLERANCE
    if not is_rotation or np.linalg.det(rotation) < 0:
        raise InputError(f"{where}: expected a camera's pose, a rotation and a position, got {shown(pose.tolist())}")
    if not 1 <= fov_deg <= 170:
        raise InputError(f"{where}: expected a vertical angle of view from 1 to 170 degrees, got {fov_deg:g}")
    x, y, z = map(float, position)
    tx, ty, tz = map(float, position - rotation[:, 2])
    camera = Camera.looking_at((tx, ty, tz), (x, y, z), fov_deg)
    right, up, _ = camera.axes
    roll = math.degrees(math.atan2(float(rotation[:, 0] @ up), float(rotation[:, 0] @ right)))
    return CameraKey(time, camera, roll)


def most_roll_deg(keys: Sequence[CameraKey]) -> float:
    """The largest tilt about their own axes that cameras here leave out."""
    return max(abs(key.roll_deg) for key in keys)
