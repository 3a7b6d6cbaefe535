"""The fly-through in motion: smooth curves through the keyframes of a flight.

Position, yaw, pitch, angle of view, variance and divider are tracks, each keyed only at the keyframes that name it;
see tracks.py.

* The camera moves as space_motion.py says.
* The variance (in its logarithm) and the divider have monotone velocities: none swings beyond what is keyed.

What is compared, and how textures are looked up, cannot move: they are held from key to key.
"""

from __future__ import annotations

from ...camera.motion import SpaceMotion
from ...log_covariance import covariance_from_log, log_coordinates
from ...path.tracks import SHARE, Space
from .controls import FlightControls
from .keyframes import FlightPath


class FlightMotion(SpaceMotion[FlightControls]):
    """The controls at any moment of a flight; on a closed one, time wraps around."""

    def __init__(self, path: FlightPath) -> None:
        still = FlightControls(
            model=str(path.model),
            field=str(path.field or ""),
            error_range=path.error_range,
            pixel_filter=path.pixel_filter,
            samples=path.samples,
            lit=path.lit,
            grid=path.grid,
            caption=path.caption,
        )
        super().__init__(path, still, _MOVING, _HELD)


_MOVING = {
    "variance": Space(
        point=lambda variance: log_coordinates((variance, 0.0, variance)),
        value=lambda point: covariance_from_log(point)[0],
    ),
    "divider": SHARE,
}
_HELD = ("shading", "other", "comparison")
