"""What is looked at inside the network shown: kernel, spectrum, neurons, first layer; worked out between two steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.fields.coordinate import Coordinate
from fieldcore.first_layer import first_layer
from fieldcore.grid import Grid
from fieldcore.neurons import neuron_pictures
from fieldcore.tangent_kernel import kernel_profile, kernel_spectrum, tangent_kernel

from ...work.engine import Engine, Job

KERNEL_GRID = (32, 32)
NEURON_PX, MOST_NEURONS = 20, 144
_EVERY_S = 0.8
"""Time between two looks at the same network, which changes while it is trained."""

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


def _kernel(field: Coordinate) -> Kernel:
    grid = _grid(field, KERNEL_GRID)
    x = grid.points(0, grid.count, field.device)
    matrix, points = tangent_kernel(field, x).cpu().numpy(), x.cpu().numpy()
    few = np.random.default_rng(0).permutation(len(points))[:_PROFILED]
    return Kernel(matrix, points, kernel_profile(matrix[np.ix_(few, few)], points[few], bins=32))


def _spectrum(field: Coordinate) -> Any:
    grid = _grid(field, KERNEL_GRID)
    return kernel_spectrum(tangent_kernel(field, grid.points(0, grid.count, field.device)))


def _neurons(field: Coordinate) -> Any:
    return neuron_pictures(field, Grid.covering(field.facts.half_extent, NEURON_PX))


def _first_layer(field: Coordinate) -> Any:
    grid = _grid(field, KERNEL_GRID)
    return first_layer(field, grid.points(0, grid.count, field.device))


WORKS: dict[str, Callable[[Coordinate], Any]] = {
    "first layer": _first_layer,
    "kernel": _kernel,
    "neurons": _neurons,
    "spectrum": _spectrum,
}
"""By name, what is found out of a network, in the order of urgency."""


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
        self._of: dict[str, tuple[Coordinate, float, int]] = {}
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
            self._of[name], self.reason = (of, now, drawn), job.error
            if not job.error:
                self.found[name] = job.result
        if network is None or self._doing is not None:
            return
        name = next((name for name in WORKS if self._is_due(name, network)), "")
        if name:
            job = Job(lambda turn: WORKS[name](network))
            self._doing = name, network, int(network.drawn), job
            self._engine.do(job)

    def _is_due(self, name: str, network: Coordinate) -> bool:
        if self._now - self._asked.get(name, -1e9) > _ASKED_FOR_S:
            return False
        of, since, drawn = self._of.get(name, (None, 0.0, -1))
        return of is not network or (self._now - since >= _EVERY_S and drawn != int(network.drawn))
