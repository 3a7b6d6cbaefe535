"""How far the field shown is from the truth as a whole, and its spectrum: what the panel tells beside the view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fieldcore.evaluation import Grid, evaluate_progressively
from fieldcore.filters import Gaussian
from fieldcore.scoring import agreement
from fieldcore.spectrum import Spectrum, power_spectrum

from ...document import Document

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


def judged(document: Document, gaussian: Gaussian, should_stop: Callable[[], bool] = lambda: False) -> Agreement | None:
    """Compare a field with its truth, which must be known, on all of its pixels; None if told to stop meanwhile."""
    assert document.signal is not None
    grid = _whole(document)
    values = _values(document, gaussian, should_stop)
    if values is None:
        return None
    truth, standard_error = document.signal.truth().estimate(gaussian, grid)
    psnr, ssim = agreement(values, truth, document.field.facts, gaussian, grid)
    return Agreement(psnr, ssim, standard_error)


def spectrum_of(document: Document, should_stop: Callable[[], bool] = lambda: False) -> Spectrum | None:
    """The spectrum of the unfiltered field; None if told to stop meanwhile."""
    values = _values(document, None, should_stop)
    return None if values is None else power_spectrum(values, SPECTRUM_PX)


def _values(
    document: Document, gaussian: Gaussian | None, should_stop: Callable[[], bool]
) -> Float[np.ndarray, "h w c"] | None:
    stages = evaluate_progressively(document.field, _whole(document), gaussian, should_stop=should_stop, factors=(1,))
    return next((values.float().cpu().numpy() for _, values in stages), None)


def _whole(document: Document) -> Grid:
    """The picture's own pixels, or a grid of cells for a formula."""
    facts = document.field.facts
    if not facts.resolution:
        return Grid.covering(facts.half_extent, _FORMULA_CELLS)
    return Grid(facts.resolution, tuple(-half for half in facts.half_extent), facts.half_extent)
