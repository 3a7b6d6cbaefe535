"""How far cameras are from the exact ones, apart from where the whole scene lies and how large it is.

Source: S. Umeyama, Least-Squares Estimation of Transformation Parameters Between Two Point Patterns, IEEE Trans. PAMI
1991.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from .camera import Camera
from .views import Views

TRUTH_FILE = "truth.json"
"""Of a scene whose exact poses are known: ``world_from_camera`` by the names of views, in the scene's coordinates."""


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


def aligning(cameras: Sequence[Camera], exact: Sequence[Camera]) -> Float[Tensor, "4 4"]:
    """The similarity that brings cameras nearest to others, by their centres and four points of each one's frustum.

    Example:
        similarity = aligning(refined, exact)
        seen_by_refined = [camera.moved(similarity.inverse()) for camera in other_exact_ones]
    """
    places, wanted = (torch.cat([_anchors(camera) for camera in group]) for group in (cameras, exact))
    return best_similarity(places, wanted)


def exact_cameras(views: Views, scene: Path) -> Mapping[str, Camera]:
    """The training views' exact cameras in domain units, by name, where a scene has a ``truth.json``; else none."""
    known = scene / TRUTH_FILE
    if not known.is_file():
        return {}
    poses = json.loads(known.read_text(encoding="utf-8")).get("world_from_camera", {})
    from_source = views.source_from_scene.inverse()
    return {
        view.name: replace(view.camera, world_from_camera=poses[view.name]).moved(from_source)
        for view in views.training
        if view.name in poses
    }


def camera_errors(cameras: Sequence[Camera], exact: Sequence[Camera], half: float = 0.6) -> CameraErrors:
    """The errors of cameras, both being in coordinates whose origin is the scene's middle.

    They are aligned by their centres and by four points of each one's frustum at the object's distance, since turning
    about an object and stepping aside look alike: centres alone would blame one for the other.

    Args:
        cameras: to be judged.
        exact: those that they should be.
        half: of the cube around the middle whose corners are looked at for ``pixels``.
    """
    similarity = aligning(cameras, exact)
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
