"""The short flight into the camera of a photograph."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fieldcore.views.camera import Camera as FieldCamera

from ...camera.camera import Camera, Vector

SECONDS = 0.6


@dataclass(frozen=True)
class Flight:
    """From where one is to the camera of a view.

    Attributes:
        start, end: the cameras; the last one stands and looks as the photograph's, upright.
        view: its number.
        began_at: on the session's clock, in seconds.
    """

    start: Camera
    end: Camera
    view: int
    began_at: float

    def camera_at(self, now: float) -> Camera | None:
        """The camera by then, which is slow at both ends; None when it has arrived."""
        share = (now - self.began_at) / SECONDS
        if share >= 1:
            return None
        share = max(share, 0.0) ** 2 * (3 - 2 * max(share, 0.0))
        x, y, z = (a + share * (b - a) for a, b in zip(self.start.position, self.end.position, strict=True))
        turn = (self.end.yaw_deg - self.start.yaw_deg + 180) % 360 - 180
        tilt = self.end.pitch_deg - self.start.pitch_deg
        turned = self.start.turned(share * turn, share * tilt)
        fov_deg = self.start.fov_deg + share * (self.end.fov_deg - self.start.fov_deg)
        return replace(turned, position=(x, y, z), fov_deg=fov_deg)


def upright(camera: FieldCamera) -> Camera:
    """The camera of a view as one of the window, which cannot be tilted about its axis."""
    centre = camera.centre.numpy()
    ahead = -camera.rotation[:, 2].numpy()
    fov_deg = 2 * math.degrees(math.atan(camera.height / 2 / camera.fy))
    return Camera.looking_at(_vector(centre + ahead), _vector(centre), fov_deg)


def _vector(values: np.ndarray) -> Vector:
    x, y, z = values.tolist()
    return x, y, z
