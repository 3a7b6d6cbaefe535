"""Meshes whose triangles face this way and that, for tests: balls, boxes, and what files do to them."""

from __future__ import annotations

import numpy as np
import trimesh

Raw = tuple[np.ndarray, np.ndarray]
"""Vertices and triangles."""


def ball(radius: float = 1.0, at: tuple[float, float, float] = (0, 0, 0), subdivisions: int = 2) -> Raw:
    solid = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)
    return np.asarray(solid.vertices) + at, np.asarray(solid.faces, np.int64)


def block(extents: tuple[float, float, float] = (1, 1, 1), at: tuple[float, float, float] = (0, 0, 0)) -> Raw:
    solid = trimesh.creation.box(extents=extents)
    return np.asarray(solid.vertices) + at, np.asarray(solid.faces, np.int64)


def both(*solids: Raw) -> Raw:
    """All of them, no vertex in common."""
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in solids)])
    triangles = [triangles + start for (_, triangles), start in zip(solids, starts[:-1], strict=True)]
    return np.concatenate([vertices for vertices, _ in solids]), np.concatenate(triangles)


def twice(solid: Raw) -> Raw:
    """Each triangle once more, with the same vertices."""
    return solid[0], np.concatenate([solid[1], solid[1]])


def turned(solid: Raw, which: slice | np.ndarray = slice(None)) -> Raw:
    triangles = solid[1].copy()
    triangles[which] = triangles[which][:, ::-1]
    return solid[0], triangles


def shuffled(solid: Raw, share: float = 0.5, seed: int = 0) -> Raw:
    """Some triangles, at random, face the other way."""
    return turned(solid, np.random.default_rng(seed).random(len(solid[1])) < share)


def two_sided(solid: Raw) -> Raw:
    return solid[0], np.concatenate([solid[1], solid[1][:, ::-1]])


def soup(solid: Raw) -> Raw:
    """Three vertices to each triangle, as STL has them."""
    return solid[0][solid[1].ravel()], np.arange(solid[1].size).reshape(-1, 3)


def torn(solid: Raw) -> Raw:
    """No two triangles have a corner at quite the same place."""
    vertices, triangles = soup(solid)
    corners = vertices.reshape(-1, 3, 3)
    middle = corners.mean(1, keepdims=True)
    return (middle + (corners - middle) * (1 + 5e-5)).reshape(-1, 3), triangles


def without(solid: Raw, count: int) -> Raw:
    """A hole where the first triangles were."""
    return solid[0], solid[1][count:]


def half_block(side: float) -> Raw:
    """Half of a cube, open where the other half begins."""
    vertices, triangles = block((0.5, 1, 1), (side / 4, 0, 0))
    inner = (np.abs(vertices[triangles][..., 0]) < 1e-9).all(1)
    return vertices, triangles[~inner]


SHEET: Raw = (
    np.array([[0, -0.5, -0.5], [0, 0.5, -0.5], [0, 0.5, 0.5], [0, -0.5, 0.5]]),
    np.array([[0, 1, 2], [0, 2, 3]]),
)
OTHER_HALVES: Raw = (SHEET[0], np.array([[3, 1, 0], [3, 2, 1]]))
"""The sheet from behind, cut along its other diagonal."""

FIN: Raw = (np.array([[0.5, 0.5, -0.5], [0.5, 0.5, 0.5], [1.5, 1.5, 0.0]]), np.array([[0, 1, 2]]))
"""A triangle that stands on an edge of the unit block."""


def moebius(count: int = 40) -> Raw:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = 0.3 * np.stack([np.cos(angle / 2), np.sin(angle / 2)], -1)
    rims = [
        np.stack(
            [(1 + side * reach[:, 0]) * np.cos(angle), (1 + side * reach[:, 0]) * np.sin(angle), side * reach[:, 1]], -1
        )
        for side in (-1, 1)
    ]
    here, there = np.arange(count), np.arange(count) + count
    after, beyond = np.roll(here, -1), np.roll(there, -1)
    after[-1], beyond[-1] = there[0], here[0]
    return np.concatenate(rims), np.concatenate(
        [np.stack([here, after, there], -1), np.stack([after, beyond, there], -1)]
    )
