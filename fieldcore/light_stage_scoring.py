"""How well a field is its light stage: measures of what is shown, inside the mask, at lights within the hull."""

from __future__ import annotations

import math

import flip_evaluator
import numpy as np
from jaxtyping import Bool, Float
from skimage.metrics import structural_similarity

from .filters import Filter
from .grid import Grid
from .lights.stage_facts import stage_lights
from .measures import Column, Measures, shown_values
from .signals.signal import SignalFacts

_LIGHTS, _CLOSING_LIGHTS = 4, 2
"""Along each axis of the chart."""

_WITHIN = 0.6
"""Share of the lights' spread that scores are taken over: most of a hull, and nothing beyond it."""

_SSIM_WINDOW = 7
_MOST_CELLS = 1 << 23


class LightStageMeasures(Measures):
    """What lit pictures are compared by: as they are shown, exposure included, and inside the mask.

    * ``psnr``: dB, of display-encoded values, mean over the lights.
    * ``ssim``: mean structural similarity over the mask; None below 7 x 7 pixels.
    * ``flip``: mean FLIP error over the mask; pictures are compared whole, with what is outside of it black.

    Args:
        mask: where the subject is; None is everywhere.
    """

    columns = {  # noqa: RUF012 (nothing changes it)
        "psnr": Column("PSNR dB", "8.2f"),
        "ssim": Column("SSIM", "7.4f"),
        "flip": Column("FLIP", "7.4f"),
    }

    def __init__(self, mask: Bool[np.ndarray, "h w"] | None = None) -> None:
        self._mask = mask

    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """The photos' pixels at 16 lights within the hull."""
        return _grid(facts, _LIGHTS)

    def closing_grid(self, facts: SignalFacts) -> Grid:
        """The same at four lights."""
        return _grid(facts, _CLOSING_LIGHTS)

    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
    ) -> dict[str, float | None]:
        """Means over the lights of the grid."""
        plane = (-1, *values.shape[-3:])
        pairs = zip(values.reshape(plane), truth.reshape(plane), strict=True)
        found = [self.compare_pictures(one, true, facts) for one, true in pairs]
        return {name: _mean([one[name] for one in found]) for name in self.columns}

    def compare_pictures(
        self, values: Float[np.ndarray, "h w c"], truth: Float[np.ndarray, "h w c"], facts: SignalFacts
    ) -> dict[str, float | None]:
        """The measures of one picture."""
        mask = np.ones(values.shape[:2], bool) if self._mask is None else self._mask
        mask = mask if mask.shape == values.shape[:2] else np.ones(values.shape[:2], bool)
        shown, true = (shown_values(one, facts) * mask[..., None] for one in (values, truth))
        error = float(np.square((shown - true)[mask].astype(np.float64)).mean())
        error_map = flip_evaluator.evaluate(true, shown, "LDR", applyMagma=False)[0]
        return {
            "psnr": -10 * math.log10(max(error, 1e-20)),
            "ssim": _similarity(shown, true, mask),
            "flip": float(np.asarray(error_map).reshape(*mask.shape, -1)[mask].mean()),
        }


def _similarity(
    shown: Float[np.ndarray, "h w 3"], truth: Float[np.ndarray, "h w 3"], mask: Bool[np.ndarray, "h w"]
) -> float | None:
    if min(mask.shape) < _SSIM_WINDOW:
        return None
    whole = structural_similarity(truth, shown, channel_axis=2, data_range=1.0, win_size=_SSIM_WINDOW, full=True)[1]
    return float(whole[mask].mean())


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _grid(facts: SignalFacts, lights: int) -> Grid:
    """The photos' pixels, fewer of large ones, at so many lights along each axis of the chart."""
    places = stage_lights(facts)
    middle = places.mean(0)
    half = np.maximum(_WITHIN * np.minimum(places.max(0) - middle, middle - places.min(0)), 1e-3)
    width, height = facts.resolution
    share = min(1.0, math.sqrt(_MOST_CELLS / (width * height * lights**2)))
    resolution = (max(2, round(width * share)), max(2, round(height * share)), lights, lights)
    lower = (*(-side for side in facts.half_extent[:2]), *(middle - half).tolist())
    upper = (*facts.half_extent[:2], *(middle + half).tolist())
    return Grid(resolution, lower, upper)
