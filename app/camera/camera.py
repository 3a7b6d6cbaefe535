"""The camera of a scene in space: where it is, where it looks, and how its pixels look into the world.

Right-handed, y up, looking down -z. Frame coordinates run right and down from the top left corner, pixel centres at
halves, as everywhere in the program.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float
from pyrr.matrix44 import create_perspective_projection

from ..entries import entry
from ..frame_size import Size
from ..path.entry_checks import numbers
from ..path.tracks import Space, flowing

Vector = tuple[float, float, float]

MOST_PITCH_DEG = 89.0
FARTHEST = 30.0
"""From the origin; the camera sees twice as far."""
NEAR, FAR = 2e-3, 60.0
"""Distances along the view axis between which something is seen; a model fills [-1, 1]^3."""


def _position(value: Any, where: str) -> Vector:
    return _vector(numbers(value, where, 3))


def _vector(numbers: Iterable[float]) -> Vector:
    x, y, z = (float(number) for number in numbers)
    return (x, y, z)


def _in_brief(position: Vector) -> str:
    return "at " + " ".join(f"{place:.2f}" for place in position)


# A camera moves on straight lines in space and turns on the shortest way round, with the velocities of the cubic
# spline: it flows through its turns, its acceleration is continuous but at holds, and a loop has no seam.
POSITIONS = Space(np.array, _vector, velocities=flowing)
YAWS = Space(
    point=lambda yaw: np.array([yaw]),
    value=lambda point: (float(point[0]) + 180) % 360 - 180,
    velocities=flowing,
    unwrapped=lambda points: np.unwrap(points, axis=0, period=360),
)
PITCHES = Space(
    point=lambda pitch: np.array([pitch]),
    value=lambda point: min(max(float(point[0]), -MOST_PITCH_DEG), MOST_PITCH_DEG),
    velocities=flowing,
)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        position: in the model's normalised units.
        yaw_deg: turn about the vertical axis; 0 looks down -z, positive turns left.
        pitch_deg: upward tilt, within ``MOST_PITCH_DEG``.
        fov_deg: vertical angle of view.
    """

    position: Vector = entry(
        (0.0, 0.0, 3.2),
        "position x,y,z",
        "where the camera is; what is shown reaches from -1 to 1 on its longest side, y is up",
        group="Camera",
        bounds=(-FARTHEST, FARTHEST),
        metavar="X,Y,Z",
        check=_position,
        space=POSITIONS,
        brief=_in_brief,
    )
    yaw_deg: float = entry(
        0.0,
        "yaw, degrees",
        "turn about the vertical axis; 0 looks along -z, positive turns left",
        group="Camera",
        bounds=(-180.0, 180.0),
        space=YAWS,
    )
    pitch_deg: float = entry(
        0.0,
        "pitch, degrees",
        "upward tilt",
        group="Camera",
        least=-MOST_PITCH_DEG,
        most=MOST_PITCH_DEG,
        space=PITCHES,
    )
    fov_deg: float = entry(
        40.0,
        "field of view",
        "the vertical angle that is seen, in degrees",
        group="Camera",
        setting="field-of-view",
        least=1.0,
        most=170.0,
        bounds=(5.0, 120.0),
    )

    @property
    def axes(self) -> Float[np.ndarray, "3 3"]:
        """Rows: the directions right, up and forward in the world."""
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        forward = np.array([-math.sin(yaw) * math.cos(pitch), math.sin(pitch), -math.cos(yaw) * math.cos(pitch)])
        right = np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
        return np.stack([right, np.cross(right, forward), forward])

    def moved(self, step: Vector) -> Camera:
        """The camera after a step in the world."""
        x, y, z = (a + b for a, b in zip(self.position, step, strict=True))
        return replace(self, position=(x, y, z))

    def turned(self, yaw_deg: float, pitch_deg: float) -> Camera:
        """The camera after a turn to the left and upward; the pitch stays clamped."""
        pitch = min(max(self.pitch_deg + pitch_deg, -MOST_PITCH_DEG), MOST_PITCH_DEG)
        return replace(self, yaw_deg=(self.yaw_deg + yaw_deg + 180) % 360 - 180, pitch_deg=pitch)

    @classmethod
    def looking_at(cls, target: Vector, position: Vector, fov_deg: float = 40.0) -> Camera:
        """The camera at ``position`` with ``target`` in the middle of its frame."""
        x, y, z = (t - p for t, p in zip(target, position, strict=True))
        yaw = math.degrees(math.atan2(-x, -z))
        pitch = math.degrees(math.atan2(y, math.hypot(x, z)))
        return cls(position, yaw, min(max(pitch, -MOST_PITCH_DEG), MOST_PITCH_DEG), fov_deg)


def view_from_world(camera: Camera) -> Float[np.ndarray, "4 4"]:
    """Column-vector matrix into the camera's own axes: x right, y up, z backward."""
    right, up, forward = camera.axes
    matrix = np.eye(4)
    matrix[:3, :3] = right, up, -forward
    matrix[:3, 3] = -matrix[:3, :3] @ np.array(camera.position)
    return matrix


def clip_from_view(
    camera: Camera,
    framebuffer_px: Size,
    shift_px: tuple[float, float] = (0.0, 0.0),
    depths: tuple[float, float] = (NEAR, FAR),
) -> Float[np.ndarray, "4 4"]:
    """Column-vector perspective projection.

    Args:
        camera: who looks.
        framebuffer_px: size of the frame.
        shift_px: what is seen at this offset from a pixel's centre (right, down) comes to lie on the centre.
        depths: distances along the view axis between which something is seen.
    """
    width, height = framebuffer_px
    # pyrr's matrices are for row vectors.
    matrix = create_perspective_projection(camera.fov_deg, width / height, *depths, dtype=np.float64).T.copy()
    # Dividing by w = -z turns a constant shift of the picture into a multiple of z.
    matrix[0, 2], matrix[1, 2] = 2 * shift_px[0] / width, -2 * shift_px[1] / height
    return matrix


def frame_from_world(
    camera: Camera, framebuffer_px: Size, points: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, "n 3"]:
    """Where points are seen: to the right and down in frame coordinates, and how far away along the view axis.

    What is not before the camera has a distance of 0 or less, and its place means nothing.
    """
    width, height = framebuffer_px
    right, up, ahead = camera.axes @ (points - np.array(camera.position)).T
    by_pixel = 2 * math.tan(math.radians(camera.fov_deg) / 2) / height
    scale = 1 / (by_pixel * np.maximum(ahead, 1e-9))
    return np.stack([width / 2 + right * scale, height / 2 - up * scale, ahead], 1)


def pixel_at(camera: Camera, framebuffer_px: Size, point: Float[np.ndarray, "3"]) -> float:
    """Side of a pixel in the world, at the distance of a point along the view axis."""
    away = float(camera.axes[2] @ (point - np.array(camera.position)))
    return 2 * math.tan(math.radians(camera.fov_deg) / 2) / framebuffer_px[1] * max(away, 0.0)


def point_seen(camera: Camera, framebuffer_px: Size, share: tuple[float, float], distance: float) -> Vector:
    """The point of the world that is seen somewhere.

    Args:
        camera: who looks.
        framebuffer_px: size of the frame.
        share: of its width from the left, and of its height from the top.
        distance: along the view axis.
    """
    width, height = framebuffer_px
    by_pixel = 2 * math.tan(math.radians(camera.fov_deg) / 2) / height
    right, up, forward = camera.axes
    aside, above = (share[0] - 0.5) * width * by_pixel, (0.5 - share[1]) * height * by_pixel
    return _vector(np.array(camera.position) + distance * (forward + aside * right + above * up))


def rays(
    camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float] = (0.0, 0.0)
) -> dict[str, tuple[float, ...]]:
    """How pixels look into the world, as the uniforms ``eye``, ``ray_*`` of ``surface_hit.glsl`` say it."""
    right, up, forward = camera.axes
    width, height = framebuffer_px
    by_pixel = 2 * math.tan(math.radians(camera.fov_deg) / 2) / height
    return {
        "eye": camera.position,
        "ray_forward": tuple(forward),
        "ray_right": tuple(by_pixel * right),
        "ray_up": tuple(by_pixel * up),
        "ray_origin": (width / 2 - shift_px[0], height / 2 + shift_px[1]),
    }
