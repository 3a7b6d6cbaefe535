"""What rays see from the two sides of triangles: the open, or the inside of something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

RAYS = 8
"""From each side of a place."""

_OFF = 1e-6
"""Of a mesh's size: how far above a triangle rays begin, and how far apart two surfaces are told apart."""


@dataclass(frozen=True, eq=False)
class Views:
    """Of groups of triangles, what share of the rays from their front and from their back does something.

    Attributes:
        open_front, open_back: meet nothing at all, so that the side is seen from far away.
        inside_front, inside_back: meet an odd number of surfaces, so that the side is within something closed.

    Source: the two criteria of K. Takayama, A. Jacobson, L. Kavan, O. Sorkine-Hornung, A Simple Method for Correcting
    Facet Orientations in Polygon Meshes Based on Ray Casting, Journal of Computer Graphics Techniques 3(4), 2014.
    """

    open_front: Float[np.ndarray, "g"]
    open_back: Float[np.ndarray, "g"]
    inside_front: Float[np.ndarray, "g"]
    inside_back: Float[np.ndarray, "g"]

    @property
    def openness(self) -> Float[np.ndarray, "g"]:
        """From -1 to 1: how much more is seen of the front from far away than of the back."""
        return self.open_front - self.open_back

    @property
    def outwardness(self) -> Float[np.ndarray, "g"]:
        """From -1 to 1: how much more often the back is inside than the front."""
        return self.inside_back - self.inside_front


class Viewer:
    """Looks around from triangles.

    Args:
        vertices: (v, 3) positions.
        triangles: (t, 3) indices; those that stand in the way.
    """

    def __init__(self, vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> None:
        import igl

        self._vertices = np.ascontiguousarray(vertices, np.float64)
        self._triangles = np.ascontiguousarray(triangles, np.int64)
        self._size = float(np.ptp(vertices, axis=0).max())
        self._tree = igl.AABB()
        self._tree.init(self._vertices, self._triangles)

    def views(self, chosen: Int[np.ndarray, "s"], group: Int[np.ndarray, "s"], groups: int, seed: int = 0) -> Views:
        """From a random place on each of the ``chosen`` triangles; ``group`` is the group that each speaks for."""
        generator = np.random.default_rng(seed)
        places, normals = self._places(chosen, generator)
        votes = np.maximum(np.bincount(group, minlength=groups), 1) * RAYS
        shares = []
        for side in (1, -1):
            opens, insides = self._rays(places, side * normals, generator)
            shares += [np.bincount(group, of, groups) / votes for of in (opens, insides)]
        return Views(shares[0], shares[2], shares[1], shares[3])

    def _places(
        self, chosen: Int[np.ndarray, "s"], generator: np.random.Generator
    ) -> tuple[Float[np.ndarray, "s 3"], Float[np.ndarray, "s 3"]]:
        a, b, c = (self._vertices[self._triangles[chosen, corner]] for corner in range(3))
        root, along = np.sqrt(generator.random((len(chosen), 1))), generator.random((len(chosen), 1))
        normals = np.cross(b - a, c - a)
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        places = (1 - root) * a + root * (1 - along) * b + root * along * c
        return places, normals / np.maximum(lengths, np.finfo(np.float64).tiny)

    def _rays(
        self, places: Float[np.ndarray, "s 3"], normals: Float[np.ndarray, "s 3"], generator: np.random.Generator
    ) -> tuple[Int[np.ndarray, "s"], Int[np.ndarray, "s"]]:
        """Of each place, how many of its rays meet nothing, and how many an odd number of surfaces."""
        # A unit vector added to the normal gives directions whose share falls with the cosine.
        directions = generator.standard_normal((len(places), RAYS, 3))
        directions /= np.linalg.norm(directions, axis=2, keepdims=True)
        directions += (1 + _OFF) * normals[:, None]
        directions /= np.linalg.norm(directions, axis=2, keepdims=True)
        off = _OFF * self._size
        starts = np.repeat(places + off * normals, RAYS, axis=0)
        hits = self._tree.intersect_ray(
            self._vertices, self._triangles, np.ascontiguousarray(starts), directions.reshape(-1, 3)
        )
        counts = _surfaces(hits, off).reshape(-1, RAYS)
        return (counts == 0).sum(1), (counts % 2).sum(1)


def _surfaces(hits: list[list[tuple[int, float, float, float]]], off: float) -> Int[np.ndarray, "r"]:
    """How many surfaces each ray meets; triangles at one place, or with a common edge, are one."""
    ray = np.repeat(np.arange(len(hits)), [len(met) for met in hits])
    distance = np.array([hit[1] for met in hits for hit in met], np.float64)
    order = np.lexsort((distance, ray))
    ray, distance = ray[order], distance[order]
    new = np.concatenate([[True], (ray[1:] != ray[:-1]) | (distance[1:] - distance[:-1] > off)])[: len(ray)]
    return np.bincount(ray[new], minlength=len(hits))
