"""How a field's values are compared with the truth: named measures, one family for each way of looking at a signal."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

import flip_evaluator
import numpy as np
from jaxtyping import Float
from skimage.metrics import structural_similarity

from .errors import InputError
from .filters import Filter
from .filters.filter import Numbers
from .grid import Grid
from .images import display_from_linear
from .perceptual import lpips_distance
from .signals.signal import SignalFacts

_FORMULA_CELLS = 1 << 14  # of a grid over a signal without pixels
_MOST_CELLS_AN_AXIS = 1024
_CLOSING_CELLS = 1024  # along the longest side of a formula's box
_SSIM_WINDOW = 7  # pixels a side


@dataclass(frozen=True)
class Column:
    """How a measure is printed.

    Attributes:
        title: with its unit.
        layout: a format, such as ``8.2f``.
        lower_is_better: whether it is an error, and not an agreement.
    """

    title: str
    layout: str
    lower_is_better: bool = False


class Measures(ABC):
    """A family of measures.

    Class attributes:
        columns: each measure's name and how it is printed; the first one is what means are taken of.
    """

    columns: ClassVar[Mapping[str, Column]]

    @property
    def headline(self) -> str:
        """The measure that means are taken of."""
        return next(iter(self.columns))

    @abstractmethod
    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """The cells that a signal is compared on under a filter, its whole box."""

    def closing_grid(self, facts: SignalFacts) -> Grid:
        """The cells among which the points are drawn that close every training: the signal's own samples."""
        return sample_grid(facts, _CLOSING_CELLS ** len(facts.half_extent))

    @abstractmethod
    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
        names: Collection[str] = (),
    ) -> dict[str, float | None]:
        """Measures of ``values`` against the ``truth`` on a grid; None where one is undefined.

        Args:
            values: of the field.
            truth: likewise.
            facts: of the signal.
            grid: the cells of both.
            names: of the measures, in place of all; families whose measures take long compute no others.
        """


class ValueMeasures(Measures):
    """PSNR of any values, and of what is 2-D also what pictures are compared by.

    * ``psnr``: dB, relative to the signal's value range.
    * ``ssim``: mean structural similarity (Wang et al. 2004, 7 x 7 window), 1 is equal; None below 7 x 7 pixels.
    * ``flip``: mean FLIP error (Andersson et al. 2020) of the display-encoded pictures, 0 is equal.
    * ``lpips``: LPIPS distance (Zhang et al. 2018), None where its weights are not at hand.
    """

    columns = {  # noqa: RUF012 (nothing changes it)
        "psnr": Column("PSNR dB", "8.2f"),
        "ssim": Column("SSIM", "7.4f"),
        "flip": Column("FLIP", "7.4f", lower_is_better=True),
        "lpips": Column("LPIPS", "7.4f", lower_is_better=True),
    }

    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """The signal's own samples; of a formula about 16 thousand cells, whatever its number of coordinates."""
        return sample_grid(facts, _FORMULA_CELLS)

    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
        names: Collection[str] = (),
    ) -> dict[str, float | None]:
        """See the class; all but the PSNR are None where the values are no picture."""
        found: dict[str, float | None] = dict.fromkeys(names or self.columns)
        if "psnr" in found:
            found["psnr"] = psnr(values, truth, facts.value_range)
        if values.ndim == 3:
            shown, true = shown_values(values, facts), shown_values(truth, facts)
            found |= {name: _OF_PICTURES[name](shown, true) for name in found if name in _OF_PICTURES}
        return found


VALUES = ValueMeasures()


def sample_grid(facts: SignalFacts, cells: int) -> Grid:
    """The grid of a signal's samples, or, over a formula's box, one of about so many cells (1024 an axis at most)."""
    resolution = facts.resolution
    if not resolution:
        dim = len(facts.half_extent)
        side = (cells / math.prod(half / max(facts.half_extent) for half in facts.half_extent)) ** (1 / dim)
        resolution = Grid.covering(facts.half_extent, max(2, min(round(side), _MOST_CELLS_AN_AXIS))).resolution
    return Grid(resolution, tuple(-half for half in facts.half_extent), facts.half_extent)


def psnr(values: Numbers, truth: Numbers, value_range: tuple[float, float]) -> float:
    """Peak signal-to-noise ratio in dB, at most 200.

    Args:
        values: what is judged, an array of any shape.
        truth: what it should be, of the same shape.
        value_range: black and white; the ratio is relative to their difference.

    Raises:
        InputError: the shapes differ, or the range is empty.

    Example:
        >>> psnr(np.full((4, 4), 0.1), np.zeros((4, 4)), (0.0, 1.0))
        20.0
    """
    values, truth = np.asarray(values), np.asarray(truth)
    if values.shape != truth.shape:
        raise InputError(f"psnr: expected values of shape {truth.shape}, that of the truth, got {values.shape}")
    if not value_range[0] < value_range[1]:
        raise InputError(f"psnr: expected a range from black to white, got {tuple(value_range)}")
    error = float(np.mean((values.astype(np.float64) - truth) ** 2))
    return -10 * math.log10(max(error / (value_range[1] - value_range[0]) ** 2, 1e-20))


def similarity(shown: Float[np.ndarray, "h w 3"], truth: Float[np.ndarray, "h w 3"]) -> float | None:
    """Mean SSIM of two display-encoded pictures in [0, 1]; None below 7 x 7 pixels."""
    if min(shown.shape[:2]) < _SSIM_WINDOW:
        return None
    return float(structural_similarity(truth, shown, channel_axis=2, data_range=1.0, win_size=_SSIM_WINDOW))


def shown_values(values: Float[np.ndarray, "h w c"], facts: SignalFacts) -> Float[np.ndarray, "h w 3"]:
    """What a screen would show: value range to [0, 1], display-encoded, three channels, float32.

    Of two channels the first is shown, of more than three the first three.
    """
    low, high = facts.value_range
    shown = (values - low) / (high - low)
    if facts.encoding == "linear":
        shown = display_from_linear(shown)
    shown = shown.clip(0, 1).astype(np.float32)
    return np.ascontiguousarray(shown[..., :3] if shown.shape[2] >= 3 else shown[..., [0, 0, 0]])


def _flip(shown: Float[np.ndarray, "h w 3"], true: Float[np.ndarray, "h w 3"]) -> float:
    return float(flip_evaluator.evaluate(true, shown, "LDR")[1])


_OF_PICTURES: Mapping[str, Callable[[np.ndarray, np.ndarray], float | None]] = {
    "ssim": similarity,
    "flip": _flip,
    "lpips": lambda shown, true: lpips_distance(true, shown),
}
"""Measures of two display-encoded pictures, the judged one and the true one."""
