"""Eased motion of a camera: what it looks at, from where and how far away change together, slowly at both ends."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .camera import Camera, Vector

SECONDS = 0.45
_LEAST_DISTANCE = 0.05


@dataclass(frozen=True)
class Glide:
    """From one camera to another.

    Attributes:
        start, end: the cameras.
        middle: about where both look, which tells how far away they are from what they look at.
        began_at: on the session's clock, in seconds.
        seconds: that it takes.
    """

    start: Camera
    end: Camera
    middle: Vector
    began_at: float
    seconds: float = SECONDS

    def camera_at(self, now: float) -> Camera | None:
        """The camera by then; None once it has arrived."""
        share = max((now - self.began_at) / self.seconds, 0.0)
        if share >= 1:
            return None
        share = share * share * (3 - 2 * share)
        (before, near), (after, far) = (self._looks_at(camera) for camera in (self.start, self.end))
        target = before + share * (after - before)
        distance = math.exp((1 - share) * math.log(near) + share * math.log(far))
        turn = (self.end.yaw_deg - self.start.yaw_deg + 180) % 360 - 180
        turned = self.start.turned(share * turn, share * (self.end.pitch_deg - self.start.pitch_deg))
        x, y, z = (target - distance * turned.axes[2]).tolist()
        fov_deg = self.start.fov_deg + share * (self.end.fov_deg - self.start.fov_deg)
        return replace(turned, position=(x, y, z), fov_deg=fov_deg)

    def _looks_at(self, camera: Camera) -> tuple[np.ndarray, float]:
        """The point in the middle of its view that is as far away as what it looks at, and that distance."""
        distance = max(math.dist(camera.position, self.middle), _LEAST_DISTANCE)
        return np.array(camera.position) + distance * camera.axes[2], distance
