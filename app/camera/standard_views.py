"""The standard views: along the axes, from as far away as one is now."""

from __future__ import annotations

import math

from .camera import MOST_PITCH_DEG, Camera, Vector

TURNS: dict[str, tuple[float, float]] = {
    "front": (0.0, 0.0), "right": (90.0, 0.0), "back": (180.0, 0.0), "left": (-90.0, 0.0),
    "top": (0.0, -MOST_PITCH_DEG), "bottom": (0.0, MOST_PITCH_DEG),
}  # fmt: skip
"""By name, of the camera: its yaw and pitch in degrees. From the front one looks along -z; top and bottom are a degree
off, so that there is an up."""


def standard_view(name: str, camera: Camera, middle: Vector) -> Camera:
    """The camera of that name, as far from the middle as another one is.

    Args:
        name: one of ``TURNS``.
        camera: whose distance and field of view it has.
        middle: what it looks at.

    Example:
        >>> standard_view("right", Camera((0.0, 0.0, 3.0)), (0.0, 0.0, 0.0)).position
        (3.0, 0.0, 0.0)
    """
    yaw, pitch = TURNS[name]
    facing = Camera((0.0, 0.0, 0.0), (yaw + 180) % 360 - 180, pitch, camera.fov_deg)
    distance = math.dist(camera.position, middle)
    x, y, z = (round(float(m - distance * f), 9) + 0.0 for m, f in zip(middle, facing.axes[2], strict=True))
    return Camera((x, y, z), facing.yaw_deg, pitch, camera.fov_deg)


def next_view(camera: Camera) -> str:
    """The one after that which the camera looks along; the first where it looks along none."""
    names = list(TURNS)
    for number, (yaw, pitch) in enumerate(TURNS.values()):
        turn = (camera.yaw_deg - yaw + 180) % 360 - 180
        if abs(turn) < 0.5 and abs(camera.pitch_deg - pitch) < 0.5:
            return names[(number + 1) % len(names)]
    return names[0]
