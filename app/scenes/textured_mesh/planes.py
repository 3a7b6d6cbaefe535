"""The plane of every triangle, and how fast u and v grow on it: what footprints are computed from."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

_CHUNK = 1 << 18
"""Triangles at once, which bounds the memory that enormous models take."""

_MOST_GRADIENT = 1e6
"""Texture widths per unit of length; only triangles that nobody can see come near it."""


def planes_of(
    vertices: Float[np.ndarray, "v 3"],
    uv: Float[np.ndarray, "v 2"],
    triangles: Int[np.ndarray, "t 3"],
    materials: Int[np.ndarray, "t"],
) -> Float[np.ndarray, "t 3 4"]:
    """For each triangle three rows: the gradient of u and its material, that of v and 0, the unit normal and 0.

    A gradient lies in the triangle's plane and is the same at each of its points: with the edges ``e1`` and ``e2`` from
    one corner, along which u grows by ``d1`` and ``d2``, and ``n = e1 x e2``,

        grad u = (d1 (e2 x n) + d2 (n x e1)) / |n|^2

    Triangles without an area have neither gradients nor a normal: zeros.
    """
    rows = np.zeros((len(triangles), 3, 4), np.float32)
    vertices, uv = vertices.astype(np.float64), uv.astype(np.float64)
    for start in range(0, len(triangles), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        rows[chunk, :, :3] = _gradients_and_normals(vertices, uv, triangles[chunk])
    rows[:, 0, 3] = materials
    return rows


def _gradients_and_normals(
    vertices: Float[np.ndarray, "v 3"], uv: Float[np.ndarray, "v 2"], triangles: Int[np.ndarray, "t 3"]
) -> Float[np.ndarray, "t 3 3"]:
    first, second, third = (triangles[:, corner] for corner in range(3))
    edges = vertices[second] - vertices[first], vertices[third] - vertices[first]
    growths = uv[second] - uv[first], uv[third] - uv[first]
    normal = np.cross(*edges)
    squared = np.einsum("tk,tk->t", normal, normal)
    lengths = [np.einsum("tk,tk->t", edge, edge) for edge in edges]
    flat = squared <= 1e-20 * lengths[0] * lengths[1]
    divisor = np.where(flat, np.inf, squared)[:, None]
    across = np.cross(edges[1], normal) / divisor, np.cross(normal, edges[0]) / divisor
    rows = [growths[0][:, axis, None] * across[0] + growths[1][:, axis, None] * across[1] for axis in (0, 1)]
    gradients = np.stack(rows, 1)
    steepness = np.linalg.norm(gradients, axis=2, keepdims=True)
    gradients *= _MOST_GRADIENT / np.maximum(steepness, _MOST_GRADIENT)
    return np.concatenate([gradients, (normal / np.sqrt(divisor))[:, None]], 1)
