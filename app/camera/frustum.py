"""Where photographs were taken, as pyramids in space: their lines, and which of them is under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8

from fieldcore.views.camera import Camera

DEPTH = 0.15
"""Of a pyramid, in domain units."""

NEAR_PX = 10.0
"""How far from a camera's centre a click may be to mean that camera."""

MAGNIFIED = 10.0
"""How many times longer than it is the way is drawn from where a camera stood at first."""

Colour = tuple[float, float, float]
USED: Colour = (1.0, 1.0, 1.0)
HELD_OUT: Colour = (1.0, 0.6, 0.15)
MOVED: Colour = (0.3, 0.9, 1.0)
"""Colours of the cameras of views that are trained on, of those kept for testing, and of the ways that they moved."""


@dataclass(frozen=True, eq=False)
class Frustum:
    """A camera of a photograph, to be drawn.

    Attributes:
        camera: itself.
        colour: of its lines.
        moved: where it stood before it was refined, and how far it was moved from there, in domain units; None where
            it was not.
        thumbnail: its photograph, colours times alpha and alpha; None where it is not at hand.
    """

    camera: Camera
    colour: Colour
    moved: Float[np.ndarray, "2 3"] | None = None
    thumbnail: UInt8[np.ndarray, "h w 4"] | None = None

    @property
    def coloured_lines(self) -> Float[np.ndarray, "n 6"]:
        """Pairs of ends with their colours."""
        lines = frustum_lines(self.camera)
        parts = [np.concatenate([lines, np.tile(self.colour, (len(lines), 1))], 1)]
        if self.moved is not None:
            before, shift = self.moved
            way = np.stack([before, before + MAGNIFIED * shift])
            parts.append(np.concatenate([way, np.tile(MOVED, (2, 1))], 1))
        return np.concatenate(parts)


def frustum_lines(camera: Camera, depth: float = DEPTH) -> Float[np.ndarray, "16 3"]:
    """The ends of eight lines: from the camera's centre to its picture's corners at a depth, and around these.

    Example:
        >>> import torch
        >>> camera = Camera(4, 2, 2.0, 2.0, 2.0, 1.0, torch.eye(4, dtype=torch.float64))
        >>> frustum_lines(camera, 1.0)[1].tolist()
        [-1.0, 0.5, -1.0]
    """
    corners, centre = picture_corners(camera, depth), camera.centre.numpy()
    lines = [point for corner in corners for point in (centre, corner)]
    lines += [point for number in range(4) for point in (corners[number], corners[(number + 1) % 4])]
    return np.stack(lines)


def picture_corners(camera: Camera, depth: float = DEPTH) -> Float[np.ndarray, "4 3"]:
    """The corners of a camera's picture at a depth: upper left, upper right, lower right, lower left."""
    width, height = camera.width, camera.height
    pixels = torch.tensor([[0, 0], [width, 0], [width, height], [0, height]], dtype=torch.float64)
    origins, directions = camera.rays(pixels)
    ahead = directions @ -camera.rotation[:, 2]
    return (origins + directions * (depth / ahead)[:, None]).numpy()


def frustum_at(eye: Camera, cameras: Sequence[Camera], position: tuple[float, float]) -> int | None:
    """Which of the cameras, as another one sees them, is at a position of its picture; the nearest of several.

    Args:
        eye: who looks.
        cameras: drawn as pyramids.
        position: (column, row) in pixels.

    Returns:
        its number; None where none is there.
    """
    found: list[tuple[float, int]] = []
    for number, camera in enumerate(cameras):
        centre, depth = eye.project(camera.centre[None])
        corners, corner_depths = eye.project(torch.from_numpy(picture_corners(camera)))
        if float(depth) <= 0 or bool((corner_depths <= 0).any()):
            continue
        is_near = np.hypot(*(centre[0].numpy() - position)) < NEAR_PX
        if is_near or is_inside(corners.numpy(), np.array(position)):
            found.append((float(depth), number))
    return min(found)[1] if found else None


def is_inside(corners: Float[np.ndarray, "4 2"], position: Float[np.ndarray, "2"]) -> bool:
    """Whether a point is in a convex polygon, whichever way round its corners go."""
    sides, ways = np.roll(corners, -1, 0) - corners, position - corners
    turns = sides[:, 0] * ways[:, 1] - sides[:, 1] * ways[:, 0]
    return bool((turns > 0).all() or (turns < 0).all())
