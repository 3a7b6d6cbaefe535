"""Synthetic captures: photos of a mesh under one light each, with hard shadows, by exact ray casting.

The camera looks down -z from far away, x to the right and y up. The surface is Lambertian with a coat of GGX, whose
colour and roughness vary over it. Light is reflected once.

Source: B. Walter, S. Marschner, H. Li, K. Torrance, Microfacet Models for Refraction through Rough Surfaces, EGSR 2007.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import igl
import numpy as np
from jaxtyping import Bool, Float, Int

from ..signals.mesh_file import Mesh

_OFF = 1e-5
"""Beginning of a shadow's ray above the surface, in sizes of the mesh."""

_MARGIN = 0.92
"""Share of the picture that the mesh fills."""

_VIEW = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Material:
    """What the surface is like; colour and roughness wave over it.

    Attributes:
        warm, cool: linear colours that it waves between.
        roughness: least and greatest, of GGX.
        coat: reflectance of the coat seen from straight above; 0 is Lambertian alone.
        waves: cycles over the mesh.
    """

    warm: tuple[float, float, float] = (0.62, 0.42, 0.24)
    cool: tuple[float, float, float] = (0.20, 0.27, 0.32)
    roughness: tuple[float, float] = (0.12, 0.35)
    coat: float = 0.05
    waves: float = 2.5


class SyntheticView:
    """What the camera sees of a mesh, and what light makes of it.

    Args:
        mesh: is scaled to fill the picture.
        size: pixels a side.
        material: of its surface.

    Attributes:
        mask: (size, size), where the mesh is seen.
        normals: (p, 3) unit, of the pixels in the mask.
    """

    def __init__(self, mesh: Mesh, size: int, material: Material | None = None) -> None:
        self._material = material or Material()
        low, high = mesh.vertices.min(0), mesh.vertices.max(0)
        scale = 2 * _MARGIN / float((high - low)[:2].max())
        self._vertices = np.ascontiguousarray((mesh.vertices - (low + high) / 2) * scale)
        self._triangles = np.ascontiguousarray(mesh.triangles.astype(np.int64))
        self._tree = igl.AABB()
        self._tree.init(self._vertices, self._triangles)
        self._size = size
        triangle, weights, self.mask = self._seen()
        self._places = np.einsum("pk,pkd->pd", weights, self._vertices[self._triangles[triangle]])
        self.normals = self._smooth_normals(triangle, weights)
        self._faces = self._face_normals()[triangle]
        self._faces *= np.where(self._faces[:, 2:] < 0, -1.0, 1.0)

    def lit(self, direction: Float[np.ndarray, "3"]) -> Float[np.ndarray, "h w 3"]:
        """The photo in linear light under one distant light of irradiance pi."""
        lit = np.clip(self.normals @ direction, 0, None) * ~self.shadowed(direction)
        values = np.zeros((self._size, self._size, 3), np.float32)
        reflected = self._colour() + math.pi * self._coat(direction)[:, None]
        values[self.mask] = (lit[:, None] * reflected).astype(np.float32)
        return values

    def shadowed(self, direction: Float[np.ndarray, "3"]) -> Bool[np.ndarray, "p"]:
        """Which pixels of the mask something stands before, towards the light; their own triangle does not count."""
        away = self._places + _OFF * self._faces
        facing = self.normals @ direction > 0
        found = np.ones(len(away), bool)
        starts = np.ascontiguousarray(away[facing])
        ways = np.ascontiguousarray(np.broadcast_to(direction, starts.shape))
        if len(starts):
            found[facing] = self._tree.intersect_ray_first(self._vertices, self._triangles, starts, ways)[0] >= 0
        return found

    def _seen(self) -> tuple[Int[np.ndarray, "p"], Float[np.ndarray, "p 3"], Bool[np.ndarray, "h w"]]:
        """The triangle that each pixel shows, the place on it, and where there is one."""
        centres = (2 * np.arange(self._size) + 1) / self._size - 1
        x, y = np.meshgrid(centres, -centres)
        starts = np.stack([x.ravel(), y.ravel(), np.full(x.size, 10.0)], 1)
        ways = np.broadcast_to(-_VIEW, starts.shape)
        hit, _, corner = self._tree.intersect_ray_first(
            self._vertices, self._triangles, np.ascontiguousarray(starts), np.ascontiguousarray(ways)
        )
        seen = hit >= 0
        corner = corner[seen]
        weights = np.concatenate([1 - corner.sum(1, keepdims=True), corner], 1)
        return hit[seen].astype(np.int64), weights, seen.reshape(self._size, self._size)

    def _face_normals(self) -> Float[np.ndarray, "t 3"]:
        a, b, c = (self._vertices[self._triangles[:, corner]] for corner in range(3))
        return _unit(np.cross(b - a, c - a))

    def _smooth_normals(self, triangle: Int[np.ndarray, "p"], weights: Float[np.ndarray, "p 3"]) -> np.ndarray:
        """Interpolated between vertices, towards the camera."""
        a, b, c = (self._vertices[self._triangles[:, corner]] for corner in range(3))
        of_face = np.cross(b - a, c - a)
        of_vertex = np.zeros_like(self._vertices)
        for corner in range(3):
            np.add.at(of_vertex, self._triangles[:, corner], of_face)
        found = _unit(np.einsum("pk,pkd->pd", weights, of_vertex[self._triangles[triangle]]))
        return found * np.where(found[:, 2:] < 0, -1.0, 1.0)

    def _wave(self, turn: float) -> Float[np.ndarray, "p 1"]:
        x, y, z = self._places.T
        phase = math.pi * self._material.waves * (x * math.cos(turn) + y * math.sin(turn) + 0.7 * z)
        return (0.5 + 0.5 * np.sin(phase) * np.cos(0.6 * phase + 3 * turn))[:, None]

    def _colour(self) -> Float[np.ndarray, "p 3"]:
        share = self._wave(0.4)
        return share * np.array(self._material.warm) + (1 - share) * np.array(self._material.cool)

    def _coat(self, direction: Float[np.ndarray, "3"]) -> Float[np.ndarray, "p"]:
        """GGX with Smith's masking and Schlick's Fresnel term, towards the camera."""
        least, most = self._material.roughness
        squared = (least + (most - least) * self._wave(2.0)[:, 0]) ** 4
        half = _unit((direction + _VIEW)[None])[0]
        n_h, n_l, n_v = (np.clip(self.normals @ way, 1e-4, 1) for way in (half, direction, _VIEW))
        spread = squared / (math.pi * (n_h**2 * (squared - 1) + 1) ** 2)
        masking = [2 * c / (c + np.sqrt(squared + (1 - squared) * c**2)) for c in (n_l, n_v)]
        fresnel = self._material.coat + (1 - self._material.coat) * (1 - half @ _VIEW) ** 5
        found: np.ndarray = spread * masking[0] * masking[1] * fresnel / (4 * n_l * n_v)
        return found


def spread_directions(count: int, least_elevation_deg: float = 14.5, turn: float = 0.0) -> Float[np.ndarray, "n 3"]:
    """Lights spread evenly over the dome above an elevation, by the golden angle."""
    least = math.sin(math.radians(least_elevation_deg))
    number = np.arange(count) + 0.5
    z = 1 - (1 - least) * number / count
    angle = math.pi * (3 - math.sqrt(5)) * number + turn
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), z], 1)


def _unit(vectors: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
