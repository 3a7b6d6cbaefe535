"""The fly-through in motion: smooth curves through the keyframes of a flight.

Position, yaw, pitch, angle of view, variance and divider are tracks, each keyed only at the keyframes that name it;
see tracks.py.

* The camera moves on straight lines in space, and turns on the shortest way round, with the velocities of the cubic
  spline: it flows through its turns, its acceleration is continuous but at holds, and a loop has no seam.
* The angle of view, the variance (in its logarithm) and the divider have monotone velocities: none swings beyond what
  is keyed.

What is compared, and how textures are looked up, cannot move: they are held from key to key.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..log_covariance import covariance_from_log, log_coordinates
from ..tracks import SHARE, Point, Space, Track, flowing, held, moving
from .camera import MOST_PITCH_DEG, Camera, Vector
from .controls import FlightControls
from .flight import FlightPath


class FlightMotion:
    """The controls at any moment of a flight; on a closed one, time wraps around."""

    def __init__(self, path: FlightPath) -> None:
        self._path = path
        self._still = FlightControls(
            model=str(path.model),
            field=str(path.field or ""),
            error_range=path.error_range,
            pixel_filter=path.pixel_filter,
            samples=path.samples,
            lit=path.lit,
            grid=path.grid,
            caption=path.caption,
        )
        self._camera: dict[str, Track] = {
            name: moving(path, name, space, getattr(self._still.camera, name)) for name, space in CAMERA.items()
        }
        self._tracks: dict[str, Track] = {
            name: moving(path, name, space, getattr(self._still, name)) for name, space in _MOVING.items()
        }
        for name in _HELD:
            self._tracks[name] = held(path, name, getattr(self._still, name))

    def at(self, time: float) -> FlightControls:
        """What is shown at ``time``, in seconds."""
        time = self._path.wrapped(time)
        camera = Camera(**{name: track(time) for name, track in self._camera.items()})
        return replace(self._still, camera=camera, **{name: track(time) for name, track in self._tracks.items()})


def _vector(point: Point) -> Vector:
    x, y, z = (float(coordinate) for coordinate in point)
    return (x, y, z)


CAMERA = {
    "position": Space(np.array, _vector, velocities=flowing),
    "yaw_deg": Space(
        point=lambda yaw: np.array([yaw]),
        value=lambda point: (float(point[0]) + 180) % 360 - 180,
        velocities=flowing,
        unwrapped=lambda points: np.unwrap(points, axis=0, period=360),
    ),
    "pitch_deg": Space(
        point=lambda pitch: np.array([pitch]),
        value=lambda point: min(max(float(point[0]), -MOST_PITCH_DEG), MOST_PITCH_DEG),
        velocities=flowing,
    ),
    "fov_deg": Space(lambda fov: np.array([fov]), lambda point: float(point[0])),
}
_MOVING = {
    "variance": Space(
        point=lambda variance: log_coordinates((variance, 0.0, variance)),
        value=lambda point: covariance_from_log(point)[0],
    ),
    "divider": SHARE,
}
_HELD = ("shading", "other", "comparison")
