"""Cameras placed around an object, for scenes whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_NEAR_POLE = 0.99
_SHIFT_SHARE = 0.4
"""Of the arc that a wrong angle makes at a camera's distance, by so much its place is wrong, too."""


def spiral_directions(
    count: int, elevations_degrees: tuple[float, float] = (-50.0, 70.0), turn: float = 0.0
) -> Float[np.ndarray, "n 3"]:
    """Directions from which an object is seen: a Fibonacci spiral between two elevations, from below upward.

    Args:
        count: of directions, spread evenly over the area between the elevations.
        elevations_degrees: the lowest and the highest; 0 is level, y is up.
        turn: of the whole spiral about y, in radians.

    Example:
        >>> spiral_directions(36).shape
        (36, 3)
    """
    low, high = np.sin(np.radians(elevations_degrees))
    heights = low + (high - low) * (np.arange(count) + 0.5) / count
    angles = turn + np.arange(count) * _GOLDEN_ANGLE
    around = np.sqrt(1 - heights**2)
    return np.stack([around * np.sin(angles), heights, around * np.cos(angles)], 1)


def looking_at(centre: Float[np.ndarray, "3"], target: Float[np.ndarray, "3"] | None = None) -> Float[Tensor, "4 4"]:
    """The pose of a camera at ``centre`` that looks at a target, by default the origin; up is y, near the poles z."""
    back = centre - (np.zeros(3) if target is None else target)
    back = back / np.linalg.norm(back)
    up = np.array([0.0, 1.0, 0.0]) if abs(back[1]) < _NEAR_POLE else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3] = np.stack([right, np.cross(back, right), back, centre], 1)
    return torch.from_numpy(pose)


def with_noise(pose: Float[Tensor, "4 4"], degrees: float, generator: np.random.Generator) -> Float[Tensor, "4 4"]:
    """A pose that is known inexactly: turned about its centre and moved, both in a random direction.

    Args:
        pose: the exact one, of a camera that looks at the origin.
        degrees: root mean square of the turn's angle; of the shift it is 0.4 of that angle's arc at the origin.
        generator: of the noise.
    """
    angle = math.radians(degrees)
    x, y, z = generator.normal(size=3) * angle / math.sqrt(3)
    turn = torch.linalg.matrix_exp(torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64))
    noisy = pose.clone()
    noisy[:3, :3] = turn @ pose[:3, :3]
    arc = _SHIFT_SHARE * angle * float(pose[:3, 3].norm())
    noisy[:3, 3] += torch.from_numpy(generator.normal(size=3)) * arc / math.sqrt(3)
    return noisy
