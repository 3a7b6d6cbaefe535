"""Truths that are computed once for a signal and a filter, and kept for all fields that are held against them."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..files import written_whole
from ..filters import Filter, Gaussian
from ..filters.filter import Numbers
from ..grid import Grid
from ..signals.signal import Signal
from ..truth import Truth
from .resolved import digest_of


class KeptTruth(Truth):
    """The truth of a signal, which writes what it computes into a folder and reads what is there.

    Args:
        signal: see ``Signal.truth``.
        folder: of the files, one a filter and grid. Where it cannot be written, as on a full disk, nothing is kept.
    """

    def __init__(self, signal: Signal, folder: Path) -> None:
        super().__init__(signal)
        self._truth, self._folder = signal.truth(), folder

    def estimate(
        self, filter: Filter | Numbers, grid: Grid, samples: int | None = None
    ) -> tuple[Float[np.ndarray, "*shape c"], float]:
        """As ``Truth.estimate``."""
        if not isinstance(filter, Gaussian) or filter.per_point is not None:
            return self._truth.estimate(filter, grid, samples)
        path = self._folder / f"{self._name(filter, grid, samples)}.npz"
        kept = _read(path)
        if kept is not None:
            return kept
        values, standard_error = self._truth.estimate(filter, grid, samples)
        with suppress(InputError), written_whole(path) as temporary, temporary.open("wb") as file:
            np.savez(file, values=values, standard_error=np.float64(standard_error))
        return values, standard_error

    def _name(self, filter: Gaussian, grid: Grid, samples: int | None) -> str:
        facts = self._signal.facts
        matrix = filter.covariance(len(facts.smoothed_axes)).double().cpu().tolist()
        where = [grid.resolution, grid.lower, grid.upper]
        return digest_of([facts.type, facts.digest, facts.half_extent, matrix, where, samples])[:32]


def _read(path: Path) -> tuple[np.ndarray, float] | None:
    """What was kept; None where nothing was, or what is there is damaged."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            return file["values"], float(file["standard_error"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
