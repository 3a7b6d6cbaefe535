"""The largest of the parts that a mesh consists of."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .signals.mesh_file import Mesh


def largest_part(mesh: Mesh) -> Mesh:
    """The connected part with the greatest area; floaters and what lies inside are left out.

    Example:
        >>> two = Mesh([[0, 0, 0], [1, 0, 0], [0, 1, 0], [5, 0, 0], [9, 0, 0], [5, 4, 0]], [[0, 1, 2], [3, 4, 5]])
        >>> largest_part(two).vertices.max()
        9.0
    """
    triangles = mesh.triangles
    edges = np.concatenate([triangles[:, :2], triangles[:, 1:]])
    count = len(mesh.vertices)
    links = coo_array((np.ones(len(edges), bool), edges.T), shape=(count, count))
    parts = connected_components(links, directed=False)[1][triangles[:, 0]]
    corners = mesh.vertices[triangles]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    kept = triangles[parts == np.bincount(parts, areas).argmax()]
    used, renumbered = np.unique(kept, return_inverse=True)
    return Mesh(mesh.vertices[used], renumbered.reshape(-1, 3), mesh.name)
