"""How well a field is its shape, smoothed: error of the distance, overlap of the insides, nearness of the surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import igl
import numpy as np
from jaxtyping import Bool, Float

from .evaluation import Grid, evaluate
from .fields.field import Field
from .filters import Gaussian
from .meshing import surface_of_volume
from .scoring import border_px, check_same_shape
from .shape_truth import ShapeTruth
from .signals.mesh_file import Mesh
from .signals.sample_pool import SurfaceSampler
from .signals.shape import Shape

RESOLUTION = 128  # cells an axis
_SURFACE_POINTS = 20_000


@dataclass(frozen=True)
class ShapeScore:
    """Agreement of a field with a shape's truth under one filter, away from the border.

    Attributes:
        gaussian: the filter.
        mse: mean squared error of the signed distance, in squared domain units.
        iou: cells inside both over cells inside either; None where nothing is inside either.
        chamfer: distance in domain units from a point on one surface to the other surface, on average over either
            surface; None where one of them is empty.
        standard_error: of the truth, which is not sampled: 0.
        border_px: cells cropped at both ends of each axis.
    """

    gaussian: Gaussian
    mse: float
    iou: float | None
    chamfer: float | None
    standard_error: float
    border_px: tuple[int, ...]


def score_shape(field: Field, shape: Shape, filters: list[Gaussian]) -> Iterator[ShapeScore]:
    """Score ``field`` against ``shape`` under each filter, at 128 cells an axis (for anisotropic ones 64).

    Three standard deviations of the filter are cropped at every border (16 cells are always left), and not evaluated.

    Raises:
        InputError: the field was trained on a signal of another shape or number of channels.
    """
    check_same_shape(field, shape)
    truth = ShapeTruth(shape, 2 * RESOLUTION)
    for gaussian in filters:
        whole = Grid.covering(shape.facts.half_extent, RESOLUTION if gaussian.isotropic else RESOLUTION // 2)
        border = border_px(gaussian, whole)
        grid = whole.cropped(border)
        true = truth.values(gaussian, grid)[..., 0]
        values = evaluate(field, grid, gaussian)[..., 0].cpu().numpy()
        yield ShapeScore(
            gaussian=gaussian,
            mse=float(np.mean((values.astype(np.float64) - true) ** 2)),
            iou=overlap(values < 0, true < 0),
            chamfer=chamfer_distance(surface_of_volume(values, grid), surface_of_volume(true, grid)),
            standard_error=0.0,
            border_px=border,
        )


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
