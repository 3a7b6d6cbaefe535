"""How well a field is its shape, smoothed: error of the distance, overlap of the insides, nearness of the surfaces."""

from __future__ import annotations

from collections.abc import Callable, Collection

import igl
import numpy as np
from jaxtyping import Bool, Float

from .filters import Filter, Gaussian
from .grid import Grid
from .measures import Column, Measures
from .meshing import surface_of_volume
from .signals.mesh_file import Mesh
from .signals.sample_pool import SurfaceSampler
from .signals.signal import SignalFacts

RESOLUTION = 128
"""Cells an axis under filters that are equal along all axes; half as many under others, whose truth takes longer."""

_SURFACE_POINTS = 20_000


class ShapeMeasures(Measures):
    """What shapes are compared by.

    * ``iou``: cells inside both over cells inside either; None where nothing is inside either.
    * ``mse``: mean squared error of the signed distance, in squared domain units.
    * ``chamfer``: distance in domain units from a point on one surface to the other surface, on average over either
      surface; None where one of them is empty.
    """

    columns = {  # noqa: RUF012 (nothing changes it)
        "iou": Column("IoU", "8.4f"),
        "mse": Column("MSE", "8.1e", lower_is_better=True),
        "chamfer": Column("Chamfer", "8.5f", lower_is_better=True),
    }

    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """128 cells along the longest side, 64 under anything but an isotropic Gaussian."""
        isotropic = isinstance(filter, Gaussian) and filter.isotropic
        return Grid.covering(facts.half_extent, RESOLUTION if isotropic else RESOLUTION // 2)

    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
        names: Collection[str] = (),
    ) -> dict[str, float | None]:
        """See the class."""
        values, truth = values[..., 0], truth[..., 0]
        measures: dict[str, Callable[[], float | None]] = {
            "iou": lambda: overlap(values < 0, truth < 0),
            "mse": lambda: float(np.mean((values.astype(np.float64) - truth) ** 2)),
            "chamfer": lambda: chamfer_distance(surface_of_volume(values, grid), surface_of_volume(truth, grid)),
        }
        return {name: measures[name]() for name in names or self.columns}


SHAPES = ShapeMeasures()


def overlap(one: Bool[np.ndarray, "*shape"], other: Bool[np.ndarray, "*shape"]) -> float | None:
    """Intersection over union of two insides; None where both are empty."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else None


def chamfer_distance(
    one: Mesh | None, other: Mesh | None, points: int = _SURFACE_POINTS, seed: int = 0
) -> float | None:
    """Mean distance from points spread over one surface to the other surface, averaged over both ways."""
    if one is None or other is None:
        return None
    generator = np.random.default_rng(seed)
    return (_mean_distance(one, other, points, generator) + _mean_distance(other, one, points, generator)) / 2


def _mean_distance(start: Mesh, target: Mesh, count: int, generator: np.random.Generator) -> float:
    points: Float[np.ndarray, "n 3"] = SurfaceSampler(start.vertices, start.triangles)(count, generator)
    squared = igl.point_mesh_squared_distance(np.ascontiguousarray(points), target.vertices, target.triangles)[0]
    return float(np.sqrt(np.maximum(squared, 0)).mean())
