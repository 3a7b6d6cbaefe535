"""What is told of a point of a shape that is seen: where it is, how it lies, and what field and truth are there."""

from __future__ import annotations

from itertools import product

import numpy as np
from jaxtyping import Float

from ...camera.sight import Rows, vector_words
from ...covariance import distinct_variances
from ...gl.overlays import signed_number
from .bake import Bake
from .controls import ShapeControls


def rows_at(
    point: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
    pixel: float,
    controls: ShapeControls,
    field: Bake,
    truth: Bake | None,
) -> Rows:
    """What is told of a point.

    Args:
        point: in domain units.
        normal: unit normal there.
        pixel: side of a pixel of the view there, in domain units.
        controls: what is shown.
        field, truth: their bakes; None where the truth's is not at hand.
    """
    rows = [("point", vector_words(point)), ("normal", vector_words(normal))]
    here = value_at(field, point)
    rows.append(("field", signed_number(here)))
    if truth is not None:
        true = value_at(truth, point)
        rows += [("truth", signed_number(true)), ("error", signed_number(here - true))]
    rows.append(("pixel there", f"{pixel:.2g} = {pixel / field.cell:.2g} cells"))
    return (*rows, ("filter, σ" if controls.is_gaussian else "filter, half size", _filter(controls, pixel)))  # noqa: RUF001


def value_at(bake: Bake, point: Float[np.ndarray, "3"]) -> float:
    """The bake between the centres of its cells, linear along each axis; beyond the outermost ones as there."""
    at = ((point + bake.half_extent) / bake.cell - 0.5).clip(0, bake.cells - 1)
    low = np.minimum(at.astype(int), bake.cells - 2)
    share = at - low
    total = 0.0
    for corner in product((0, 1), repeat=3):
        x, y, z = low + np.array(corner)
        total += float(bake.values[z, y, x]) * float(np.where(corner, share, 1 - share).prod())
    return total


def _filter(controls: ShapeControls, pixel: float) -> str:
    """Its sizes, in domain units and in pixels of the view there."""
    if controls.is_off:
        return "none"
    sizes = np.sqrt(distinct_variances(controls.covariance)) if controls.is_gaussian else np.array(controls.half_size)
    words, pixels = (" by ".join(dict.fromkeys(f"{size:.2g}" for size in each)) for each in (sizes, sizes / pixel))
    return f"{words} = {pixels} px"
