"""How far a bake of a field is from the truth's: the figures beside the view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldcore.filters import Gaussian
from fieldcore.scoring import border_px
from fieldcore.shape_scoring import overlap

from ...filter.controls import Smoothing
from .bake import Bake
from .baking import bake_grid, filter_of

_BOX_HALF = 1.0


@dataclass(frozen=True)
class ShapeAgreement:
    """Of a field with the truth under one filter, inside the shape's own box, three standard deviations from its sides.

    Attributes:
        mse: mean squared error of the signed distance, in squared domain units.
        iou: cells inside both over cells inside either; None where nothing is inside either.
    """

    mse: float
    iou: float | None


def agreement_of(field: Bake, truth: Bake, smoothing: Smoothing, level: float = 0.0) -> ShapeAgreement:
    """Compare two bakes of as many cells.

    Args:
        field, truth: what is compared.
        smoothing: the filter of both.
        level: the signed distance below which a cell counts as inside.
    """
    padding = int(np.ceil((field.half_extent - _BOX_HALF) / field.cell))
    box = bake_grid(field.cells).cropped((padding,) * 3)
    border = border_px(filter_of(smoothing) or Gaussian(0.0), box)
    x, y, z = (slice(padding + cut, field.cells - padding - cut) for cut in border)
    ours, true = field.values[z, y, x], truth.values[z, y, x]
    error = ours.astype(np.float64) - true
    return ShapeAgreement(float(np.mean(error**2)), overlap(ours < level, true < level))
