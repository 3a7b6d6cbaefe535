"""How far the field shown is from the truth as a whole, and its spectrum: what the panel tells beside the view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fieldcore.evaluation import Grid, evaluate_progressively
from fieldcore.filters import Filter
from fieldcore.scoring import agreement
from fieldcore.spectrum import Spectrum, power_spectrum

from ..document import Document
from .controls import PlaneControls
from .layers import known_each
from .view import sliced

SPECTRUM_PX = 256
_FORMULA_CELLS = 256


@dataclass(frozen=True)
class Agreement:
    """Of a field with the truth under one filter, three standard deviations from the border.

    Attributes:
        psnr: in dB.
        ssim: structural similarity; None where the picture is too small for it.
        standard_error: of the truth itself, 0 where it is exact.
    """

    psnr: float
    ssim: float | None
    standard_error: float


def judged(
    document: Document, controls: PlaneControls, should_stop: Callable[[], bool] = lambda: False
) -> Agreement | None:
    """Compare a field with its truth, which must be known, on all of its pixels; None if told to stop meanwhile."""
    assert document.truth is not None
    facts = document.field.facts
    plane = _whole(document)
    grid = sliced(plane, controls.further(facts))
    is_shared = not controls.varies
    filter = controls.filter_of(facts) if is_shared else controls.filters_at(facts, plane.points(0, plane.count), 0.0)
    values = _values(document, grid, filter, should_stop)
    if values is None:
        return None
    truth, standard_error = document.truth.estimate(known_each(document.truth, filter), grid)
    psnr, ssim = agreement(values, truth.reshape(values.shape), facts, filter, grid)
    return Agreement(psnr, ssim, standard_error)


def spectrum_of(document: Document, should_stop: Callable[[], bool] = lambda: False) -> Spectrum | None:
    """The spectrum of the unfiltered field; None if told to stop meanwhile."""
    values = _values(document, _whole(document), None, should_stop)
    return None if values is None else power_spectrum(values, SPECTRUM_PX)


def _values(
    document: Document, grid: Grid, filter: Filter | None, should_stop: Callable[[], bool]
) -> Float[np.ndarray, "h w c"] | None:
    width, height = grid.resolution[:2]
    stages = evaluate_progressively(document.field, grid, filter, should_stop=should_stop, factors=(1,))
    return next((values.float().cpu().numpy().reshape(height, width, -1) for _, values in stages), None)


def _whole(document: Document) -> Grid:
    """The own pixels of what is seen, or a grid of cells for a formula."""
    facts = document.field.facts
    if not facts.resolution:
        return Grid.covering(facts.half_extent[:2], _FORMULA_CELLS)
    half = facts.half_extent[:2]
    return Grid(facts.resolution[:2], (-half[0], -half[1]), half)
