"""The demonstration flight: once around the fish, close along one flank, far off on the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from app.camera.camera import Camera, Vector
from app.path.keyframes import KeyframePath
from app.path.path_file import write_path
from app.path.timeline import Keyframe
from app.scenes.textured_mesh.controls import TexturedMeshControls

_WAYPOINTS: tuple[tuple[float, Vector, Vector], ...] = (
    # seconds, where the camera is, what it looks at
    (0.0, (1.90, 0.42, 2.00), (0.05, 0.00, 0.00)),
    (1.0, (1.70, 0.22, 1.15), (0.32, 0.00, 0.02)),
    (1.9, (1.10, 0.13, 0.62), (0.55, 0.02, 0.04)),
    (2.8, (0.42, 0.20, 0.40), (0.02, 0.08, 0.06)),
    (3.7, (-0.42, 0.16, 0.38), (-0.72, 0.03, 0.00)),
    (4.5, (-1.55, 0.30, 0.50), (-0.45, 0.00, 0.00)),
    (5.4, (-1.75, 0.52, -1.20), (-0.05, 0.00, 0.00)),
    (6.3, (0.20, 0.68, -2.60), (0.00, 0.00, 0.00)),
    (7.2, (2.30, 0.60, -0.75), (0.05, 0.00, 0.00)),
    (8.0, (1.90, 0.42, 2.00), (0.05, 0.00, 0.00)),
)
_KEYFRAMES = 16
_FOV_DEG = 40.0


def write_flight(file: Path, model: Path) -> None:
    """Write the flight around the shipped fish: 8 seconds at 30 frames a second, closed."""
    times, positions, targets = (np.array(column) for column in zip(*_WAYPOINTS, strict=True))
    way, gaze = (CubicSpline(times, points, bc_type="periodic") for points in (positions, targets))
    keyframes = tuple(_keyframe(time, way(time), gaze(time)) for time in np.linspace(0, times[-1], _KEYFRAMES + 1))
    write_path(
        file, KeyframePath(TexturedMeshControls(model=str(model)), keyframes, frames_per_second=30.0, closed=True)
    )


def _keyframe(time: float, position: np.ndarray, target: np.ndarray) -> Keyframe:
    camera = Camera.looking_at(_rounded(target), _rounded(position), _FOV_DEG)
    yaw, pitch = round(camera.yaw_deg, 3), round(camera.pitch_deg, 3)
    return Keyframe(float(time), position=camera.position, yaw_deg=yaw, pitch_deg=pitch, fov_deg=camera.fov_deg)


def _rounded(point: np.ndarray) -> Vector:
    x, y, z = (round(float(coordinate), 4) for coordinate in point)
    return (x, y, z)
