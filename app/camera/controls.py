"""What every scene that a camera sees is asked to show: the base of its controls."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

import numpy as np

from ..compare import Compare
from ..entries import entry
from .camera import Camera


@dataclass(frozen=True, kw_only=True)
class CameraControls(Compare):
    """The state of a scene that a camera sees.

    Attributes:
        camera: who looks.
        parallel: whether lines that are parallel are seen so: an orthographic view, as large as what is before the
            camera at the origin is seen otherwise.
    """

    camera: Camera = dataclass_field(default_factory=Camera)
    grid: bool = entry(
        False,
        "ground and axes",
        "show the ground's grid and the axes",
        group="Camera",
        aliases=("floor",),
        along="constant",
    )
    parallel: bool = entry(
        False,
        "orthographic",
        "see without perspective: what is far away is as large as what is near, and at the origin as large as before",
        group="Camera",
        along="constant",
        written=lambda parallel: parallel or None,
    )

    @property
    def eye(self) -> Camera:
        """Who frames are drawn for: of an orthographic view a camera so far away that its rays are parallel."""
        return from_afar(self.camera) if self.parallel else self.camera


_AFAR_DEG = 0.5
_NEAREST = 0.05


def from_afar(camera: Camera) -> Camera:
    """A camera so far back, and so narrow, that its rays are parallel within a quarter of a degree.

    Across the origin it sees as much as the other one, which stays where that is before it.
    """
    ahead = max(-float(camera.axes[2] @ np.array(camera.position)), _NEAREST)
    farther = math.tan(math.radians(camera.fov_deg) / 2) / math.tan(math.radians(_AFAR_DEG) / 2)
    x, y, z = (float(place) for place in np.array(camera.position) - (farther - 1) * ahead * camera.axes[2])
    return replace(camera, position=(x, y, z), fov_deg=_AFAR_DEG)
