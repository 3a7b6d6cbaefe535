"""Flying and turning: what held keys, the mouse and the wheel make of a camera.

Everything goes by time or by the hand's way, never by frames, so a slow machine flies as fast as a quick one.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from .camera import FARTHEST, MOST_PITCH_DEG, Camera, Vector

HELD: dict[str, tuple[float, float, float]] = {
    "W": (0.0, 0.0, 1.0),
    "S": (0.0, 0.0, -1.0),
    "A": (-1.0, 0.0, 0.0),
    "D": (1.0, 0.0, 0.0),
    "Space": (0.0, 1.0, 0.0),
    "Shift": (0.0, -1.0, 0.0),
}
"""Of each key that flies while it is held: how far right and forward, in the camera's own plane, and in the middle how
far up in the world."""

TURNING: dict[str, tuple[float, float]] = {
    "Left": (1.0, 0.0),
    "Right": (-1.0, 0.0),
    "Up": (0.0, 1.0),
    "Down": (0.0, -1.0),
}
"""Of each key that turns while it is held: to the left, and upward."""

Hand = Float[np.ndarray, "5"]
"""What keys ask for: the way to the right, up and forward, and the turn to the left and upward."""

TURN_DEG_PER_S = 60.0
LEAST_SPEED, MOST_SPEED = 0.02, 20.0
"""Units a second; a model is two units long."""

SPEED_A_NOTCH, DOLLY_A_NOTCH = 1.25, 1.1
"""What a notch of the wheel multiplies the speed by, or divides the distance by."""

_FROM: Vector = (1.5, 0.75, 2.3)
"""Where a model is looked at from at first."""

_FILLED = 0.92
"""Share of the frame that it fills then."""

ORBIT_DEG_PER_PX = 0.35

_NEAREST = 0.05  # to the middle of an orbit


def hand_of(held: Collection[str]) -> Hand:
    """What keys ask for; opposite ones cancel, and two are no faster than one."""
    way = np.sum([(0.0, 0.0, 0.0), *(HELD[key] for key in held if key in HELD)], axis=0)
    turn = np.sum([(0.0, 0.0), *(TURNING[key] for key in held if key in TURNING)], axis=0)
    return np.concatenate([way / max(float(np.linalg.norm(way)), 1.0), turn])


def flown(camera: Camera, hand: Hand, speed: float) -> Camera:
    """The camera after it has flown.

    Args:
        camera: before.
        hand: what keys ask for, times the seconds for which they do.
        speed: units a second.
    """
    (right, up, forward), (turn, tilt) = hand[:3], hand[3:]
    axes = camera.axes
    direction = right * axes[0] + up * np.array([0.0, 1.0, 0.0]) + forward * axes[2]
    length = float(np.linalg.norm(direction))
    if turn or tilt:
        camera = camera.turned(float(turn) * TURN_DEG_PER_S, float(tilt) * TURN_DEG_PER_S)
    if length < 1e-9:
        return camera
    x, y, z = (float(step) for step in direction * (speed * float(np.linalg.norm(hand[:3])) / length))
    return kept_near(camera.moved((x, y, z)))


def looked(camera: Camera, shift_px: tuple[float, float], height_px: int) -> Camera:
    """The camera after the mouse moved by so many pixels (right, down): what was in the middle moves as far."""
    deg_per_px = camera.fov_deg / max(1, height_px)
    return camera.turned(-shift_px[0] * deg_per_px, -shift_px[1] * deg_per_px)


def orbited(camera: Camera, middle: Vector, shift_px: tuple[float, float]) -> Camera:
    """The camera after the model was turned under it by a drag; it keeps its distance to ``middle`` and looks there."""
    away = np.array(camera.position) - np.array(middle)
    distance = max(float(np.linalg.norm(away)), _NEAREST)
    facing = Camera.looking_at(middle, camera.position, camera.fov_deg)
    yaw = facing.yaw_deg - shift_px[0] * ORBIT_DEG_PER_PX
    pitch = min(max(facing.pitch_deg - shift_px[1] * ORBIT_DEG_PER_PX, -MOST_PITCH_DEG), MOST_PITCH_DEG)
    turned = replace(facing, yaw_deg=(yaw + 180) % 360 - 180, pitch_deg=pitch)
    x, y, z = (float(m - distance * f) for m, f in zip(middle, turned.axes[2], strict=True))
    return replace(turned, position=(x, y, z))


def panned(camera: Camera, middle: Vector, shift_px: tuple[float, float], height_px: int) -> Vector:
    """The step of a camera by which what it looks at, as far away as ``middle``, goes with a drag of so many pixels."""
    away = max(math.dist(camera.position, middle), _NEAREST)
    by_pixel = 2 * math.tan(math.radians(camera.fov_deg) / 2) / max(1, height_px) * away
    right, up, _ = camera.axes
    x, y, z = (float(step) for step in by_pixel * (shift_px[1] * up - shift_px[0] * right))
    return x, y, z


def dollied(camera: Camera, middle: Vector, notches: float) -> Camera:
    """The camera after the wheel brought it closer to ``middle``, or farther away; it looks where it did."""
    away = np.array(camera.position) - np.array(middle)
    distance = max(float(np.linalg.norm(away)), 1e-6)
    nearer = min(max(distance * DOLLY_A_NOTCH**-notches, _NEAREST), FARTHEST)
    x, y, z = (float(m + a * nearer / distance) for m, a in zip(middle, away, strict=True))
    return kept_near(replace(camera, position=(x, y, z)))


def framing(lower: Vector, upper: Vector, fov_deg: float, aspect: float = 4 / 3) -> Camera:
    """The camera that sees a whole box, from the right, a little above.

    Args:
        lower, upper: corners of the box, whose middle the camera looks at.
        fov_deg: vertical angle of view.
        aspect: of the frame, its width by its height.
    """
    low, high = np.array(lower), np.array(upper)
    x, y, z = (float(middle) for middle in (low + high) / 2)
    facing = Camera.looking_at((x, y, z), (x + _FROM[0], y + _FROM[1], z + _FROM[2]), fov_deg)
    signs = np.stack(np.meshgrid(*[(-1, 1)] * 3), -1).reshape(-1, 3)
    right, up, ahead = facing.axes @ (signs * (high - low) / 2).T
    reach = _FILLED * math.tan(math.radians(fov_deg) / 2)
    distance = max(float((np.maximum(np.abs(up), np.abs(right) / aspect) / reach - ahead).max()), _NEAREST)
    back = facing.axes[2] * distance
    return replace(facing, position=(x - float(back[0]), y - float(back[1]), z - float(back[2])))


def sped(speed: float, notches: float) -> float:
    """The speed after so many notches of the wheel."""
    return min(max(speed * SPEED_A_NOTCH**notches, LEAST_SPEED), MOST_SPEED)


def kept_near(camera: Camera) -> Camera:
    """The camera no farther from the origin than the model can still be seen from."""
    distance = math.hypot(*camera.position)
    if distance <= FARTHEST:
        return camera
    x, y, z = (coordinate * FARTHEST / distance for coordinate in camera.position)
    return replace(camera, position=(x, y, z))
