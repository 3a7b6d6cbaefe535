"""The truth: what smoothing a signal really gives. The judge of every field.

Each way states its accuracy:

* ``smooth_points``: randomised quasi-Monte-Carlo for any signal, filter and point, with its standard error.
* ``Truth``: a signal's smoothed values on any grid, by the same, for every signal and filter.
* ``PictureTruth`` and ``ShapeTruth``: pictures and shapes under Gaussians, computed instead of sampled.

``signal.truth()`` is the best there is for a signal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .errors import InputError
from .filters import Filter, Gaussian, as_filter
from .filters.filter import Numbers
from .grid import Grid
from .sampling import sobol
from .signals.signal import Signal, as_points

REPLICATES = 16
"""Independently scrambled sets of samples, whose spread says how sure their mean is."""

_SAMPLED_VALUES = 1 << 22  # evaluations a grid, few enough to be watched
_LEAST_SAMPLES = 64
_POINT_SAMPLES = {1: 1024, 2: 1024}  # by the number of coordinates: samples of each of some points; else 256


class Truth:
    """A signal, smoothed, on any grid: the cells of a window at any zoom, inside and outside the signal's box.

    Sampled (``smooth_points``), which serves every signal and every filter; ``PictureTruth`` and ``ShapeTruth`` know
    better. Use ``signal.truth()``.

    Args:
        signal: what to smooth.

    Example:
        >>> from fieldcore import Ackley, Gaussian, Grid
        >>> values, standard_error = Ackley().truth().estimate(Gaussian(1e-2), Grid.covering((1.0, 1.0), 8))
        >>> values.shape, 0 < standard_error < 0.1
        ((8, 8, 1), True)
    """

    def __init__(self, signal: Signal) -> None:
        self._signal = signal

    def estimate(
        self, filter: Filter | Numbers, grid: Grid, samples: int | None = None
    ) -> tuple[Float[np.ndarray, "*shape c"], float]:
        """Float32 values at the cell centres and the root mean square of their standard error, 0 if not sampled.

        Args:
            filter: shared by all cells, or one a cell, of the axes that the signal is smoothed along; a number is a
                Gaussian's variance, a matrix its covariance.
            grid: where.
            samples: evaluations a cell; by default about four million for the grid, but at least 64 a cell.

        Returns:
            values (height, width, c), (depth, height, width, c) or as many axes as there are, and the error.

        Raises:
            InputError: the grid or the filter is for another number of axes, or the filter for another number of cells.
        """
        filter = self._fitted(filter, grid, grid.count)
        return self._estimated(filter, grid, samples or max(_LEAST_SAMPLES, _SAMPLED_VALUES // grid.count))

    def _fitted(self, filter: Filter | Numbers, grid: Grid, points: int) -> Filter:
        facts, filter = self._signal.facts, as_filter(filter)
        if filter is None:
            raise InputError("filter: expected one, got None; a variance of 0 is none")
        if grid.dim != self._signal.dim:
            raise InputError(f"grid: expected {self._signal.dim} axes for '{facts.name}', got {grid.dim}")
        if filter.per_point not in (None, points):
            raise InputError(f"filter: expected one for each of the {points} cells, got {filter.per_point}")
        filter.require_axes(len(facts.smoothed_axes))
        return filter

    def _estimated(self, filter: Filter, grid: Grid, samples: int) -> tuple[Float[np.ndarray, "*shape c"], float]:
        """``estimate`` after its checks."""
        found = self._sampled_at(filter, grid.points(0, grid.count, self._signal.device), samples)
        values = found.mean.float().cpu().numpy().reshape(*reversed(grid.resolution), -1)
        return values, float(found.standard_error.square().mean().sqrt())

    def knows_each(self, filter: Filter) -> bool:
        """Whether such filters, another one at every cell, are computed, and not sampled."""
        return False

    def values(self, filter: Filter | Numbers, grid: Grid) -> Float[np.ndarray, "*shape c"]:
        """The values of ``estimate`` alone."""
        return self.estimate(filter, grid)[0]

    def at_cells(self, filter: Filter, grid: Grid, cells: Int[Tensor, "n"]) -> Float[Tensor, "n c"]:
        """Float32 values at the centres of some cells of the flattened grid, on the CPU.

        The filter is shared by all.
        """
        filter = self._fitted(filter, grid, len(cells))
        samples = _POINT_SAMPLES.get(self._signal.dim, 256)
        return self._sampled_at(filter, grid.centres(cells).to(self._signal.device), samples).mean.float().cpu()

    def _sampled_at(self, filter: Filter, x: Float[Tensor, "n d"], samples: int) -> Estimate:
        filter = self._signal.facts.embedded(filter)
        if not bool(filter.reach(self._signal.dim).any()):
            samples = 1  # they would all be equal
        return smooth_points(self._signal.sampled, x, filter, samples=samples)


@dataclass(frozen=True)
class Estimate:
    """A sampled mean and the standard error of each of its values."""

    mean: Float[Tensor, "n c"]
    standard_error: Float[Tensor, "n c"]


def smooth_points(
    signal: Callable[[Tensor], Tensor],
    x: Numbers,
    filter: Filter | Numbers,
    *,
    samples: int = 4096,
    seed: int = 0,
) -> Estimate:
    """Smoothed values at ``x`` by 16 independently scrambled Sobol sets; works for every signal and filter.

    Args:
        signal: what to smooth: a signal, a field, or any function from (n, d) points to (n, c) values.
        x: points (n, d), in domain units: a tensor, an array or lists.
        filter: shared by all points, or one a point; a number is a Gaussian's variance, a matrix its covariance.
        samples: evaluations a point, rounded up to 16 powers of two.
        seed: of the scrambling.

    Returns:
        the mean over the sets, and the standard error that their spread implies.

    Raises:
        InputError: ``x`` is of another shape, or the filter for another number of axes or points.

    Example:
        >>> from fieldcore import Gaussian
        >>> wave = smooth_points(lambda x: torch.cos(x), torch.zeros(1, 1), Gaussian(0.02))
        >>> round(wave.mean.item(), 4), wave.standard_error.item() < 1e-4
        (0.99, True)
    """
    x = as_points(x)
    n, dim = x.shape
    filter = as_filter(filter) or Gaussian(0.0)
    if filter.per_point not in (None, n):
        raise InputError(f"filter: expected one for each of the {n} points, got {filter.per_point}")
    filter.require_axes(dim)
    count = 1 << max(0, (samples - 1) // REPLICATES).bit_length()
    means = [_sobol_mean(signal, x, filter, count, seed * REPLICATES + k) for k in range(REPLICATES)]
    stacked = torch.stack(means)
    return Estimate(stacked.mean(0), stacked.std(0) / REPLICATES**0.5)


def _sobol_mean(
    signal: Callable[[Tensor], Tensor], x: Float[Tensor, "n d"], filter: Filter, count: int, seed: int
) -> Float[Tensor, "n c"]:
    n, dim = x.shape
    noise = sobol(count, dim, seed).to(x)[:, None].expand(count, n, dim)
    total: Tensor | None = None
    mass = torch.zeros(n, 1, dtype=x.dtype, device=x.device)
    chunk = max(1, 2_000_000 // n)  # bounds memory to a few hundred MB
    for start in range(0, count, chunk):
        part = noise[start : start + chunk]
        offsets = filter.offsets(part)
        values = signal((x + offsets).reshape(-1, dim)).reshape(len(part), n, -1)
        if filter.has_weights:
            weights = filter.weights(offsets)[..., None]
            values, mass = values * weights, mass + weights.sum(0)
        else:
            mass = mass + len(part)
        subtotal = values.sum(0)
        total = subtotal if total is None else total + subtotal
    assert total is not None
    return total / mass * filter.mass(dim).to(total)[..., None]
