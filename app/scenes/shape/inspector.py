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
    here = float(values_at(field, point[None])[0])
    rows.append(("field", signed_number(here)))
    if truth is not None:
        true = float(values_at(truth, point[None])[0])
        rows += [("truth", signed_number(true)), ("error", signed_number(here - true))]
    rows.append(("pixel there", f"{pixel:.2g} = {pixel / field.cell:.2g} cells"))
    return (*rows, ("filter, σ" if controls.is_gaussian else "filter, half size", _filter(controls, pixel)))  # noqa: RUF001


def values_at(bake: Bake, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    """The bake between the centres of its cells, linear along each axis; beyond the outermost ones as there."""
    at = ((points + bake.half_extent) / bake.cell - 0.5).clip(0, bake.cells - 1)
    low = np.minimum(at.astype(int), bake.cells - 2)
    share = at - low
    total: Float[np.ndarray, "n"] = np.zeros(len(points))
    for corner in product((0, 1), repeat=3):
        x, y, z = (low + np.array(corner)).T
        total += bake.values[z, y, x] * np.where(corner, share, 1 - share).prod(1)
    return total


def _filter(controls: ShapeControls, pixel: float) -> str:
    """Its sizes, in domain units and in pixels of the view there."""
    if controls.is_off:
        return "none"
    sizes = np.sqrt(distinct_variances(controls.covariance)) if controls.is_gaussian else np.array(controls.half_size)
    words, pixels = (" by ".join(dict.fromkeys(f"{size:.2g}" for size in each)) for each in (sizes, sizes / pixel))
    return f"{words} = {pixels} px"
