"""How well a field is its video, smoothed: PSNR and SSIM over moments spread evenly over time."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
from jaxtyping import Float

from .filters import Filter
from .grid import Grid
from .measures import Column, Measures, psnr, shown_values, similarity
from .signals.signal import SignalFacts
from .video_truth import products_of

_MOMENTS, _CLOSING_MOMENTS, _SAMPLED_MOMENTS = 32, 8, 4
_MOST_CELLS = 1 << 23
_SAMPLED_CELLS = 1 << 12  # where the truth is sampled


class VideoMeasures(Measures):
    """What videos are compared by.

    * ``psnr``: dB, over all moments together.
    * ``ssim``: mean structural similarity of the moments as pictures; None below 7 x 7 pixels.
    """

    columns = {  # noqa: RUF012 (nothing changes it)
        "psnr": Column("PSNR dB", "8.2f"),
        "ssim": Column("SSIM", "7.4f"),
    }

    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """The video's own pixels at 32 moments, fewer pixels of large ones; where the truth is sampled, few of all."""
        if products_of(filter, facts) is None:
            return _of_most(facts, _SAMPLED_MOMENTS, _SAMPLED_CELLS)
        return _of_most(facts, _MOMENTS, _MOST_CELLS)

    def closing_grid(self, facts: SignalFacts) -> Grid:
        """The video's own pixels at a few moments, each of which is smoothed as a whole."""
        return _of_most(facts, _CLOSING_MOMENTS, _MOST_CELLS)

    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
        names: Collection[str] = (),
    ) -> dict[str, float | None]:
        """See the class."""
        pairs = zip(values, truth, strict=True)
        found = [similarity(shown_values(one, facts), shown_values(true, facts)) for one, true in pairs]
        known = [value for value in found if value is not None]
        psnr_db, ssim = psnr(values, truth, facts.value_range), sum(known) / len(known) if known else None
        return {name: {"psnr": psnr_db, "ssim": ssim}[name] for name in names or self.columns}


VIDEOS = VideoMeasures()


def _of_most(facts: SignalFacts, moments: int, cells: int) -> Grid:
    """A grid over the whole video: so many moments at most, of as many of its pixels as make so many cells."""
    width, height, frames = facts.resolution
    moments = min(frames, moments)
    scale = min(math.sqrt(cells / (width * height * moments)), 1.0)
    resolution = (max(round(width * scale), 2), max(round(height * scale), 2), moments)
    return Grid(resolution, tuple(-half for half in facts.half_extent), facts.half_extent)
