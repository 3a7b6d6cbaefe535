"""The visual hull of a scene: the largest object that all its masks allow, as a mesh and a distance.

Source: A. Laurentini, The Visual Hull Concept for Silhouette-Based Image Understanding, PAMI 1994.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from ..signals.mesh_file import Mesh
from .carving import Lattice, carved, nothing_shared, sole_dissenter
from .checks import hull_notices
from .silhouettes import INSIDE, THICKER_CELLS, Silhouettes
from .view import View

VERTICES = 129
_COARSE_VERTICES = 65
_EXACT_CELLS = 4.5
_AT_ONCE = 1 << 14
_RAY_STEPS = 48

_NOTHING_THIN = 0.99
"""Where the hull covers more of the masks, nothing is so thin that it got lost."""
_BEYOND_CELLS = 2


@dataclass(frozen=True, eq=False)
class Hull:
    """The largest object within all masks.

    Attributes:
        distance: (n, n, n) float32, the axes z, y, x: signed distance in domain units at the vertices of a lattice over
            [-1, 1]^3, both ends included; negative inside. Exact within 4.5 cells of the surface, beyond it off by a
            small part of a cell.
        mesh: its surface, in domain units.
        agreement: of each training view, the share of its mask that the hull covers when it is seen from there.
        notices: what that says of cameras and masks, one sentence each.
    """

    distance: Float[Tensor, "n n n"]
    mesh: Mesh
    agreement: tuple[float, ...]
    notices: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the domain's cube that is inside."""
        return float((self.distance < 0).float().mean())

    def __call__(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Distances at points of the domain, linear between vertices; beyond the cube those of its nearest point."""
        volume = self.distance.to(x)[None, None]
        return F.grid_sample(volume, x[None, None, None], padding_mode="border", align_corners=True)[0, 0, 0, 0]


def visual_hull(where: str, views: Sequence[View], vertices: int = VERTICES) -> Hull:
    """The hull of views that have masks.

    Args:
        where: the scene, as messages begin.
        views: whose alpha is the mask.
        vertices: of the lattice, an axis.

    Raises:
        InputError: the masks share no point in space.
    """
    lattice = Lattice((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0), vertices)
    pixels = [view.stored.bytes for view in views]
    silhouettes = Silhouettes([view.camera for view in views], pixels, lattice.spacing[0], torch.zeros(3))
    covered = _closed(carved(silhouettes, lattice))
    if not (covered > INSIDE).any():
        raise nothing_shared(where, silhouettes, [view.name for view in views], lattice)
    distance, mesh = _signed(covered, lattice)
    agreement = _agreement(views, distance)
    if np.mean(agreement) < _NOTHING_THIN:
        covered = with_thin_parts(covered, silhouettes, lattice)
        distance, mesh = _signed(covered, lattice)
        agreement = _agreement(views, distance)
    coarse = Lattice(lattice.lower, lattice.upper, min(vertices, _COARSE_VERTICES))
    names = [view.name for view in views]
    notices = hull_notices(where, names, agreement, lambda: sole_dissenter(silhouettes, coarse))
    return Hull(distance, mesh, agreement, notices)


def _signed(covered: Float[np.ndarray, "n n n"], lattice: Lattice) -> tuple[Float[Tensor, "n n n"], Mesh]:
    mesh = lattice.surface(covered)
    assert mesh is not None, "something is covered, and the lattice's faces are not"
    return torch.from_numpy(_distances(covered > INSIDE, mesh, lattice)), mesh


def _agreement(views: Sequence[View], distance: Float[Tensor, "n n n"]) -> tuple[float, ...]:
    return tuple(_share_covered(view, distance) for view in views)


def with_thin_parts(
    covered: Float[np.ndarray, "n n n"], silhouettes: Silhouettes, lattice: Lattice
) -> Float[np.ndarray, "n n n"]:
    """The least alpha, and sheets and rods that slip between the vertices of the lattice as if they were thicker.

    They are what masks that reach further out by a cell allow, well beyond what they allow as they are; where they
    begin they grow into that.
    """
    from scipy.ndimage import binary_dilation

    thick = _closed(carved(silhouettes.thickened(THICKER_CELLS * lattice.spacing[0], torch.zeros(3)), lattice))
    inside = covered > INSIDE
    beyond = (thick > INSIDE) & ~binary_dilation(inside, iterations=_BEYOND_CELLS)
    grown = binary_dilation(beyond, iterations=_BEYOND_CELLS + 1)
    return np.maximum(covered, np.where(grown, thick, 0))


def _closed(covered: Float[np.ndarray, "n n n"]) -> Float[np.ndarray, "n n n"]:
    """Nothing at the cube's faces, so that a hull which goes on beyond them has a surface there."""
    inner = np.zeros_like(covered)
    inner[1:-1, 1:-1, 1:-1] = covered[1:-1, 1:-1, 1:-1]
    return inner


def _distances(inside: Bool[np.ndarray, "n n n"], mesh: Mesh, lattice: Lattice) -> Float[np.ndarray, "n n n"]:
    """Signed distances at the vertices of a lattice, exact where they are small.

    Further away it is the way to the nearest vertex at the surface, and that one's own distance.
    """
    from scipy.ndimage import distance_transform_edt

    cell = lattice.spacing[0]
    nearest = distance_transform_edt(~_beside_surface(inside), return_distances=False, return_indices=True)
    own = np.indices(inside.shape, np.int32)
    distance = np.sqrt(((nearest - own) ** 2).sum(0, dtype=np.float32)) * np.float32(cell)
    near = distance <= _EXACT_CELLS * cell
    places = np.argwhere(near)[:, ::-1] * cell + np.array(lattice.lower)
    distance[near] = _to_triangles(mesh, places)
    distance[~near] += distance[tuple(part[~near] for part in nearest)]
    return np.where(inside, -distance, distance)


def _beside_surface(inside: Bool[np.ndarray, "n n n"]) -> Bool[np.ndarray, "n n n"]:
    """Vertices that have a neighbour along an axis on the other side of the surface."""
    beside = np.zeros_like(inside)
    for axis in range(3):
        one, other = (np.moveaxis(inside, axis, 0)[part] for part in (slice(1, None), slice(None, -1)))
        crossed = one != other
        np.moveaxis(beside, axis, 0)[1:] |= crossed
        np.moveaxis(beside, axis, 0)[:-1] |= crossed
    return beside


def _to_triangles(mesh: Mesh, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    import igl

    vertices, triangles = np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(mesh.triangles)
    tree = igl.AABB()
    tree.init(vertices, triangles)
    parts = (np.ascontiguousarray(points[start : start + _AT_ONCE]) for start in range(0, len(points), _AT_ONCE))
    return np.sqrt(np.concatenate([tree.squared_distance(vertices, triangles, part)[0] for part in parts]))


def _share_covered(view: View, distance: Float[Tensor, "n n n"], count: int = 512) -> float:
    """The share of a mask's pixels, of ``count`` drawn evenly, whose rays hit the hull."""
    places = (view.stored.bytes[..., 3] > 255 * INSIDE).nonzero()
    step = max(1, len(places) // count)
    pixels = places[step // 2 :: step].flip(1).float() + 0.5
    origins, directions = view.camera.rays(pixels)
    cell = 2 / (len(distance) - 1)
    entry = ((-1 - origins) / directions).minimum((1 - origins) / directions).amax(1).clamp(min=0)
    along, least = entry, torch.full_like(entry, 9.0)
    for _ in range(_RAY_STEPS):
        points = (origins + along[:, None] * directions)[None, None, None]
        there = F.grid_sample(distance[None, None], points, padding_mode="border", align_corners=True)[0, 0, 0, 0]
        least = torch.minimum(least, there)
        along = along + there.clamp(min=cell / 4)
    pixel = float(view.camera.centre.norm()) / view.camera.fx
    return float((least < max(cell / 10, pixel / 4)).float().mean())
