"""How far cameras are from the exact ones, apart from where the whole scene lies and how large it is.

Source: S. Umeyama, Least-Squares Estimation of Transformation Parameters Between Two Point Patterns, IEEE Trans. PAMI
1991.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .camera import Camera


@dataclass(frozen=True)
class CameraErrors:
    """How far cameras are from the exact ones, after the similarity that brings them nearest: means and maxima.

    Attributes:
        rotation_deg, rotation_deg_most: angles between the two, in degrees.
        centre, centre_most: between their centres, in the exact cameras' units.
        pixels, pixels_most: between where both see the same points around the scene's middle.
    """

    rotation_deg: float
    rotation_deg_most: float
    centre: float
    centre_most: float
    pixels: float
    pixels_most: float


def best_similarity(points: Float[Tensor, "n 3"], wanted: Float[Tensor, "n 3"]) -> Float[Tensor, "4 4"]:
    """The rotation, scale and shift that bring points nearest to others, in least squares; float64.

    Example:
        >>> points = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
        >>> best_similarity(points, 2 * points + 1)[0].tolist()
        [2.0, 0.0, 0.0, 1.0]
    """
    points, wanted = points.double(), wanted.double()
    middle, wanted_middle = points.mean(0), wanted.mean(0)
    spread, other = points - middle, wanted - wanted_middle
    left, sizes, right = torch.linalg.svd(other.T @ spread)
    signs = torch.ones(3, dtype=torch.float64)
    signs[2] = torch.sign(torch.linalg.det(left @ right))
    rotation = left @ torch.diag(signs) @ right
    scale = (sizes * signs).sum() / spread.square().sum()
    similarity = torch.eye(4, dtype=torch.float64)
    similarity[:3, :3] = scale * rotation
    similarity[:3, 3] = wanted_middle - scale * rotation @ middle
    return similarity


def camera_errors(cameras: Sequence[Camera], exact: Sequence[Camera], half: float = 0.6) -> CameraErrors:
    """The errors of cameras, both being in coordinates whose origin is the scene's middle.

    They are aligned by their centres and by four points of each one's frustum at the object's distance, since turning
    about an object and stepping aside look alike: centres alone would blame one for the other.

    Args:
        cameras: to be judged.
        exact: those that they should be.
        half: of the cube around the middle whose corners are looked at for ``pixels``.
    """
    places, wanted = (torch.cat([_anchors(camera) for camera in group]) for group in (cameras, exact))
    similarity = best_similarity(places, wanted)
    moved = [camera.moved(similarity) for camera in cameras]
    signs = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    corners = half * torch.cartesian_prod(signs, signs, signs)
    angles, centres, pixels = [], [], []
    for one, true in zip(moved, exact, strict=True):
        cosine = ((one.rotation.T @ true.rotation).trace() - 1) / 2
        angles.append(float(torch.rad2deg(torch.acos(cosine.clamp(-1, 1)))))
        centres.append(float((one.centre - true.centre).norm()))
        pixels.append(float((one.project(corners)[0] - true.project(corners)[0]).norm(dim=1).mean()))
    values = [(sum(each) / len(each), max(each)) for each in (angles, centres, pixels)]
    return CameraErrors(*(number for pair in values for number in pair))


def _anchors(camera: Camera) -> Float[Tensor, "5 3"]:
    """Its centre, and its frustum's corners as far away as the middle of the scene."""
    width, height = camera.width, camera.height
    corners = torch.tensor([[0, 0], [width, 0], [0, height], [width, height]], dtype=torch.float64)
    origins, directions = camera.rays(corners)
    return torch.cat([camera.centre[None], origins + camera.centre.norm() * directions])
