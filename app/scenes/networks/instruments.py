"""What is looked at inside the network shown: kernel, spectrum, neurons, first layer; worked out between two steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.fields.coordinate import Coordinate
from fieldcore.first_layer import FirstLayer, first_layer
from fieldcore.grid import Grid
from fieldcore.neurons import Neurons, neuron_pictures
from fieldcore.tangent_kernel import DistanceBins, KernelSpectrum, kernel_spectrum, tangent_kernel

from ...work.engine import Engine, Job

KERNEL_GRID = (32, 32)
NEURON_PX, MOST_NEURONS = 20, 144
_EVERY_S, _SHARE = 0.8, 0.04
"""Time between two looks at the same network, which changes while it is trained: at least so long, and so long that the
look takes no greater share of it."""

_ASKED_FOR_S = 0.5
_PROFILED = 320


@dataclass(frozen=True)
class Kernel:
    """The tangent kernel of a grid of points, and over their distances; see ``kernel_profile``."""

    matrix: Float[np.ndarray, "n n"]
    points: Float[np.ndarray, "n 2"]
    profile: tuple[Float[np.ndarray, "k"], ...]


def _grid(field: Coordinate, resolution: tuple[int, int]) -> Grid:
    half = field.facts.half_extent
    return Grid(resolution, tuple(-side for side in half), half)


def _kernel(field: Coordinate, known: Kernel | None = None) -> Kernel:
    grid = _grid(field, KERNEL_GRID)
    x = grid.points(0, grid.count, field.device)
    matrix = tangent_kernel(field, x).cpu().numpy()
    few, distances = _profiled(field.facts.half_extent)
    return Kernel(matrix, x.cpu().numpy(), distances.profile(matrix[np.ix_(few, few)]))


@lru_cache(maxsize=4)
def _profiled(half_extent: tuple[float, ...]) -> tuple[np.ndarray, DistanceBins]:
    """Which points of the grid profiles are made of, and their distances, which are the same for every network."""
    grid = Grid(KERNEL_GRID, tuple(-side for side in half_extent), half_extent)
    few = np.random.default_rng(0).permutation(grid.count)[:_PROFILED]
    return few, DistanceBins(grid.points(0, grid.count).numpy()[few], bins=32)


def _spectrum(field: Coordinate, known: Kernel | None) -> KernelSpectrum:
    matrix = (known or _kernel(field)).matrix
    return kernel_spectrum(torch.from_numpy(matrix), vectors=False)


def _neurons(field: Coordinate, known: Kernel | None) -> Neurons:
    return neuron_pictures(field, Grid.covering(field.facts.half_extent, NEURON_PX))


def _first_layer(field: Coordinate, known: Kernel | None) -> FirstLayer:
    grid = _grid(field, KERNEL_GRID)
    return first_layer(field, grid.points(0, grid.count, field.device))


WORKS: dict[str, Callable[[Coordinate, Kernel | None], Any]] = {
    "kernel": _kernel,
    "first layer": _first_layer,
    "neurons": _neurons,
    "spectrum": _spectrum,
}
"""By name, what is found out of a network, in the order of urgency; the kernel is given where it is known of it."""


class Instruments:
    """Finds out what is asked for, one thing at a time, in the engine's thread.

    Attributes:
        found: by name, the latest result.
        reason: why something could not be found out, empty where nothing is wrong.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.found: dict[str, Any] = {}
        self.reason = ""
        self._asked: dict[str, float] = {}
        self._of: dict[str, tuple[Coordinate, float, int]] = {}  # which network, due again when, points drawn by then
        self._doing: tuple[str, Coordinate, int, Job] | None = None
        self._now = 0.0

    def ask(self, name: str) -> Any:
        """What is known of the network shown; it is kept up to date as long as it is asked for. None at first."""
        self._asked[name] = self._now
        return self.found.get(name)

    def network_of(self, name: str) -> Coordinate | None:
        """The network that the latest result is of."""
        return self._of[name][0] if name in self.found else None

    def advance(self, network: Coordinate | None, now: float) -> None:
        """Take what has been found out, and begin what is asked for and old."""
        self._now = now
        if self._doing is not None and self._doing[3].done:
            name, of, drawn, job = self._doing
            self._doing = None
            due = now + max(_EVERY_S, 1e-3 * job.milliseconds / _SHARE)
            self._of[name], self.reason = (of, due, drawn), job.error
            if not job.error:
                self.found[name] = job.result
        if network is None or self._doing is not None:
            return
        name = next((name for name in WORKS if self._is_due(name, network)), "")
        if name:
            self._begin(name, network)

    def _begin(self, name: str, network: Coordinate) -> None:
        known, drawn = None, int(network.drawn)
        if name == "spectrum" and self.network_of("kernel") is network:
            known, drawn = self.found["kernel"], self._of["kernel"][2]
        job = Job(lambda turn: WORKS[name](network, known))
        self._doing = name, network, drawn, job
        self._engine.do(job)

    def _is_due(self, name: str, network: Coordinate) -> bool:
        if self._now - self._asked.get(name, -1e9) > _ASKED_FOR_S:
            return False
        of, due, drawn = self._of.get(name, (None, 0.0, -1))
        return of is not network or (self._now >= due and drawn != int(network.drawn))
