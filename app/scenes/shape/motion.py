"""Shapes in motion: smooth curves through the keyframes of a path.

Everything that can move is a track of its own, keyed only at the keyframes that name it; see tracks.py.

* The camera moves as in a flight.
* Filters move on straight lines in ``log_covariance`` coordinates.
* The level, the slice, the light (the short way round) and the divider move on straight lines.

All of these but the camera have monotone velocities: none swings beyond what is keyed. What is compared, what colours
the surface, and the axis across which it is cut cannot move: they are held from key to key.
"""

from __future__ import annotations

import numpy as np

from fieldcore.sphere_tracing import HALF_EXTENT

from ...camera.motion import CAMERA, SpaceMotion
from ...path.tracks import SHARE, Space, monotone
from .controls import ShapeControls
from .keyframes import ShapePath
from .log_covariance import covariance_from_log, log_coordinates


class ShapeMotion(SpaceMotion[ShapeControls]):
    """The controls at any moment of a path; on a closed one, time wraps around."""

    def __init__(self, path: ShapePath) -> None:
        still = ShapeControls(
            field=str(path.field),
            exact=path.exact,
            shadows=path.shadows,
            grid=path.grid,
            caption=path.caption,
            cells=path.cells,
            error_range=path.error_range,
        )
        super().__init__(path, still, _MOVING, _HELD)


def _within(bound: float) -> Space:
    """Numbers from ``-bound`` to ``bound``, which rounding does not lead out of."""
    return Space(lambda value: np.array([value]), lambda point: min(max(float(point[0]), -bound), bound))


_MOVING = {
    "covariance": Space(log_coordinates, covariance_from_log),
    "level": Space(lambda level: np.array([level]), lambda point: float(point[0])),
    "slice_position": _within(HALF_EXTENT),
    "light_yaw_deg": CAMERA["yaw_deg"]._replace(velocities=monotone),
    "light_pitch_deg": _within(90.0),
    "divider": SHARE,
}
_HELD = ("comparison", "colouring", "slice")
