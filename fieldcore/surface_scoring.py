"""How near a surface is to the true mesh of its object."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np
import torch
from jaxtyping import Bool, Float

from .grid import Grid
from .signals.mesh_distance import MeshDistance
from .signals.mesh_file import Mesh
from .signals.sample_pool import SurfaceSampler

SURFACE_POINTS = 20_000
OVERLAP_CELLS = 96
NEAR = 0.01
"""Domain units within which a point counts as right in the F-score."""


@dataclass(frozen=True)
class TruthScore:
    """How near a surface is to the true one; lengths in domain units.

    Attributes:
        accuracy: mean distance from the surface's points to the truth.
        completeness: mean distance from the truth's points to the surface.
        chamfer: mean of the two.
        chamfer_percent: that in percent of the truth's longest side.
        f_score: harmonic mean of the shares of either's points within 0.01 of the other.
        iou: overlap of the insides on 96^3 cells of the domain.
        normal_consistency: mean cosine between a point's normal and that of the other surface's nearest point.
    """

    accuracy: float
    completeness: float
    chamfer: float
    chamfer_percent: float
    f_score: float
    iou: float
    normal_consistency: float


def truth_score(surface: Mesh, truth: Mesh, *, points: int = SURFACE_POINTS, seed: int = 0) -> TruthScore:
    """Compare two meshes in domain units.

    Distances are from points spread evenly over one mesh to the other's triangles: between points alone they would
    never be small.

    Args:
        surface: what is judged; closed, as surfaces of a distance are.
        truth: what it should be; where it is open, its inside is by winding number.
        points: on each.
        seed: of the points.
    """
    generator = np.random.default_rng(seed)
    there, cosine_there = _to_other(surface, truth, points, generator)
    back, cosine_back = _to_other(truth, surface, points, generator)
    precision, recall = float((there < NEAR).mean()), float((back < NEAR).mean())
    chamfer = (float(there.mean()) + float(back.mean())) / 2
    longest = float((truth.vertices.max(0) - truth.vertices.min(0)).max())
    return TruthScore(
        accuracy=float(there.mean()),
        completeness=float(back.mean()),
        chamfer=chamfer,
        chamfer_percent=100 * chamfer / longest,
        f_score=2 * precision * recall / max(precision + recall, 1e-9),
        iou=_overlap(surface, truth),
        normal_consistency=(float(cosine_there.mean()) + float(cosine_back.mean())) / 2,
    )


def _to_other(
    start: Mesh, target: Mesh, count: int, generator: np.random.Generator
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Distances of points of one mesh to the other, and cosines of the normals at both ends."""
    points: Float[np.ndarray, "n 3"] = SurfaceSampler(start.vertices, start.triangles)(count, generator)
    _, own, _ = _nearest(points, start)
    squared, other, _ = _nearest(points, target)
    cosines = (_normals(start)[own] * _normals(target)[other]).sum(1)
    return np.sqrt(np.maximum(squared, 0)), cosines


def _nearest(points: Float[np.ndarray, "n 3"], mesh: Mesh) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squared distances, numbers of the nearest triangles, nearest points."""
    found: tuple[np.ndarray, np.ndarray, np.ndarray] = igl.point_mesh_squared_distance(
        np.ascontiguousarray(points), np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(mesh.triangles)
    )
    return found


def _normals(mesh: Mesh) -> Float[np.ndarray, "t 3"]:
    a, b, c = (mesh.vertices[mesh.triangles[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)


def _overlap(surface: Mesh, truth: Mesh) -> float:
    grid = Grid.covering((1.0, 1.0, 1.0), OVERLAP_CELLS)
    x = grid.points(0, grid.count, torch.device("cpu")).double().numpy()
    one, other = (_inside(mesh, x) for mesh in (surface, truth))
    return float((one & other).sum() / max((one | other).sum(), 1))


def _inside(mesh: Mesh, x: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
    """Points within a mesh; those outside its box are not asked for."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    near = ((x >= low) & (x <= high)).all(1)
    near[near] = MeshDistance(mesh.vertices, mesh.triangles)(x[near]) < 0
    return near
