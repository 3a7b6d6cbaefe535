"""The Lanczos filter: a sinc under the central lobe of a wider one."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from scipy.special import sici
from torch import Tensor

from ..errors import InputError
from .filter import Numbers, parsed_numbers
from .separable import Separable

MOST_LOBES = 16
_CELLS_A_LOBE = 4096  # of the table that samples are drawn by
_FREQUENCIES = 32  # cycles a spacing up to which the response is tabulated; beyond them it is below 2e-6
_CELLS_A_CYCLE = 1024  # of that table, times the lobes


class Lanczos(Separable):
    """Along each axis ``sinc(u) sinc(u / lobes)`` for ``|u| <= lobes``, ``u`` in units of the spacing, of unit mass.

    It keeps what a lattice of that spacing can hold, and dampens what is finer. Its lobes are negative by turns: it
    overshoots at edges, and its samples are drawn from the kernel's absolute value and counted with their sign.

    Source: C. E. Duchon, Lanczos Filtering in One and Two Dimensions, Journal of Applied Meteorology 18, 1979.

    Args:
        lengths: the spacings, in domain units: one for all axes, one an axis (d), or one an axis for each point (n, d).
        lobes: half its width in spacings; 2 and 3 are usual.
        axes: orthonormal axes of a filter that is turned, one a column, (d, d) or (n, d, d).

    Raises:
        InputError: a spacing is negative, NaN or infinite, lobes are not from 1 to 16, or sizes do not match.

    Example:
        >>> Lanczos(0.02).response(torch.tensor([[0.0, 0.0], [10.0, 0.0], [40.0, 0.0]]))
        tensor([ 1.0000,  1.0124, -0.0097])
    """

    name = "lanczos"
    length_noun = "spacings"

    def __init__(
        self,
        lengths: Numbers,
        lobes: int = 3,
        axes: Numbers | None = None,
    ) -> None:
        if isinstance(lobes, bool) or not isinstance(lobes, int) or not 1 <= lobes <= MOST_LOBES:
            raise InputError(f"lobes: expected a whole number from 1 to {MOST_LOBES}, got {lobes!r}")
        super().__init__(lengths, axes)
        self.lobes = lobes

    @property
    def kernel_reach(self) -> float:
        """The number of lobes."""
        return float(self.lobes)

    @property
    def kernel_second_moment(self) -> float:
        """``1/pi^2`` over the mass for one lobe; for more it is 0, the negative lobes making up for the positive."""
        return 1 / math.pi**2 / _mass(1) if self.lobes == 1 else 0.0

    def kernel_offsets(self, noise: Tensor) -> Tensor:
        """Inverse-CDF sampling of the kernel's absolute value, from a table."""
        cdf = _absolute_cdf(self.lobes).to(noise)
        cell = torch.searchsorted(cdf, noise.contiguous(), right=True).clamp(1, len(cdf) - 1) - 1
        share = (noise - cdf[cell]) / (cdf[cell + 1] - cdf[cell]).clamp_min(torch.finfo(noise.dtype).tiny)
        return (cell + share.clamp(0, 1)) / _CELLS_A_LOBE - self.lobes

    def kernel_weights(self, u: Tensor) -> Tensor:
        """The kernel's sign times the mass of its absolute value."""
        sign = 1 - 2 * (u.abs().clamp_max(self.lobes - 0.5).floor() % 2)
        return sign * _absolute_mass(self.lobes)

    def kernel_response(self, frequency: Tensor) -> Tensor:
        """By sine integrals, from a table that is interpolated linearly: exact to 1e-6."""
        table = _response_table(self.lobes).to(frequency)
        position = (frequency.abs() * (_CELLS_A_CYCLE * self.lobes)).clamp_max(len(table) - 1)
        left = position.floor().clamp_max(len(table) - 2)
        index = left.long()
        return torch.lerp(table[index], table[index + 1], position - left)

    @classmethod
    def parse(cls, text: str) -> Lanczos:
        """Spacings: ``0.02`` for all axes or ``0.02,0.01``; at the end ``,lobes=2`` if not 3."""
        spacings, _, lobes = text.partition(",lobes=")
        expected = "spacings such as 0.02 or 0.02,0.01, at the end ,lobes=2 if not 3"
        numbers = parsed_numbers(spacings, "filter lanczos", expected)
        if lobes and not lobes.isdecimal():
            raise InputError(f"filter lanczos: expected {expected}, got '{text}'")
        return cls(numbers[0] if len(numbers) == 1 else numbers, int(lobes or 3))


def response(frequency: np.ndarray, lobes: int) -> np.ndarray:
    """The Fourier transform of ``sinc(u) sinc(u/a)`` on ``[-a, a]``, of unit mass, at a frequency a spacing.

    The product of the two sines is a difference of cosines over ``u^2``, with ``J(c)`` the integral of
    ``(1 - cos c u)/u^2`` from 0 to ``a``, which is ``c Si(c a) - (1 - cos c a)/a``.
    """
    return _unnormalised(frequency, lobes) / _mass(lobes)


def _unnormalised(frequency: np.ndarray, lobes: int) -> np.ndarray:
    turn, inner, outer = 2 * np.pi * frequency, np.pi * (1 - 1 / lobes), np.pi * (1 + 1 / lobes)

    def integral(c: np.ndarray) -> np.ndarray:
        return c * sici(c * lobes)[0] - (1 - np.cos(c * lobes)) / lobes

    difference = integral(outer + turn) + integral(outer - turn) - integral(inner + turn) - integral(inner - turn)
    return np.asarray(lobes / (2 * np.pi**2) * difference)


@lru_cache(maxsize=MOST_LOBES)
def _mass(lobes: int) -> float:
    return float(_unnormalised(np.zeros(1), lobes)[0])


@lru_cache(maxsize=MOST_LOBES)
def _response_table(lobes: int) -> Tensor:
    cells = _FREQUENCIES * _CELLS_A_CYCLE * lobes
    table = response(np.arange(cells + 1) / (_CELLS_A_CYCLE * lobes), lobes)
    table[-1] = 0  # and so it is beyond
    return torch.from_numpy(table)


@lru_cache(maxsize=MOST_LOBES)
def _absolute_cdf(lobes: int) -> Tensor:
    cumulative = _cumulative(lobes)
    return torch.from_numpy(cumulative / cumulative[-1])


@lru_cache(maxsize=MOST_LOBES)
def _absolute_mass(lobes: int) -> float:
    return float(_cumulative(lobes)[-1]) / _mass(lobes)


@lru_cache(maxsize=MOST_LOBES)
def _cumulative(lobes: int) -> np.ndarray:
    """The integral of the kernel's absolute value up to each node; zeros of the kernel are nodes."""
    cells = 2 * lobes * _CELLS_A_LOBE
    # Gauss's two points a cell.
    middle = (np.arange(cells) + 0.5) / _CELLS_A_LOBE - lobes
    beside = 0.5 / _CELLS_A_LOBE / math.sqrt(3)
    mean = sum(np.abs(np.sinc(u) * np.sinc(u / lobes)) for u in (middle - beside, middle + beside)) / 2
    return np.concatenate([[0.0], np.cumsum(mean) / _CELLS_A_LOBE])
