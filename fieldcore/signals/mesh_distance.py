"""Signed distance to a mesh: exact, negative inside, also where the mesh is open, torn or of several bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

import numpy as np
from jaxtyping import Float, Int

_CELLS = 64  # an axis; what near queries are grouped by
_AT_ONCE = 1 << 14  # points; meanwhile the library lets no other thread of Python run (see distance_process.py)
_SOLID = 0.5  # winding number from which a point is inside


class MeshDistance:
    """Distance to the nearest triangle, negative where the mesh winds around the point.

    A point is inside where the magnitude of the generalised winding number is above a half: for a closed surface that
    is inside and outside in the ordinary sense, whichever way its triangles face; a hole is closed as smoothly as can
    be, and a surface that encloses nothing has no inside.

    Sources: A. Jacobson, L. Kavan, O. Sorkine-Hornung, Robust Inside-Outside Segmentation using Generalized Winding
    Numbers, SIGGRAPH 2013; G. Barill et al., Fast Winding Numbers for Soups and Clouds, SIGGRAPH 2018; both in libigl.

    Args:
        vertices: (v, 3) float64 positions.
        triangles: (t, 3) int64 indices.
        report: called with what is built next, which takes seconds for millions of triangles.
    """

    def __init__(
        self,
        vertices: Float[np.ndarray, "v 3"],
        triangles: Int[np.ndarray, "t 3"],
        report: Callable[[str], None] = lambda stage: None,
    ) -> None:
        import igl  # takes a while, which only those who ask for distances should wait

        self._vertices = np.ascontiguousarray(vertices, np.float64)
        self._triangles = np.ascontiguousarray(triangles, np.int64)
        report("search tree")
        self._tree = igl.AABB()
        self._tree.init(self._vertices, self._triangles)
        report("winding numbers")
        self._winding = igl.FastWindingNumberBVH()
        self._winding.init(self._vertices, self._triangles)

    def __call__(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """Signed distances at ``points``, float64, in the vertices' units; the same whatever they are asked with."""
        if len(points) == 0:
            return np.zeros(0)
        # Neighbours in space one after another find the same triangles still in the processor's cache.
        order = _grouped(points)
        sorted_points = np.ascontiguousarray(points[order], np.float64)
        distance = np.empty(len(points))
        for start in range(0, len(points), _AT_ONCE):
            part = sorted_points[start : start + _AT_ONCE]
            squared = self._tree.squared_distance(self._vertices, self._triangles, part)[0]
            inside = np.abs(self._winding.winding_number(part)) > _SOLID
            distance[order[start : start + _AT_ONCE]] = np.where(inside, -1.0, 1.0) * np.sqrt(squared)
        return distance


def answer(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Be the process of distance_process.py, until nobody asks any more."""
    vertices, triangles = np.frombuffer(questions.read(16), np.int64)
    mesh = np.frombuffer(questions.read(24 * vertices)), np.frombuffer(questions.read(24 * triangles), np.int64)
    distance = MeshDistance(mesh[0].reshape(-1, 3), mesh[1].reshape(-1, 3))
    while count := questions.read(8):
        points = np.frombuffer(questions.read(24 * int(np.frombuffer(count, np.int64)[0])))
        answers.write(distance(points.reshape(-1, 3)).data)
        answers.flush()


def _grouped(points: Float[np.ndarray, "n 3"]) -> Int[np.ndarray, "n"]:
    """An order in which points of the same small cube follow one another."""
    low, size = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-300)
    x, y, z = (((points - low) * ((_CELLS - 1e-3) / size)).astype(np.int32)).T
    # Cubes of 4^3 cells first: neighbours stay near along every axis.
    coarse = ((z >> 2) * (_CELLS >> 2) + (y >> 2)) * (_CELLS >> 2) + (x >> 2)
    return np.argsort((coarse << 6) | ((z & 3) << 4) | ((y & 3) << 2) | (x & 3), kind="stable")
