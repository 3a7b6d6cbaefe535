"""A mesh made fit for signed distances; where it encloses nothing even so, that is said."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from .mesh_bodies import Cones
from .mesh_orientation import oriented

_PLACES = 1024
_DEPTH, _LEAST_DEPTH = 1e-3, 1e-5  # of a mesh's size
_NEXT_TO_NOTHING, _THIN = 0.2, 0.8
_SOLID = 0.5
_MOSTLY_OPEN = 0.5
"""Share of the area that must be open for a doubt."""


def made_consistent(
    vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]
) -> tuple[Int[np.ndarray, "k 3"], tuple[str, ...]]:
    """Triangles as ``oriented`` gives them, and what is to be said of it and of a mesh that has no inside."""
    found = oriented(vertices, triangles)
    if found.open_share < _MOSTLY_OPEN or encloses(vertices, found.triangles):
        return found.triangles, found.remarks
    warning = (
        "it encloses next to nothing, so that distances are positive nearly everywhere; is it a sheet, or torn? Close "
        "it, or give it a thickness"
    )
    return found.triangles, (*found.remarks, warning)


def encloses(vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> bool:
    """Whether a fifth of the surface has an inside beneath it, a thousandth of the size deep.

    What is thinner encloses something if nearly all of its surface has an inside right beneath it; where triangles face
    this way and that, or two sheets lie back to back, only some of it has.
    """
    if _inside_share(vertices, triangles, _DEPTH) >= _NEXT_TO_NOTHING:
        return True
    return _inside_share(vertices, triangles, _LEAST_DEPTH) >= _THIN


def _inside_share(vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"], depth: float) -> float:
    """The share of the surface that is inside so much beneath it, or so much above if that is more."""
    import igl

    generator = np.random.default_rng(0)
    cones = Cones.of(vertices, triangles)
    chosen = generator.choice(len(triangles), _PLACES, p=cones.areas / cones.areas.sum())
    weights = generator.dirichlet(np.ones(3), _PLACES)
    places = np.einsum("nk,nkd->nd", weights, vertices[triangles[chosen]])
    offset = depth * float(np.ptp(vertices, axis=0).max()) * cones.vectors[chosen] / cones.areas[chosen, None]
    winding = igl.FastWindingNumberBVH()
    winding.init(np.ascontiguousarray(vertices), np.ascontiguousarray(triangles))
    inside = np.abs(winding.winding_number(np.concatenate([places + offset, places - offset]))) > _SOLID
    return float(inside.reshape(2, -1).mean(1).max())
