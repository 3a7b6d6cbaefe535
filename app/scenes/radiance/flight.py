"""The short flight into the camera of a photograph."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fieldcore.views.camera import Camera as FieldCamera

from ...camera.camera import Camera, Vector
from ...camera.glide import Glide

SECONDS = 0.6


@dataclass(frozen=True)
class Flight:
    """From where one is to the camera of a view.

    Attributes:
        glide: to the photograph's camera, upright.
        view: its number.
    """

    glide: Glide
    view: int

    @classmethod
    def to_view(cls, view: int, start: Camera, camera: FieldCamera, now: float) -> Flight:
        """Around the domain's middle, which is what photographs are of."""
        return cls(Glide(start, upright(camera), (0.0, 0.0, 0.0), now, SECONDS), view)


def upright(camera: FieldCamera) -> Camera:
    """The camera of a view as one of the window, which cannot be tilted about its axis."""
    centre = camera.centre.numpy()
    ahead = -camera.rotation[:, 2].numpy()
    fov_deg = 2 * math.degrees(math.atan(camera.height / 2 / camera.fy))
    return Camera.looking_at(_vector(centre + ahead), _vector(centre), fov_deg)


def _vector(values: np.ndarray) -> Vector:
    x, y, z = values.tolist()
    return x, y, z
