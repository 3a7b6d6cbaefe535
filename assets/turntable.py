"""Makes ``assets/turntable.json`` again: ``python -m assets.turntable`` (a moment).

Once around the shape of ``shape.safetensors``, the light going along, while it melts to a variance of 1e-2 and comes
back.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from app.camera.camera import Camera
from app.covariance import Covariance
from app.path.keyframes import KeyframePath
from app.path.path_file import write_path
from app.path.timeline import Keyframe
from app.scenes.shape.controls import ShapeControls

FOLDER = Path(__file__).parent

_TARGET = (0.0, -0.05, 0.0)
_DISTANCE, _HEIGHT, _FIRST_DEG = 3.4, 0.95, 27.0
_LIGHT_ASIDE_DEG = 60.0
_SECONDS, _EIGHTHS = 8.0, 8
_VARIANCES = {0: 0.0, 1: 1e-5, 4: 1e-2, 7: 1e-5, 8: 0.0}
"""By eighths of a turn. What lies below 1e-5 cannot be seen of a shape, and is gone through quickly."""


def _angle_deg(eighth: int) -> float:
    return _FIRST_DEG + 360 * (eighth % _EIGHTHS) / _EIGHTHS


def _camera(eighth: int) -> Camera:
    angle = math.radians(_angle_deg(eighth))
    position = (_DISTANCE * math.sin(angle), _HEIGHT, _DISTANCE * math.cos(angle))
    camera = Camera.looking_at(_TARGET, tuple(round(coordinate, 4) for coordinate in position))  # type: ignore[arg-type]
    return replace(camera, yaw_deg=round(camera.yaw_deg, 3), pitch_deg=round(camera.pitch_deg, 3))


def _keyframe(eighth: int) -> Keyframe:
    camera, variance = _camera(eighth), _VARIANCES.get(eighth)
    covariance: Covariance | None = None if variance is None else (variance, 0.0, 0.0, variance, 0.0, variance)
    return Keyframe(
        _SECONDS * eighth / _EIGHTHS,
        position=camera.position,
        yaw_deg=camera.yaw_deg,
        pitch_deg=camera.pitch_deg,
        covariance=covariance,
        light_yaw_deg=(_angle_deg(eighth) - _LIGHT_ASIDE_DEG + 180) % 360 - 180,
    )


def main() -> None:
    """Write the path."""
    keyframes = tuple(_keyframe(eighth) for eighth in range(_EIGHTHS + 1))
    write_path(
        FOLDER / "turntable.json",
        KeyframePath(ShapeControls(field=str(FOLDER / "shape.safetensors")), keyframes, closed=True),
    )


if __name__ == "__main__":
    main()
