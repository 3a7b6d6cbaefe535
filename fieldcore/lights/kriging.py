"""Kriging over the chart: a Gaussian kernel and a polynomial trend through the photos, filtered in closed form.

With the kernel ``k(d) = exp(-d^T d / (2 s^2))`` and trend monomials ``f``, a light's weights solve

    [K + nugget 1, F; F^T, 0] [w; m] = [k(light); f(light)]

so they are one matrix times ``[k; f]``. A Gaussian of covariance S makes of the kernel
``s^2 / sqrt(det(s^2 1 + S)) exp(-d^T (s^2 1 + S)^-1 d / 2)``, and of a monomial itself plus its moment.

Source: universal kriging, G. Matheron 1969; leave-one-out errors from one inverse, O. Dubrule, Cross Validation of
Kriging in a Unique Neighborhood, Mathematical Geology 15(6), 1983.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from .basis import LightBasis

TRENDS = ("constant", "linear", "quadratic")
_TERMS = {"constant": 1, "linear": 3, "quadratic": 6}
_WIDTHS = tuple(np.geomspace(0.03, 2.0, 10))
_NUGGETS = (1e-4, 1e-3, 1e-2, 1e-1)


@dataclass(frozen=True)
class KrigingSettings:
    """What kriging depends on.

    Attributes:
        width: s, in the chart.
        nugget: what is added to the kernel at 0; above 0 photos are not reproduced exactly.
        trend: constant, linear or quadratic in u and v.
    """

    width: float = 0.2
    nugget: float = 1e-3
    trend: str = "constant"


class Kriging(LightBasis):
    """See the head of this file. Weights of the photos, which sum to 1, and may be negative.

    Args:
        lights: of the photos.
        scale: of the chart, which kriging does not look at.
        settings: width, nugget and trend.

    Raises:
        InputError: a trend that the lights do not determine, such as a quadratic one of lights on one ring.
    """

    name = "kriging"

    def __init__(
        self, lights: Float[np.ndarray, "l 2"], scale: float = 1.0, settings: KrigingSettings | None = None
    ) -> None:
        super().__init__(lights, scale)
        self.settings = settings or KrigingSettings()
        if not has_trend(self.lights, self.settings.trend):
            raise InputError(
                f"basis: {len(lights)} lights on a line or a ring, or too few, do not determine a "
                f"{self.settings.trend} trend; take another trend, or the basis photos"
            )

    @cached_property
    def _inverse(self) -> Float[np.ndarray, "m m"]:
        """Of the bordered matrix."""
        terms, count = _TERMS[self.settings.trend], len(self.lights)
        away = self.lights[:, None] - self.lights
        kernel = np.exp(-0.5 * np.square(away).sum(-1) / self.settings.width**2)
        matrix = np.zeros((count + terms, count + terms))
        matrix[:count, :count] = kernel + self.settings.nugget * np.eye(count)
        matrix[:count, count:] = _monomials(self.lights, terms)
        matrix[count:, :count] = matrix[:count, count:].T
        return np.linalg.pinv(matrix, rcond=1e-14, hermitian=True)

    def at(self, lights: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n l"]:
        """At point lights."""
        away = np.asarray(lights)[:, None] - self.lights
        kernel = np.exp(-0.5 * np.square(away).sum(-1) / self.settings.width**2)
        return self._weights(kernel, _monomials(np.asarray(lights), _TERMS[self.settings.trend]))

    def averaged(self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "l"]:
        """In closed form."""
        squared = self.settings.width**2
        wide = squared * np.eye(2) + covariance
        away = light - self.lights
        form = np.einsum("li,ij,lj->l", away, np.linalg.inv(wide), away)
        kernel = squared / np.sqrt(np.linalg.det(wide)) * np.exp(-0.5 * form)
        trend = _monomials(light[None], 6)
        trend[0, 3:] += covariance[0, 0], covariance[0, 1], covariance[1, 1]
        return self._weights(kernel[None], trend[:, : _TERMS[self.settings.trend]])[0]

    def _weights(self, kernel: Float[np.ndarray, "n l"], trend: Float[np.ndarray, "n t"]) -> Float[np.ndarray, "n l"]:
        return np.concatenate([kernel, trend], 1) @ self._inverse[:, : len(self.lights)]


def has_trend(lights: Float[np.ndarray, "l 2"], trend: str) -> bool:
    """Whether the lights determine that trend."""
    matrix = _monomials(lights, _TERMS[trend])
    return len(lights) >= _TERMS[trend] and int(np.linalg.matrix_rank(matrix, tol=1e-6)) == _TERMS[trend]


def best_settings(
    lights: Float[np.ndarray, "l 2"],
    values: Float[np.ndarray, "l p"],
    shown: Callable[[Float[np.ndarray, "l p"]], Float[np.ndarray, "l p"]],
) -> KrigingSettings:
    """The width, nugget and trend that have the smallest leave-one-out error of what is shown: the highest mean PSNR.

    Args:
        lights: of the photos.
        values: of some pixels in each photo.
        shown: from values to what is shown of them.
    """
    true = shown(values)
    best, least = KrigingSettings(), np.inf
    for trend, width in product([trend for trend in TRENDS if has_trend(lights, trend)], _WIDTHS):
        for nugget, found in leave_one_out(lights, values, float(width), trend):
            errors = np.square(shown(found.astype(np.float32)) - true).mean(1, dtype=np.float64)
            error = float(np.log(np.maximum(errors, 1e-12)).mean())  # the mean PSNR
            if np.isfinite(error) and error < least:
                best, least = KrigingSettings(float(width), nugget, trend), error
    return best


def leave_one_out(
    lights: Float[np.ndarray, "l 2"],
    values: Float[np.ndarray, "l p"],
    width: float,
    trend: str,
    nuggets: Sequence[float] = _NUGGETS,
) -> Iterator[tuple[float, Float[np.ndarray, "l p"]]]:
    """With each nugget, what all other photos say of each one; from one decomposition.

    With Q orthonormal and orthogonal to the trend, the part of the bordered inverse that belongs to the photos is
    ``Q (Q^T K Q + nugget 1)^-1 Q^T``, and the eigenvectors of ``Q^T K Q`` are those of all nuggets.
    """
    terms = _TERMS[trend]
    free = np.linalg.qr(_monomials(lights, terms), mode="complete")[0][:, terms:]
    away = np.square(lights[:, None] - lights).sum(-1)
    found, vectors = np.linalg.eigh(free.T @ np.exp(-0.5 * away / width**2) @ free)
    ways = free @ vectors
    along, squares = ways.T @ values, np.square(ways)
    for nugget in nuggets:
        counts = 1 / (found + nugget)
        with np.errstate(invalid="ignore"):  # of no more photos than the trend has terms, none can be left out
            left_out = values - (ways * counts) @ along / (squares @ counts)[:, None]
        yield nugget, left_out


def _monomials(lights: Float[np.ndarray, "n 2"], terms: int) -> Float[np.ndarray, "n t"]:
    u, v = lights.T
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], 1)[:, :terms]
