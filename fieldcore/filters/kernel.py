"""Kernels that are piecewise polynomials along each axis: what repeated differentiation turns into a few Diracs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from jaxtyping import Float, Num
from torch import Tensor

from ..errors import InputError
from .along_axes import AlongAxes
from .filter import Diracs, Filter, Numbers, checked_axes
from .profile import Profile

AnyKernel = TypeVar("AnyKernel", bound="Kernel")

MOST_TERMS = 16


class Kernel(AlongAxes):
    """A product of profiles along the axes, each as long as its half size there says, or a sum of such products.

    Kernels may be asymmetric, negative and of any mass; filtering by them is convolution, never correlation. A product
    filters nothing along an axis whose half size is 0.

    Source: N. E. Nsampi et al., Neural Field Convolutions by Repeated Differentiation, ACM TOG 42(6), 2023.

    Args:
        profiles: one for all axes, or one an axis.
        half_size: in domain units: a number, (d) one an axis, (n, d) one an axis for each point, or (n, 1).
        axes: orthonormal axes of a kernel that is turned, one a column, (d, d) or (n, d, d).

    Attributes:
        terms: the profiles of each product.

    Raises:
        InputError: a half size is negative, NaN or infinite, or sizes do not match.

    Example:
        >>> edges = Kernel([Profile.quadratic().derivative(), Profile.tent()], 0.1)
        >>> edges.mass(2)
        tensor(0.)
    """

    name = "kernel"
    length_noun = "half sizes"

    def __init__(self, profiles: Profile | Sequence[Profile], half_size: Numbers, axes: Numbers | None = None) -> None:
        self._set_up([(profiles,) if isinstance(profiles, Profile) else tuple(profiles)], half_size, axes)

    @classmethod
    def sum_of(cls, terms: Sequence[Sequence[Profile]], half_size: Numbers, axes: Numbers | None = None) -> Kernel:
        """The sum of products, each given by its profiles; see ``kernel_fitting`` for how to find them.

        Raises:
            InputError: no products, more than 16, or of several numbers of axes.
        """
        kernel = Kernel.__new__(Kernel)
        kernel._set_up([tuple(profiles) for profiles in terms], half_size, axes)
        return kernel

    def _set_up(self, terms: list[tuple[Profile, ...]], half_size: Numbers, axes: Numbers | None) -> None:
        if not 1 <= len(terms) <= MOST_TERMS:
            raise InputError(f"kernel: expected a sum of 1 to {MOST_TERMS} products, got {len(terms)}")
        if len({len(profiles) for profiles in terms}) != 1 or not terms[0]:
            raise InputError(
                "kernel: expected one profile for all axes or one an axis, the same number in each product"
            )
        AlongAxes.__init__(self, half_size, axes)
        self.terms = tuple(terms)
        if len(terms[0]) > 1 and self._lengths.ndim and self._lengths.shape[-1] > 1:
            self._require_profiles(self._lengths.shape[-1])

    def _require_profiles(self, dim: int) -> None:
        profiles = len(self.terms[0])
        if profiles not in (1, dim):
            raise InputError(f"kernel: expected a profile for each of {dim} axes, got {profiles}")

    def require_axes(self, dim: int) -> None:
        """Raise InputError if there are half sizes or profiles for another number of axes."""
        super().require_axes(dim)
        self._require_profiles(dim)

    def term_profiles(self, dim: int) -> list[tuple[Profile, ...]]:
        """The profiles of each product, one an axis. Raises InputError if they are for another number of axes."""
        self.require_axes(dim)
        return [profiles * dim if len(profiles) == 1 else profiles for profiles in self.terms]

    def unfiltered_mass(self, profiles: Sequence[Profile]) -> float:
        """What a product of a sum counts for by the axes whose shared half size is 0; one alone counts for 1."""
        if len(self.terms) == 1:
            return 1.0
        sizes = self.lengths(len(profiles)).tolist()
        return math.prod((p.mass for p, size in zip(profiles, sizes, strict=True) if size == 0), start=1.0)

    @property
    def is_symmetric(self) -> bool:
        """Whether all profiles are their own mirror images."""
        return all(profile.is_symmetric for profiles in self.terms for profile in profiles)

    @property
    def is_density(self) -> bool:
        """Whether samples can be drawn from it: it is one product, nowhere negative."""
        return len(self.terms) == 1 and all(profile.is_density for profile in self.terms[0])

    def along(self, profile: Profile, moment: int, lengths: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """A moment along one axis for half sizes there: of what is not filtered 1, and 0 for ``u`` and ``u^2``."""
        value = profile.mass if moment == 0 else profile.moment(moment)
        alone = len(self.terms) == 1 and moment == 0
        return torch.where(lengths > 0, value * lengths**moment, 1.0 if alone else float(profile.mass) * (moment == 0))

    def mass(self, dim: int) -> Float[Tensor, "*n"]:
        """The integral of the kernel over ``dim`` axes, () or (n)."""
        lengths = self.lengths(dim).unbind(-1)
        total = torch.zeros_like(lengths[0])
        for profiles in self.term_profiles(dim):
            factors = [self.along(profile, 0, s) for profile, s in zip(profiles, lengths, strict=True)]
            total = total + torch.stack(factors).prod(0)
        return total

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Where convolution looks, relative to a point: draws from the kernel, mirrored, by its inverse distribution.

        Raises:
            InputError: the kernel is negative somewhere, or a sum of products.
        """
        dim = noise.shape[-1]
        if not self.is_density:
            what = "a sum of products" if len(self.terms) > 1 else "negative somewhere"
            raise InputError(f"{type(self).__name__}: it is {what}, so that no samples can be drawn from it")
        (profiles,) = self.term_profiles(dim)
        drawn = [-profile.quantile(1 - noise[..., axis]) for axis, profile in enumerate(profiles)]
        return self._across(torch.stack(drawn, -1) * self.lengths(dim).to(noise))

    def response(self, frequencies: Float[Tensor, "f d"]) -> Num[Tensor, "*n f"]:
        """Fourier transform: real where the kernel is symmetric, else complex."""
        lengths = self.lengths(frequencies.shape[1])
        along, products = self._in_lengths(frequencies), []
        for profiles in self.term_profiles(frequencies.shape[1]):
            factors = []
            for axis, cycles in enumerate(along):
                unfiltered = 1.0 if len(self.terms) == 1 else profiles[axis].mass
                used = lengths[..., axis, None].to(cycles) > 0
                factors.append(torch.where(used, profiles[axis].response(cycles), unfiltered))
            products.append(math.prod(factors[1:], start=factors[0]))
        return sum(products[1:], start=products[0])

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """Half sides of the box around the kernel, about the point."""
        farthest = [max(p.reach for p in along) for along in zip(*self.term_profiles(dim), strict=True)]
        lengths = self.lengths(dim)
        return self._box_reach(lengths * lengths.new_tensor(farthest))

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """The integral of ``x x^T`` times the kernel, about the point and not the centroid."""
        lengths = self.lengths(dim).unbind(-1)
        products = []
        for profiles in self.term_profiles(dim):
            moments = [
                [self.along(profile, power, s) for power in range(3)]
                for profile, s in zip(profiles, lengths, strict=True)
            ]
            products.append(torch.stack([_moment_row(moments, row) for row in range(dim)], -2))
        return self._turned_moment(sum(products[1:], start=products[0]))

    def diracs(self, dim: int | None = None) -> tuple[Diracs, ...]:
        """What repeated differentiation leaves of each product, half sizes not applied; see ``Diracs``.

        Args:
            dim: number of axes, needed where there is one profile and one half size for all.

        Raises:
            InputError: the kernel is turned, or ``dim`` is needed.
        """
        if self._axes is not None:
            raise InputError(f"{self.name}: turned, it leaves no Diracs along the axes")
        if dim is None:
            dim = len(self.terms[0]) if len(self.terms[0]) > 1 else self._lengths.shape[-1] if self._lengths.ndim else 0
        if dim == 0 or (dim == 1 and self._lengths.ndim == 2):
            raise InputError(f"{self.name}: give dim, the number of axes, as one of its {self.length_noun} is for all")
        used = (self.lengths(dim) > 0).reshape(-1, dim).any(0).tolist()
        return tuple(_diracs_of(profiles, used) for profiles in self.term_profiles(dim))

    def on_axes(self, axes: Sequence[int], dim: int) -> Filter:
        """This kernel along ``axes`` of ``dim`` coordinates; nothing is averaged along the others."""
        changed = super().on_axes(checked_axes(axes, dim), dim)
        assert isinstance(changed, Kernel)
        if len(self.terms[0]) > 1 or len(self.terms) > 1:
            changed.terms = tuple(_on_axes(profiles, axes, dim) for profiles in self.term_profiles(len(axes)))
        return changed

    @classmethod
    def parse(cls: type[AnyKernel], text: str) -> AnyKernel:
        """A kernel's file and its half sizes: ``my.json,0.1`` for all axes or ``my.json,0.1,0.2``."""
        from ..kernel_file import read_kernel
        from .filter import parsed_numbers

        path, _, sizes = text.partition(",")
        numbers = parsed_numbers(sizes, "filter kernel", "a file and half sizes such as my.json,0.1 or my.json,0.1,0.2")
        sizes_given = numbers[0] if len(numbers) == 1 else numbers
        return Kernel.sum_of(read_kernel(path).terms, sizes_given)  # type: ignore[return-value]


def _moment_row(moments: Sequence[Sequence[Tensor]], row: int) -> Float[Tensor, "*n d"]:
    entries = []
    for column in range(len(moments)):
        powers = [(axis == row) + (axis == column) for axis in range(len(moments))]
        entries.append(torch.stack([along[power] for along, power in zip(moments, powers, strict=True)]).prod(0))
    return torch.stack(entries, -1)


def _diracs_of(profiles: Sequence[Profile], used: Sequence[bool]) -> Diracs:
    none, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    return Diracs(
        tuple(profile.knots if along else none for profile, along in zip(profiles, used, strict=True)),
        tuple(profile.weights if along else one for profile, along in zip(profiles, used, strict=True)),
        tuple(profile.order if along else 0 for profile, along in zip(profiles, used, strict=True)),
    )


def _on_axes(profiles: Sequence[Profile], axes: Sequence[int], dim: int) -> tuple[Profile, ...]:
    """Profiles of some axes as one an axis; along the others, where the half size is 0, any of mass 1."""
    along = [Profile.box()] * dim
    for axis, profile in zip(axes, profiles, strict=True):
        along[axis] = profile
    return tuple(along)
