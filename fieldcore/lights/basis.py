"""Functions of the light that pictures are summed with: a lit picture is ``sum_k w_k(light, filter) picture_k``.

A filter changes the weights alone. Each basis is one class in ``BASES``; all make their weights from the lights of the
photos, and say by ``mix`` which sums of photos their pictures are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from ..registry import Registry
from .hats import Hats


class LightBasis(ABC):
    """Functions of a light and its Gaussian.

    Args:
        lights: (L, 2) places of the photos' lights in the chart.
        scale: of the chart; below 1 where lights are below the horizon.

    Class attributes:
        name: in ``BASES``.
    """

    name: ClassVar[str]

    def __init__(self, lights: Float[np.ndarray, "l 2"], scale: float = 1.0) -> None:
        self.lights, self.scale = np.asarray(lights, np.float64), scale

    @abstractmethod
    def at(self, lights: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n k"]:
        """Weights of the pictures at point lights."""

    @abstractmethod
    def averaged(self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "k"]:
        """Their averages over a Gaussian around a light."""

    def mix(self) -> Float[np.ndarray, "k l"]:
        """Each picture as a sum of photos."""
        return np.eye(len(self.lights))


class PhotosBasis(LightBasis):
    """The stage's own weights: linear between lights on triangles, through every photo, never below 0."""

    name = "photos"

    def __init__(self, lights: Float[np.ndarray, "l 2"], scale: float = 1.0) -> None:
        super().__init__(lights, scale)
        self.hats = Hats(lights)

    def at(self, lights: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n l"]:
        """See ``Hats``."""
        return self.hats.at(lights)

    def averaged(self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "l"]:
        """In closed form."""
        return self.hats.averaged(light, covariance)


BASES: Registry[type[LightBasis]] = Registry(
    "basis",
    {
        "photos": "fieldcore.lights.basis:PhotosBasis",
        "kriging": "fieldcore.lights.kriging:Kriging",
        "ptm": "fieldcore.lights.polynomials:Ptm",
        "hsh": "fieldcore.lights.polynomials:Hsh",
    },
)
"""Every basis by its name; the one place where a new one is entered."""
