"""What passes of a shape write as meshes: the surface of the field or of its truth, and the filter as an ellipsoid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.meshing import in_source_units, surface_of_volume
from fieldcore.signals import SignalFacts
from fieldcore.signals.mesh_file import Mesh

from ...covariance import covariance_matrix
from .bake import Bake
from .baking import bake_grid
from .controls import ShapeControls

_ROUND, _ACROSS = 96, 48
_THINNEST = 1e-4
"""Of the longest semi-axis: a filter that is flat is written nearly so, as a closed surface."""


def surface_mesh(bake: Bake, controls: ShapeControls, facts: SignalFacts) -> tuple[Mesh | None, dict[str, Any]]:
    """The surface of a bake in the units of the field's source, and what is said of it; without one why."""
    mesh = surface_of_volume(bake.values, bake_grid(controls.cells), controls.level)
    if mesh is None:
        found = f"{bake.values.min():.3g} to {bake.values.max():.3g}"
        what = "the truth" if controls.left == "truth" else "the field"
        return None, {
            "reason": f"there is no surface at level {controls.level:g}: under this filter {what} is from {found} "
            "domain units"
        }
    return _of_source(mesh, facts)


def filter_mesh(controls: ShapeControls, facts: SignalFacts) -> tuple[Mesh | None, dict[str, Any]]:
    """One standard deviation of the filter about the middle of the domain, likewise; of a kernel as wide a Gaussian."""
    covariance = covariance_matrix(controls.equivalent_covariance)
    if not covariance.any():
        return None, {"reason": "nothing is filtered: the ellipsoid is a point"}
    return _of_source(ellipsoid_mesh(covariance), facts)


def ellipsoid_mesh(covariance: Float[np.ndarray, "3 3"]) -> Mesh:
    """The ellipsoid ``x^T covariance^-1 x = 1``, closed, its triangles counter-clockwise seen from outside.

    Args:
        covariance: positive semi-definite, not 0.
    """
    variances, axes = np.linalg.eigh(covariance)
    semi_axes = np.maximum(np.sqrt(variances.clip(0)), _THINNEST * np.sqrt(variances[-1]))
    sphere, triangles = _sphere()
    axes = axes * np.sign(np.linalg.det(axes))  # a turn, not a mirror image
    return Mesh(sphere * semi_axes @ axes.T, triangles)


def _sphere() -> tuple[np.ndarray, np.ndarray]:
    """The unit sphere: rings between two poles."""
    down = np.pi * np.arange(1, _ACROSS) / _ACROSS
    turn = 2 * np.pi * np.arange(_ROUND) / _ROUND
    rings = np.stack(
        [
            np.outer(np.sin(down), np.cos(turn)),
            np.outer(np.sin(down), np.sin(turn)),
            np.broadcast_to(np.cos(down)[:, None], (len(down), _ROUND)),
        ],
        -1,
    ).reshape(-1, 3)
    points = np.concatenate([[[0.0, 0.0, 1.0]], rings, [[0.0, 0.0, -1.0]]])
    index = 1 + np.arange(len(rings)).reshape(len(down), _ROUND)
    onward = np.roll(index, -1, 1)
    above, below = index[:-1].ravel(), index[1:].ravel()
    above_on, below_on = onward[:-1].ravel(), onward[1:].ravel()
    last = len(points) - 1
    parts = (
        (np.zeros(_ROUND, int), index[0], onward[0]),
        (above, below, below_on),
        (above, below_on, above_on),
        (index[-1], np.full(_ROUND, last), onward[-1]),
    )
    return points, np.concatenate([np.stack(corners, 1) for corners in parts])


def _of_source(mesh: Mesh, facts: SignalFacts) -> tuple[Mesh, dict[str, Any]]:
    mesh = in_source_units(replace(mesh, name=Path(facts.name).stem), facts)
    counts = {"vertices": len(mesh.vertices), "triangles": len(mesh.triangles), "watertight": mesh.watertight}
    return mesh, {"surface": counts}
