"""A camera in the keyframes of a path."""

from __future__ import annotations

from typing import Any

from ..path.entry_checks import number, numbers
from ..path.path_format import Check
from .camera import MOST_PITCH_DEG, Vector

LEAST_FOV_DEG, MOST_FOV_DEG = 1.0, 170.0


def _position(value: Any, where: str) -> Vector:
    x, y, z = numbers(value, where, 3)
    return (x, y, z)


CAMERA_ENTRIES: dict[str, Check] = {
    "position": _position,
    "yaw_deg": number,
    "pitch_deg": lambda value, where: number(value, where, -MOST_PITCH_DEG, MOST_PITCH_DEG),
    "fov_deg": lambda value, where: number(value, where, LEAST_FOV_DEG, MOST_FOV_DEG),
}
"""A camera in a keyframe."""
