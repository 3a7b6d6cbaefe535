"""A scene in space in motion: the controls at any moment of a path that moves a camera.

The camera moves on straight lines in space, and turns on the shortest way round, with the velocities of the cubic
spline: it flows through its turns, its acceleration is continuous but at holds, and a loop has no seam. The angle of
view has monotone velocities: it does not swing beyond what is keyed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np

from ..path.timeline import Timeline
from ..path.tracks import Point, Space, Track, flowing, held, moving
from .camera import MOST_PITCH_DEG, Camera, Vector

Controls = TypeVar("Controls", bound=Any)


class SpaceMotion(Generic[Controls]):
    """The controls at any moment of a path; on a closed one, time wraps around.

    Args:
        path: whose keyframes key the camera's position, yaw, pitch and angle of view, and more.
        still: the controls with what the path does not change.
        spaces: of what else moves, by the name of its entry.
        held_entries: names of what cannot move and is held from key to key.
    """

    def __init__(
        self, path: Timeline, still: Controls, spaces: Mapping[str, Space], held_entries: Sequence[str]
    ) -> None:
        self._path, self._still = path, still
        self._camera: dict[str, Track] = {
            name: moving(path, name, space, getattr(still.camera, name)) for name, space in CAMERA.items()
        }
        self._tracks: dict[str, Track] = {
            name: moving(path, name, space, getattr(still, name)) for name, space in spaces.items()
        }
        for name in held_entries:
            self._tracks[name] = held(path, name, getattr(still, name))

    def at(self, time: float) -> Controls:
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
