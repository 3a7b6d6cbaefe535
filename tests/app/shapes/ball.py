"""A ball as a field and as its own truth, so that tests know every distance: smoothed, it shrinks and stays a ball."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fieldcore.evaluation import Grid
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.recipe import Recipe
from fieldcore.signals import Signal, SignalFacts
from fieldcore.sphere_tracing import HALF_EXTENT
from fieldcore.truth import Truth

RADIUS = 0.6
SOURCE_SCALE, SOURCE_CENTER = 5.0, (1.0, 2.0, 3.0)
FACTS = SignalFacts(
    type="shape",
    name="ball.obj",
    digest="0" * 64,
    half_extent=(1.0, 1.0, 1.0),
    channels=1,
    value_range=(-1.0, 1.0),
    value_scale=SOURCE_SCALE,
    source_center=SOURCE_CENTER,
)


def smoothed_distance(x: Tensor, variance: float) -> Tensor:
    """The mean of |X| - RADIUS for X normal around x: that of a noncentral chi distribution with 3 degrees."""
    r = x.double().norm(dim=-1).clamp_min(1e-9)
    if variance == 0:
        return r - RADIUS
    std = math.sqrt(variance)
    bell = std * math.sqrt(2 / math.pi) * torch.exp(-(r**2) / (2 * variance))
    return bell + (r + variance / r) * torch.erf(r / (std * math.sqrt(2))) - RADIUS


def smoothed_radius(variance: float) -> float:
    """Where that is 0, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        inside = float(smoothed_distance(torch.tensor([[middle, 0.0, 0.0]]), variance)) < 0
        low, high = (middle, high) if inside else (low, middle)
    return low


def variance_of(gaussian: Gaussian | None) -> float:
    return 0.0 if gaussian is None else float(gaussian.covariance(3)[0, 0])


@dataclass(frozen=True, kw_only=True)
class BallRecipe(Recipe):
    kind: ClassVar[str] = "ball"


class Ball(Field):
    """Off its truth by ``error`` everywhere."""

    kind = "ball"
    recipe_type = BallRecipe
    presets: ClassVar[dict[str, Any]] = {}
    filters = (Gaussian,)

    def __init__(self, error: float = 0.0, facts: SignalFacts = FACTS) -> None:
        super().__init__(BallRecipe(), facts)
        self.error = torch.nn.Parameter(torch.tensor(error))
        self.asked = 0

    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        self.asked += len(x)
        return (smoothed_distance(x, variance_of(filter)).float() + self.error)[:, None]

    def loss(self, signal: Signal, generator: torch.Generator) -> Tensor:
        raise NotImplementedError


class BallTruth(Truth):
    """The ball, smoothed, in closed form."""

    def __init__(self) -> None:
        pass

    def estimate(self, gaussian: Gaussian, grid: Grid) -> tuple[np.ndarray, float]:
        values = smoothed_distance(grid.points(0, grid.count), variance_of(gaussian)).float()
        return values.reshape(*reversed(grid.resolution), 1).numpy(), 0.0


def cell_centres(cells: int, half_extent: float = HALF_EXTENT) -> Float[np.ndarray, "n n n 3"]:
    """Where a bake's values are taken: x, y, z by z, y, x."""
    centres = half_extent * ((2 * np.arange(cells) + 1) / cells - 1)
    z, y, x = np.meshgrid(centres, centres, centres, indexing="ij")
    return np.stack([x, y, z], -1)
