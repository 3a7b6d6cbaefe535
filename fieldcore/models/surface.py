"""A model's surface made fit to be drawn: checked, cleaned, moved into the unit cube, with normals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from ..errors import InputError
from .parts import Part

_LEAST_HEIGHT = 1e-6
"""A triangle whose height is below this share of its longest side has no area: float32 does not tell its plane."""


@dataclass(frozen=True, eq=False)
class Surface:
    """All parts of a model as one mesh; like ``TexturedModel``, but without its sheet.

    Attributes:
        normals: as in the file; NaN where it gives none.
    """

    vertices: Float[np.ndarray, "v 3"]
    normals: Float[np.ndarray, "v 3"]
    uv: Float[np.ndarray, "v 2"]
    triangles: Int[np.ndarray, "t 3"]
    materials: Int[np.ndarray, "t"]

    def keeping(self, kept: Bool[np.ndarray, "t"]) -> Surface:
        """The surface of those triangles only, and of the vertices that they use."""
        triangles = self.triangles[kept]
        used = np.zeros(len(self.vertices), bool)
        used[triangles.ravel()] = True
        number = np.cumsum(used) - 1
        return Surface(self.vertices[used], self.normals[used], self.uv[used], number[triangles], self.materials[kept])


def check_indices(path: Path, parts: Sequence[Part]) -> None:
    """Raise InputError if a triangle names a vertex that there is not."""
    for part in parts:
        low, high, count = int(part.triangles.min()), int(part.triangles.max()), len(part.vertices)
        if low < 0 or high >= count:
            raise InputError(
                f"model '{path}': a triangle has vertex {low if low < 0 else high} (counted from 0), but there are "
                f"{count} vertices; export it again"
            )


def joined(parts: Sequence[Part], materials: Sequence[int]) -> Surface:
    """Parts, all of which have texture coordinates, as one surface; ``materials`` are their numbers."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    none = [np.full(part.vertices.shape, np.nan) if part.normals is None else part.normals for part in parts]
    return Surface(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate(none),
        np.concatenate([part.uv for part in parts if part.uv is not None]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts[:-1], strict=True)]),
        np.concatenate([np.full(len(p.triangles), number) for p, number in zip(parts, materials, strict=True)]),
    )


def in_unit_cube(path: Path, surface: Surface) -> tuple[Surface, Float[np.ndarray, "4 4"], list[str]]:
    """The surface centred, with the longest side of its box from -1 to 1, and what had to be left out.

    Returns:
        the surface in float32 and int32, the transform back to the file's coordinates, and notices.

    Raises:
        InputError: nothing is left: positions are NaN, or no triangle has an area.
    """
    notices = []
    finite = np.isfinite(surface.vertices).all(1)[surface.triangles].all(1)
    if not finite.all():
        notices.append(f"{_count(~finite)} with NaN or infinite positions left out")
        surface = surface.keeping(finite)
    if not len(surface.triangles):
        raise InputError(f"model '{path}': every triangle has NaN or infinite positions; export it again")
    surface = surface.keeping(np.ones(len(surface.triangles), bool))
    low, high = surface.vertices.min(0), surface.vertices.max(0)
    with np.errstate(over="ignore"):
        half, centre = float((high / 2 - low / 2).max()), low / 2 + high / 2
    if not (half > 0 and np.isfinite(2 * half)):
        what = "all its vertices are at one place" if half == 0 else "its coordinates are too large"
        raise InputError(f"model '{path}': {what}, so there is nothing to see; export it again")
    vertices = ((surface.vertices - centre) / half).astype(np.float32) + np.float32(0)  # -0 becomes 0
    surface = replace(surface, vertices=vertices)
    flat = has_no_area(vertices, surface.triangles)
    if flat.all():
        raise InputError(f"model '{path}': none of its triangles has an area; export it again")
    if flat.any():
        notices.append(f"{_count(flat)} without area left out")
        surface = surface.keeping(~flat)
    surface = replace(
        surface,
        uv=surface.uv.astype(np.float32),
        triangles=surface.triangles.astype(np.int32),
        materials=surface.materials.astype(np.int32),
    )
    source_from_model = np.diag([half, half, half, 1.0])
    source_from_model[:3, 3] = centre
    return surface, source_from_model, notices


def has_no_area(vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> Bool[np.ndarray, "t"]:
    """Which triangles are lines or points, as far as float32 can tell."""
    a, b, c = (vertices[triangles[:, corner]].astype(np.float64) for corner in range(3))
    longest = np.maximum(_squared(b - a), np.maximum(_squared(c - b), _squared(a - c)))
    return _squared(np.cross(b - a, c - a)) <= (_LEAST_HEIGHT * longest) ** 2


def unit_normals(surface: Surface) -> Float[np.ndarray, "v 3"]:
    """Unit vertex normals, float32: the file's, or else those of the triangles around, weighted by their angles.

    Vertices at one place, as at the seams of a texture, get one normal. Where a place's triangles cancel one another,
    as on a sheet with two sides, each vertex keeps to its own triangles.

    Source of the weights: G. Thuermer and C. A. Wuethrich, Computing Vertex Normals from Polygonal Facets, 1998.
    """
    normals = surface.normals.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.linalg.norm(normals, axis=1)
    wanting = ~((lengths > 0) & np.isfinite(lengths))
    if wanting.any():
        own = _angle_weighted(surface)
        place = places(surface.vertices)
        weight = np.bincount(place, np.linalg.norm(own, axis=1))
        shared = np.stack([np.bincount(place, own[:, axis]) for axis in range(3)], -1)
        cancelled = np.linalg.norm(shared, axis=1) <= 1e-3 * weight
        computed = np.where(cancelled[place, None], own, shared[place])
        lonely = np.linalg.norm(computed, axis=1) <= 1e-9  # its own triangles cancel too: any of them will do
        if lonely.any():
            computed = np.where(lonely[:, None], _any_triangle(surface), computed)
        normals[wanting] = computed[wanting]
    return (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)


def _angle_weighted(surface: Surface) -> np.ndarray:
    corners = [surface.vertices[surface.triangles[:, corner]].astype(np.float64) for corner in range(3)]
    face = _unit(np.cross(corners[1] - corners[0], corners[2] - corners[0]))
    total = np.zeros((len(surface.vertices), 3))
    for corner in range(3):
        ahead = _unit(corners[(corner + 1) % 3] - corners[corner])
        behind = _unit(corners[(corner + 2) % 3] - corners[corner])
        angle = np.arccos(np.einsum("td,td->t", ahead, behind).clip(-1, 1))
        for axis in range(3):
            vertex = surface.triangles[:, corner]
            total[:, axis] += np.bincount(vertex, angle * face[:, axis], len(total))
    return total


def _any_triangle(surface: Surface) -> np.ndarray:
    a, b, c = (surface.vertices[surface.triangles[:, corner]].astype(np.float64) for corner in range(3))
    normals = np.empty((len(surface.vertices), 3))
    normals[surface.triangles.ravel()] = np.repeat(_unit(np.cross(b - a, c - a)), 3, axis=0)
    return normals


def places(vertices: Float[np.ndarray, "v 3"]) -> Int[np.ndarray, "v"]:
    """For each vertex the number of its place, from 0; vertices that coincide have the same."""
    order = np.lexsort(vertices.T)
    new = np.any(np.diff(vertices[order], axis=0) != 0, axis=1)
    place = np.empty(len(vertices), np.int64)
    place[order] = np.concatenate([[0], np.cumsum(new)])
    return place


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float64).tiny)


def _squared(vectors: np.ndarray) -> np.ndarray:
    return np.einsum("td,td->t", vectors, vectors)


def _count(which: np.ndarray) -> str:
    count = int(which.sum())
    return "1 triangle" if count == 1 else f"{count} triangles"
