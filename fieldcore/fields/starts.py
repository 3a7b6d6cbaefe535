"""What is done to the first weights of a coordinate network before it is trained, by name in ``networks.STARTS``.

A network is built with the weights that its activation's publication says. A start changes them once the signal is
known, before the first step.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..signals import Signal, SignalFacts
from .training_cells import cell_grid

if TYPE_CHECKING:
    from .coordinate_recipe import CoordinateRecipe
    from .dense_network import DenseNetwork
else:
    CoordinateRecipe = DenseNetwork = Any  # which know the starts' names


class Start(ABC):
    """One way to begin.

    Class attributes:
        needs_sines: whether it is for layers of sines whose first one sees the coordinates themselves.
        needs_samples: whether it is for signals that have samples.
    """

    needs_sines = True
    needs_samples = False

    @abstractmethod
    def change(self, network: DenseNetwork, recipe: CoordinateRecipe, signal: Signal) -> None:
        """Change the network's weights; every random number is of the recipe's seed."""


class Published(Start):
    """The weights are left as they are."""

    needs_sines = False

    def change(self, network: DenseNetwork, recipe: CoordinateRecipe, signal: Signal) -> None:
        """See ``Start``."""


class FrequencyGrid(Start):
    """The first layer's frequencies are whole numbers of periods over the domain: those along the axes, a square of low
    ones, and a coarse lattice of others up to a quarter of what samples can hold.

    All that deeper layers make are sums of these: the network has the domain's period, and reaches higher frequencies
    than its first layer. Phases are uniform
    within a quarter of a turn. The publication keeps these frequencies while it trains; here they are a beginning.

    Source: T. Novello et al., Tuning the Frequencies: Robust Training for Sinusoidal Neural Networks, CVPR 2025,
    arXiv 2407.21121 (TUNER).
    """

    def change(self, network: DenseNetwork, recipe: CoordinateRecipe, signal: Signal) -> None:
        """See ``Start``."""
        generator = torch.Generator().manual_seed(recipe.seed)
        weight, bias = network.weights[0], network.biases[0]
        count, dim = weight.shape
        most = most_periods(recipe, signal.facts, count, dim)
        periods = chosen_periods(count, dim, most, generator).to(weight)
        quarter = (2 * torch.rand(len(bias), generator=generator) - 1) * math.pi / 2
        weight.copy_(periods * math.pi / recipe.omega_first)  # the domain's longer side is 2
        bias.copy_(quarter.to(bias) / recipe.omega_first)


class CentroidNoise(Start):
    """Normal noise on the weights of the first two layers, the more the higher the signal's spectral centroid lies.

    With the centroid ``c`` in shares of the highest frequency, and ``n`` channels, their deviations are
    ``S (1 - exp(-5 c/n))`` over the first omega, with S = 50, and ``0.4 c/n`` over the second. The form is the
    publication's. The numbers are not known to be: what could be read of it has none for pictures, and code that
    follows it has 3500, 7 and 3 in place of 50, 5 and 0.4 for sounds.

    Source: H. Chandravamsi et al., Spectral Bottleneck in Sinusoidal Representation Networks: Noise is All You Need,
    arXiv 2509.09719 (WINNER).
    """

    needs_samples = True

    def change(self, network: DenseNetwork, recipe: CoordinateRecipe, signal: Signal) -> None:
        """See ``Start``."""
        generator = torch.Generator().manual_seed(recipe.seed)
        share = spectral_centroid(signal) / signal.facts.channels
        deviations = _MOST_NOISE * (1 - math.exp(-_RISE * share)), _SECOND_NOISE * share
        omegas = recipe.omega_first, recipe.omega_hidden
        for weight, deviation, omega in zip(network.weights, deviations, omegas, strict=False):
            weight.add_(torch.randn(weight.shape, generator=generator).to(weight) * deviation / omega)


_SHARE_OF_HELD = 4
"""Measured on a photograph of 128 pixels: up to all that they hold 37.7 dB and 21.2 between them, up to a half 38.8 and
26.8, up to a quarter 39.5 and 29.3."""

_MOST_NOISE, _RISE, _SECOND_NOISE = 50.0, 5.0, 0.4
_CENTROID_CELLS = 1 << 20
"""Of larger signals the centroid is found on fewer of their samples."""


def most_periods(recipe: CoordinateRecipe, facts: SignalFacts, count: int, dim: int) -> int:
    """Periods over the domain's longer side: a quarter of what samples can hold, without samples what omega comes to.

    Of few samples more, until so many frequencies differ.
    """
    if not facts.has_samples:
        return max(1, round(recipe.omega_first / math.pi))
    held = max(1, max(facts.resolution) // 2)
    return min(held, max(held // _SHARE_OF_HELD, _side_of(count, dim)))


def chosen_periods(count: int, dim: int, most: int, generator: torch.Generator) -> Int[Tensor, "count dim"]:
    """So many different whole frequencies, of which none is the opposite of another, while there are as many.

    Those along the axes come first, then half of the rest from the smallest cube of low frequencies that has as many,
    and the others from a lattice, as coarse as it may be, up to ``most``.
    """
    axes = [tuple(int(axis == one) for axis in range(dim)) for one in range(dim)]
    low = _half_lattice(min(most, _side_of((count - dim + 1) // 2, dim)), dim, 1)
    side = min(most, _side_of(2 * count, dim))
    high = _half_lattice(side, dim, max(1, most // side))
    taken = dict.fromkeys(axes)
    for pool, wanted in ((low, dim + (count - dim + 1) // 2), (high, count)):
        order = torch.randperm(len(pool), generator=generator).tolist()
        fresh = [pool[index] for index in order if pool[index] not in taken]
        taken |= dict.fromkeys(fresh[: max(0, wanted - len(taken))])
    repeated = list(itertools.islice(itertools.cycle(taken), count))
    return torch.tensor(repeated, dtype=torch.long)


def _side_of(count: int, dim: int) -> int:
    """The least side of a cube around 0 of which a half has so many frequencies."""
    side = 1
    while ((2 * side + 1) ** dim - 1) // 2 < count:
        side += 1
    return side


def _half_lattice(side: int, dim: int, step: int) -> list[tuple[int, ...]]:
    """Of every pair of opposite frequencies within a cube, the one whose first entry that is not 0 is above it."""
    entries = [step * entry for entry in range(-side, side + 1)]
    return [each for each in itertools.product(entries, repeat=dim) if each > (0,) * dim]


def spectral_centroid(signal: Signal) -> float:
    """The mean frequency of a sampled signal without its mean, by amplitudes: 1 is the highest of an axis."""
    values = _lattice(signal)
    axes = tuple(range(values.ndim - 1))
    amplitudes = np.abs(np.fft.fftn(values - values.mean(axes), axes=axes)).sum(-1)
    grids = np.meshgrid(*(2 * np.fft.fftfreq(values.shape[axis]) for axis in axes), indexing="ij")
    frequencies = np.sqrt(sum(grid**2 for grid in grids))
    total = float(amplitudes.sum())
    return float((amplitudes * frequencies).sum()) / total if total > 0 else 0.0


def _lattice(signal: Signal) -> Float[np.ndarray, "*lattice c"]:
    """Its samples, or fewer of a large one; those that may not be trained on are their mean."""
    grid = cell_grid(signal.facts)
    while grid.count > _CENTROID_CELLS:
        grid = grid.coarsened(2)
    values = signal(grid.points(0, grid.count, device=signal.device)).double().cpu().numpy()
    if signal.training_cells is not None and grid.count == cell_grid(signal.facts).count:
        seen = signal.training_cells.cpu().numpy()
        values[np.setdiff1d(np.arange(len(values)), seen)] = values[seen].mean(0)
    return values.reshape(*grid.shape, -1)
