"""Where the object of a scene is, by its masks alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from .camera import Camera
from .carving import Lattice, carved, nothing_shared
from .domain import cube, nearest_to_axes, upright_axes
from .silhouettes import INSIDE, THICKER_CELLS, Silhouettes

LONGEST_SIDE = 1.8
"""Of the hull's box in the domain, whose side is 2."""

_VERTICES = 65
_ROOM = 0.1


def object_cube(
    where: str,
    cameras: Sequence[Camera],
    pixels: Sequence[UInt8[Tensor, "_ _ 4"]],
    names: Sequence[str],
) -> Float[Tensor, "4 4"]:
    """The domain of a scene with masks: the cube around the box of the visual hull, of which that fills nine tenths.

    The hull is carved twice, in a cube that the masks say it must lie in, and in the box of what is left.

    Args:
        where: the scene, as messages begin.
        cameras: in the scene's coordinates.
        pixels: of each camera, with alpha that is neither empty nor full.
        names: of the views, for messages.

    Returns:
        The similarity from the domain to the scene.

    Raises:
        InputError: the masks share no point in space; it names those that do not belong to the others.
    """
    axes = upright_axes(cameras)
    middle, half = _seen_by_masks(cameras, pixels)
    first = cube(middle, half, axes)
    there = [camera.moved(torch.linalg.inv(first)) for camera in cameras]
    lattice = Lattice((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0), _VERTICES)
    box = _box(there, pixels, lattice)
    if box is None:
        silhouettes = _silhouettes(there, pixels, lattice)
        raise nothing_shared(where, silhouettes, names, lattice)
    room = np.maximum(_ROOM * (box[1] - box[0]), np.array(lattice.spacing))
    lower, upper = (tuple(corner.tolist()) for corner in (box[0] - room, box[1] + room))
    closer = _box(there, pixels, Lattice(lower, upper, _VERTICES))
    box = box if closer is None else closer
    centre = torch.from_numpy((box[0] + box[1]) / 2)
    side = float((box[1] - box[0]).max())
    return cube(middle + half * axes @ centre, half * side / LONGEST_SIDE, axes)


def _box(
    cameras: Sequence[Camera], pixels: Sequence[UInt8[Tensor, "_ _ 4"]], lattice: Lattice
) -> Float[np.ndarray, "2 3"] | None:
    """The box of the hull's surface, thin parts included; None where there is no hull."""
    margin = THICKER_CELLS * max(lattice.spacing)
    centre = (torch.tensor(lattice.lower) + torch.tensor(lattice.upper)) / 2
    thick = _silhouettes(cameras, pixels, lattice).thickened(margin, centre)
    mesh = lattice.surface(carved(thick, lattice))
    return None if mesh is None else np.stack([mesh.vertices.min(0) + margin, mesh.vertices.max(0) - margin])


def _silhouettes(cameras: Sequence[Camera], pixels: Sequence[UInt8[Tensor, "_ _ 4"]], lattice: Lattice) -> Silhouettes:
    centre = (torch.tensor(lattice.lower) + torch.tensor(lattice.upper)) / 2
    return Silhouettes(cameras, pixels, min(lattice.spacing), centre)


def _seen_by_masks(
    cameras: Sequence[Camera], pixels: Sequence[UInt8[Tensor, "_ _ 4"]]
) -> tuple[Float[Tensor, "3"], float]:
    """The point nearest to the rays through the masks' centroids, and how far from it any mask reaches."""
    covered = [(stored[..., 3] > 255 * INSIDE).nonzero() for stored in pixels]
    centroids = [places.double().mean(0).flip(0)[None] + 0.5 for places in covered]
    rays = [camera.rays(centroid) for camera, centroid in zip(cameras, centroids, strict=True)]
    origins, directions = (torch.cat(parts) for parts in zip(*rays, strict=True))
    middle, _ = nearest_to_axes(origins, directions)
    reach = 0.0
    for camera, places in zip(cameras, covered, strict=True):
        seen, depth = camera.project(middle[None])
        corners = torch.stack([places.amin(0), places.amax(0) + 1]).double().flip(1)
        offset = (corners - seen).abs().amax(0) / torch.tensor([camera.fx, camera.fy], dtype=torch.float64)
        reach = max(reach, float(offset.norm() * depth.abs()))
    return middle, reach
