"""The domain of a scene: the part of it that [-1, 1]^3 is."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from .camera import Camera

_LEVEL = 0.3
"""Length of the mean of all cameras' up directions from which they agree on what is up."""


def cube(centre: Float[Tensor, "3"], half: float, axes: Float[Tensor, "3 3"]) -> Float[Tensor, "4 4"]:
    """The similarity that maps [-1, 1]^3 to a cube of the scene.

    Args:
        centre: of the cube, in the scene's coordinates.
        half: half its side, in the scene's units.
        axes: the domain's axes in the scene's coordinates, as columns.
    """
    similarity = torch.eye(4, dtype=torch.float64)
    similarity[:3, :3] = half * axes
    similarity[:3, 3] = centre
    return similarity


def upright_axes(cameras: Sequence[Camera]) -> Float[Tensor, "3 3"]:
    """The rotation by right angles from the domain to the scene after which most cameras stand upright, y being up.

    Scenes call y up, z up, or y down; which of their axes is nearest to the cameras' mean up decides.
    """
    up = torch.stack([camera.rotation[:, 1] for camera in cameras]).mean(0)
    axis = int(up.abs().argmax())
    if float(up.norm()) < _LEVEL:
        return torch.eye(3, dtype=torch.float64)
    sign = 1.0 if up[axis] > 0 else -1.0
    y = torch.zeros(3, dtype=torch.float64)
    y[axis] = sign
    x = torch.zeros(3, dtype=torch.float64)
    x[1 if axis == 0 else 0] = -sign if axis == 0 else 1.0
    return torch.stack([x, y, torch.linalg.cross(x, y)], 1)


def nearest_to_axes(
    origins: Float[Tensor, "n 3"], directions: Float[Tensor, "n 3"]
) -> tuple[Float[Tensor, "3"], float]:
    """The point with the least sum of squared distances to lines.

    Args:
        origins: a point of each line.
        directions: of length 1.

    Returns:
        The point, and how well it is known: the smallest eigenvalue of the mean of the lines' projections, 0 where all
        lines are parallel, and at most 2/3.
    """
    across = torch.eye(3, dtype=torch.float64) - directions[:, :, None] * directions[:, None, :]
    matrix = across.mean(0)
    point = torch.linalg.lstsq(matrix, (across @ origins[:, :, None]).mean(0)).solution[:, 0]
    return point, float(torch.linalg.eigvalsh(matrix)[0])


def view_axes(cameras: Sequence[Camera]) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
    """Cameras' centres, and the directions that they look in."""
    return torch.stack([camera.centre for camera in cameras]), torch.stack([-c.rotation[:, 2] for c in cameras])


def cameras_cube(cameras: Sequence[Camera]) -> tuple[Float[Tensor, "4 4"], str]:
    """The domain of a scene without masks: the cube around what the cameras look at.

    Its centre is the point that is nearest to the cameras' axes, its faces reach the nearest camera. Where the cameras
    look at no common point, as in a panorama or along a street, it is the cube around the cameras, twice as large.

    Returns:
        From the domain to the scene, and a sentence on what it is.
    """
    axes = upright_axes(cameras)
    centres, directions = view_axes(cameras)
    point, certainty = nearest_to_axes(centres, directions)
    reach = ((centres - point) @ axes).abs().amax(1)
    spread = float(((centres - centres.mean(0)) @ axes).abs().max())
    in_front = ((point - centres) * directions).sum(1) > 0
    if certainty > 1e-4 and bool(in_front.float().mean() > 0.5) and float(reach.min()) > 0.05 * spread:
        half = float(reach.min())
        return cube(point, half, axes), (
            f"the domain is the cube around the point that the cameras look at, {_point(point)}, "
            f"with a half side of {half:.4g}, up to the nearest camera"
        )
    half = 2 * max(spread, 1e-6)
    return cube(centres.mean(0), half, axes), (
        "the cameras look at no common point, so the domain is the cube around them, twice as large: "
        f"around {_point(centres.mean(0))} with a half side of {half:.4g}"
    )


def _point(point: Float[Tensor, "3"]) -> str:
    return f"({', '.join(f'{value:.3g}' for value in point.tolist())})"
