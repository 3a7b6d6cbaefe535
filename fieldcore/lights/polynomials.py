"""Bases of reflectance imaging: polynomial texture maps and hemispherical harmonics, fitted by least squares.

Source: T. Malzbender, D. Gelb, H. Wolters, Polynomial Texture Maps, SIGGRAPH 2001; P. Gautron, J. Krivanek,
S. Pattanaik, K. Bouatouch, A Novel Hemispherical Basis for Accurate and Efficient Rendering, EGSR 2004.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.special import lpmv

from ..errors import InputError
from .basis import LightBasis
from .chart import direction_from_chart
from .kriging import has_trend
from .quadrature import gaussian_points

_LEAST_SHARE = 1e-3
"""Of the largest singular value: what lights determine less than that, such as two rings, is left at 0."""


_ELSE = "the basis photos takes them"


class FittedBasis(LightBasis):
    """Functions of the direction, whose pictures are fitted to the photos.

    Filtered by quadrature: the functions are smooth, so that a lattice of a third of a deviation has nine digits.
    Directions beyond the horizon, where they are not defined, count as those on it.

    Raises:
        InputError: fewer lights than functions, or lights that do not determine them.
    """

    def __init__(self, lights: Float[np.ndarray, "l 2"], scale: float = 1.0) -> None:
        super().__init__(lights, scale)
        count = self.at(self.lights[:1]).shape[1]
        if len(lights) < count:
            raise InputError(f"basis: {self.name} needs at least {count} lights, got {len(lights)}; {_ELSE}")
        if are_on_a_curve(self.lights, scale):
            raise InputError(
                f"basis: the lights are on a line or a ring, which does not determine {self.name}; {_ELSE}"
            )

    @abstractmethod
    def functions(self, direction: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n k"]:
        """Of unit directions."""

    def at(self, lights: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n k"]:
        """At point lights."""
        lights = np.asarray(lights, np.float64)
        if self.scale == 1:
            radius = np.linalg.norm(lights, axis=1, keepdims=True)
            lights = lights / np.maximum(radius, 1)
        return self.functions(direction_from_chart(lights, self.scale))

    def averaged(self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "k"]:
        """By quadrature over the chart."""
        offsets, weights = gaussian_points(covariance)
        found: np.ndarray = weights @ self.at(light + offsets)
        return found

    @cached_property
    def _fit(self) -> Float[np.ndarray, "k l"]:
        return np.linalg.pinv(self.at(self.lights), rcond=_LEAST_SHARE)

    def mix(self) -> Float[np.ndarray, "k l"]:
        """Least squares."""
        return self._fit


class Ptm(FittedBasis):
    """1, lx, ly, lx^2, lx ly, ly^2."""

    name = "ptm"

    def functions(self, direction: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 6"]:
        """See the class."""
        x, y = direction[:, 0], direction[:, 1]
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], 1)


class Hsh(FittedBasis):
    """Harmonics of the hemisphere up to an order, as many as its square; of the sphere where lights are behind."""

    name = "hsh"

    def __init__(self, lights: Float[np.ndarray, "l 2"], scale: float = 1.0, order: int = 4) -> None:
        self.order = order
        super().__init__(lights, scale)

    def functions(self, direction: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n k"]:
        """See the class."""
        z = direction[:, 2] if self.scale < 1 else 2 * direction[:, 2].clip(0, 1) - 1
        angle = np.arctan2(direction[:, 1], direction[:, 0])
        columns = []
        for degree in range(self.order):
            for m in range(-degree, degree + 1):
                size = math.sqrt((2 * degree + 1) * math.factorial(degree - abs(m)) / math.factorial(degree + abs(m)))
                around = np.cos(m * angle) if m >= 0 else np.sin(-m * angle)
                columns.append(size * (math.sqrt(2) if m else 1) * around * lpmv(abs(m), degree, z.clip(-1, 1)))
        return np.stack(columns, 1)


def are_on_a_curve(lights: Float[np.ndarray, "l 2"], scale: float = 1.0) -> bool:
    """Whether all lights are on one line of the chart, or on one circle of the sphere."""
    directions = direction_from_chart(lights, scale)
    spread = np.linalg.svd(directions - directions.mean(0), compute_uv=False)
    return bool(spread[-1] < 1e-4 * spread[0]) or not has_trend(lights, "linear")
