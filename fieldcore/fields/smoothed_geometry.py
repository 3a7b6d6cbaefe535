"""A surface under a filter, as rays see one: its own distance, with the features of the nearest unsmoothed place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters import Filter

if TYPE_CHECKING:
    from .surface_looking import SeenSurface

_CELLS = 96
_HALF = 1.0


class SmoothedGeometry:
    """What a smoothed surface is made of.

    Args:
        field: the surface.
        filter: one for all of space.

    Attributes:
        step: over which differences are its gradient.
    """

    def __init__(self, field: SeenSurface, filter: Filter) -> None:
        self._field, self._filter = field, filter
        self.step = field.geometry.step

    def distance(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Smoothed distances."""
        return self._field(x, self._filter)[:, 0]

    def distance_and_features(self, x: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n"], Float[Tensor, "n f"]]:
        """Smoothed distances, and features where the unsmoothed surface is nearest."""
        points, _ = self._field.on_surface(x)
        return self.distance(x), self._field.geometry.distance_and_features(points)[1]

    def searched(self) -> Float[Tensor, "n n n"]:
        """Smoothed distances at vertices over [-1, 1]^3, its axes z, y, x."""
        axis = torch.linspace(-_HALF, _HALF, _CELLS + 1)
        return self._field.on_lattice([axis] * 3, self._filter).view([_CELLS + 1] * 3)
