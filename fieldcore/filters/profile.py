"""Piecewise polynomial kernels along one axis, given by the Diracs that repeated differentiation leaves of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Num
from torch import Tensor

from ..errors import InputError
from .filter import Numbers, real_tensor

MOST_DEGREE = 2

_TOLERANCE = 1e-9  # of moments that have to vanish, relative to the size of their terms
_MOMENTS_BELOW = 0.05  # cycles a half size up to which the response is summed from moments
_MOMENTS = 14
_TABLE_CELLS = 1024  # of the table that quantiles are looked up in
_NEWTON_STEPS = 3


@dataclass(frozen=True, eq=False)
class Profile:
    """A kernel along one axis for a half size of 1: ``k(u) = sum_j weights[j] (u - knots[j])_+^n / n!``.

    ``n`` is its degree. It is 0 before its first knot and after its last one, for which ``sum_j weights[j] knots[j]^q``
    has to be 0 for ``q`` from 0 to ``n``. A half size of ``s`` stretches it and keeps its mass: ``k(u / s) / s``.

    Source: P. S. Heckbert, Filtering by Repeated Integration, SIGGRAPH 1986; N. E. Nsampi et al., Neural Field
    Convolutions by Repeated Differentiation, ACM TOG 42(6), 2023.

    Attributes:
        degree: of the polynomials: 0, 1 or 2.
        knots: where one polynomial gives way to the next, ascending, in [-1, 1], in double precision.
        weights: of the Diracs at the knots that are left after ``degree + 1`` derivatives.

    Raises:
        InputError: another degree, fewer than ``degree + 2`` knots, knots that do not ascend or lie outside [-1, 1], as
            many weights as there are not knots, all weights 0, or a kernel that does not end.

    Example:
        >>> Profile(1, [-1.0, 0.0, 1.0], [1.0, -2.0, 1.0]).variance  # the tent
        0.16666666666666666
    """

    degree: int
    knots: Numbers
    weights: Numbers

    def __post_init__(self) -> None:
        if isinstance(self.degree, bool) or not isinstance(self.degree, int) or not 0 <= self.degree <= MOST_DEGREE:
            raise InputError(f"degree: expected a whole number from 0 to {MOST_DEGREE}, got {self.degree!r}")
        for name in ("knots", "weights"):
            value = real_tensor(getattr(self, name), f"kernel: {name}")
            exact = torch.as_tensor(getattr(self, name), dtype=torch.float64, device="cpu").detach()
            if value.ndim != 1:
                raise InputError(f"kernel: {name}: expected a list of numbers, got shape {tuple(value.shape)}")
            object.__setattr__(self, name, exact)
        self._check_knots()
        self._check_that_it_ends()

    def _check_knots(self) -> None:
        least = self.degree + 2
        if len(self.knots) < least:
            raise InputError(
                f"kernel: knots: expected at least {least} for degree {self.degree}, got {len(self.knots)}"
            )
        if len(self.knots) != len(self.weights):
            raise InputError(f"kernel: weights: expected {len(self.knots)}, one a knot, got {len(self.weights)}")
        if bool((self.knots.diff() <= 0).any()):
            raise InputError(f"kernel: knots: expected them to ascend, got {self.knots.tolist()}")
        if float(self.knots.abs().max()) > 1 + 1e-12:
            raise InputError(f"kernel: knots: expected them in [-1, 1], got {self.knots.tolist()}")

    def _check_that_it_ends(self) -> None:
        if not bool((self.weights != 0).any()):
            raise InputError("kernel: weights: expected some that are not 0; a kernel of zeros filters nothing")
        for power in range(self.degree + 1):
            terms = self.weights * self.knots**power
            if abs(float(terms.sum())) > _TOLERANCE * float(self.weights.abs().sum()):
                times = ("", " times its knots", " times its squared knots")[power]
                raise InputError(
                    f"kernel: this kernel does not end: its weights{times} sum to {float(terms.sum()):.6g}, expected 0"
                )

    @classmethod
    def minimal(cls, degree: int) -> Profile:
        """The B-spline of that degree: a box, a tent or a quadratic, with the fewest knots that there can be."""
        order = degree + 1
        spacing = 2 / order
        weights = [(-1) ** j * math.comb(order, j) / spacing**order for j in range(order + 1)]
        return cls(degree, [spacing * j - 1 for j in range(order + 1)], weights)

    @classmethod
    def box(cls) -> Profile:
        """1/2 on [-1, 1]."""
        return cls.minimal(0)

    @classmethod
    def tent(cls) -> Profile:
        """``1 - |u|``."""
        return cls.minimal(1)

    @classmethod
    def quadratic(cls) -> Profile:
        """The B-spline of degree 2."""
        return cls.minimal(2)

    @classmethod
    def combined(cls, *parts: tuple[float, float, Profile]) -> Profile:
        """The sum of profiles of one degree, such as a difference of B-splines, for the longest one's half size.

        Args:
            parts: gain, half size and profile of each; only the half sizes' ratios matter.

        Raises:
            InputError: no parts, of several degrees, half sizes that are not above 0, or nothing is left.

        Example:
            >>> Profile.combined((2.0, 0.5, Profile.tent()), (-1.0, 1.0, Profile.tent())).mass
            1.0
        """
        degrees = {profile.degree for _, _, profile in parts}
        if len(degrees) != 1:
            raise InputError(f"kernel: expected profiles of one degree, got degrees {sorted(degrees)}")
        if not all(0 < size < math.inf for _, size, _ in parts):
            raise InputError(f"kernel: half sizes: expected numbers above 0, got {[size for _, size, _ in parts]}")
        longest = max(size for _, size, _ in parts)
        order = degrees.pop() + 1
        at: dict[float, float] = {}
        for gain, size, profile in parts:
            share = size / longest
            for knot, weight in zip((profile.knots * share).tolist(), profile.weights.tolist(), strict=True):
                at[knot] = at.get(knot, 0.0) + gain * weight / share**order
        largest = max(map(abs, at.values()))
        kept = sorted(knot for knot, weight in at.items() if abs(weight) > 1e-14 * largest)
        return cls(order - 1, kept, [at[knot] for knot in kept])

    def derivative(self) -> Profile:
        """Its derivative, of one degree less and mass 0. Raises InputError for degree 0, which has none."""
        if self.degree == 0:
            raise InputError("kernel: a kernel of degree 0 has no derivative; take one of degree 1 or 2")
        return Profile(self.degree - 1, self.knots, self.weights)

    def scaled(self, gain: float) -> Profile:
        """The profile times a number."""
        return Profile(self.degree, self.knots, gain * self.weights)

    @property
    def order(self) -> int:
        """How many derivatives leave Diracs alone."""
        return self.degree + 1

    def moment(self, power: int) -> float:
        """The integral of ``u^power`` times the kernel."""
        n = self.degree
        factor = (-1) ** (n + 1) * math.factorial(power) / math.factorial(power + n + 1)
        return factor * float((self.weights * self.knots ** (power + n + 1)).sum())

    @cached_property
    def mass(self) -> float:
        """Its integral; 0 of derivatives."""
        mass = self.moment(0)
        return 0.0 if abs(mass) < 1e-12 * float(self.weights.abs().sum()) else mass

    @property
    def centroid(self) -> float:
        """Its mean position. Raises InputError for a mass of 0."""
        return self.moment(1) / self._required_mass("centroid")

    @property
    def variance(self) -> float:
        """Its variance about the centroid. Raises InputError for a mass of 0."""
        return self.moment(2) / self._required_mass("variance") - self.centroid**2

    def _required_mass(self, what: str) -> float:
        if self.mass == 0:
            raise InputError(f"kernel: a kernel of mass 0 has no {what}")
        return self.mass

    @cached_property
    def reach(self) -> float:
        """The farthest knot's distance from 0, at most 1."""
        return float(self.knots.abs().max())

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether it is its own mirror image."""
        sign = (-1) ** (self.degree + 1)
        size = float(self.weights.abs().max())
        return bool(
            torch.allclose(self.knots, -self.knots.flip(0), rtol=0, atol=1e-12)
            and torch.allclose(self.weights, sign * self.weights.flip(0), rtol=0, atol=1e-9 * size)
        )

    @cached_property
    def is_minimal(self) -> bool:
        """Whether it is a multiple of the B-spline with the fewest knots."""
        if len(self.knots) != self.order + 1:
            return False
        even = torch.linspace(-1, 1, self.order + 1, dtype=torch.float64)
        return bool(torch.allclose(self.knots, even, rtol=0, atol=1e-12))

    @cached_property
    def is_density(self) -> bool:
        """Whether it is nowhere negative."""
        steps = torch.linspace(0, 1, 65, dtype=torch.float64)[1:-1]
        values = self.values((self.knots[:-1, None] + steps * self.knots.diff()[:, None]).flatten())
        return float(values.min()) >= -1e-9 * float(values.abs().max())

    def values(self, u: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """The kernel at ``u``, in half sizes."""
        return torch.where(u < float(self.knots[-1]), self._powers(u, self.degree), 0)

    def integral(self, u: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Its integral up to ``u``: of a density of mass 1 the cumulative distribution."""
        return torch.where(u < float(self.knots[-1]), self._powers(u, self.degree + 1), self.moment(0))

    def ramp(self, u: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Its second antiderivative: what the kernel makes of ``max(u, 0)``."""
        beyond = self.moment(0) * u - self.moment(1)
        return torch.where(u < float(self.knots[-1]), self._powers(u, self.degree + 2), beyond)

    def _powers(self, u: Float[Tensor, "*n"], power: int) -> Float[Tensor, "*n"]:
        total = torch.zeros_like(u)
        for knot, weight in zip(self.knots.tolist(), self.weights.tolist(), strict=True):
            beyond = u - knot
            term = beyond.clamp_min(0) ** power if power else (beyond >= 0).to(u)
            total = total + (weight / math.factorial(power)) * term
        return total

    def response(self, frequency: Float[Tensor, "*n"]) -> Num[Tensor, "*n"]:
        """Fourier transform at a frequency in cycles a half size: real where it is symmetric, else complex.

        ``sum_j w_j e^(-2 pi i nu t_j) / (2 pi i nu)^(n + 1)``, near 0, where its terms cancel, by its moments; of a
        B-spline ``sinc(2 nu / (n + 1))^(n + 1)``.
        """
        if self.is_minimal:
            return self.mass * torch.sinc(2 * frequency / self.order) ** self.order
        angle = 2 * math.pi * frequency.double()
        near = angle.abs() < 2 * math.pi * _MOMENTS_BELOW
        far_angle = torch.where(near, 1, angle)
        far = sum(
            weight * torch.exp(-1j * far_angle * knot)
            for knot, weight in zip(self.knots.tolist(), self.weights.tolist(), strict=True)
        ) / (1j * far_angle) ** (self.degree + 1)
        near_angle = torch.where(near, angle, 0)
        close = sum(
            self.moment(power) / math.factorial(power) * (-1j * near_angle) ** power for power in range(_MOMENTS)
        )
        result = torch.where(near, close, far)
        dtype = frequency.dtype if self.is_symmetric else frequency.dtype.to_complex()
        return (result.real if self.is_symmetric else result).to(dtype)

    def quantile(self, share: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Where so large a share, in (0, 1), of the mass lies before: turns uniform noise into draws from the kernel.

        Raises:
            InputError: the kernel is negative somewhere, so that nothing can be drawn from it.
        """
        if not self.is_density:
            raise InputError("kernel: it is negative somewhere, so that no samples can be drawn from it")
        if self.is_minimal and self.degree == 0:
            return 2 * share - 1
        nodes, cumulative = (table.to(share.device) for table in self._quantile_table)
        wanted = share.detach().double()
        cell = torch.searchsorted(cumulative, wanted.contiguous(), right=True).clamp(1, len(nodes) - 1) - 1
        low, high = nodes[cell], nodes[cell + 1]
        below, above = cumulative[cell], cumulative[cell + 1]
        u = low + (high - low) * ((wanted - below) / (above - below).clamp_min(1e-300)).clamp(0, 1)
        for _ in range(_NEWTON_STEPS if self.degree else 0):
            density = self.values(u) / self.mass
            step = (self.integral(u) / self.mass - wanted) / density.clamp_min(1e-12)
            u = torch.where(density > 1e-9, (u - step).maximum(low).minimum(high), u)
        return u.to(share.dtype)

    @cached_property
    def _quantile_table(self) -> tuple[Tensor, Tensor]:
        first, last = float(self.knots[0]), float(self.knots[-1])
        nodes = torch.cat([torch.linspace(first, last, _TABLE_CELLS + 1, dtype=torch.float64), self.knots])
        nodes = nodes.sort().values
        return nodes, (self.integral(nodes) / self.mass).clamp(0, 1).cummax(0).values


def tent_weights_under(
    profile: Profile, offset: Float[Tensor, "*n"], half_size: Float[Tensor, "*m"]
) -> Float[Tensor, "*n"]:
    """``(k * tent)(offset)``: what a sample is worth at a distance where samples at unit spacing are linear between.

    The second difference of the kernel's ramp, as the tent's second derivative is ``[1, -2, 1]``.

    Args:
        profile: of the kernel.
        offset: distances, in samples.
        half_size: of the kernel, in samples; 0 is no filter.
    """
    filtered = half_size > 0
    size = torch.where(filtered, half_size, 1)
    u = offset / size
    step = 1 / size
    weights = size * (profile.ramp(u + step) - 2 * profile.ramp(u) + profile.ramp(u - step))
    return torch.where(filtered, weights, (1 - offset.abs()).clamp_min(0))


def tents_under(profile: Profile, offset: Float[np.ndarray, "*n"], half_size: float | int) -> Float[np.ndarray, "*n"]:
    """``tent_weights_under`` for arrays and one half size."""
    weights = tent_weights_under(profile, torch.from_numpy(offset), torch.tensor(float(half_size), dtype=torch.float64))
    return weights.numpy()
