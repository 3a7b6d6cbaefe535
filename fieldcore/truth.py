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

from .filters import Filter
from .grid import Grid
from .sampling import sobol
from .signals.signal import Signal

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
        self, filter: Filter, grid: Grid, samples: int | None = None
    ) -> tuple[Float[np.ndarray, "*shape c"], float]:
        """Float32 values at the cell centres and the root mean square of their standard error, 0 if not sampled.

        Args:
            filter: shared by all cells, or one a cell, of the axes that the signal is smoothed along.
            grid: where.
            samples: evaluations a cell; by default about four million for the grid, but at least 64 a cell.

        Returns:
            values (height, width, c), (depth, height, width, c) or as many axes as there are, and the error.
        """
        samples = samples or max(_LEAST_SAMPLES, _SAMPLED_VALUES // grid.count)
        found = self._sampled_at(filter, grid.points(0, grid.count, self._signal.device), samples)
        values = found.mean.float().cpu().numpy().reshape(*reversed(grid.resolution), -1)
        return values, float(found.standard_error.square().mean().sqrt())

    def values(self, filter: Filter, grid: Grid) -> Float[np.ndarray, "*shape c"]:
        """The values of ``estimate`` alone."""
        return self.estimate(filter, grid)[0]

    def at_cells(self, filter: Filter, grid: Grid, cells: Int[Tensor, "n"]) -> Float[Tensor, "n c"]:
        """Float32 values at the centres of some cells of the flattened grid, on the CPU.

        The filter is shared by all.
        """
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
    x: Float[Tensor, "n d"],
    filter: Filter,
    *,
    samples: int = 4096,
    seed: int = 0,
) -> Estimate:
    """Smoothed values at ``x`` by 16 independently scrambled Sobol sets; works for every signal and filter.

    Args:
        signal: what to smooth: a signal, a field, or any function from (n, d) points to (n, c) values.
        x: points, in domain units.
        filter: shared by all points, or one a point.
        samples: evaluations a point, rounded up to 16 powers of two.
        seed: of the scrambling.

    Returns:
        the mean over the sets, and the standard error that their spread implies.

    Example:
        >>> from fieldcore import Gaussian
        >>> wave = smooth_points(lambda x: torch.cos(x), torch.zeros(1, 1), Gaussian(0.02))
        >>> round(wave.mean.item(), 4), wave.standard_error.item() < 1e-4
        (0.99, True)
    """
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
    return total / mass
