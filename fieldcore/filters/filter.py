"""The base of all filters: what to average a signal over.

A filter has up to three faces, and a field uses the one it can:

* ``offsets``: displacements drawn from it (Monte-Carlo, which serves every field and every truth),
* ``response``: its Fourier transform (spectral fields multiply their features by it),
* ``diracs``: what is left of a piecewise polynomial kernel after repeated differentiation (integral fields).

Most are centred, symmetric and of unit mass, so a constant signal passes unchanged. Kernels need be none of it:
``mass`` says what a constant is multiplied by, ``is_symmetric`` whether a filter is its own mirror image. To filter is
to convolve: ``(f * k)(x) = int f(x - u) k(u) du``, and ``offsets`` are the ``-u``.
"""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..sampling import sobol

AnyFilter = TypeVar("AnyFilter", bound="Filter")

Numbers: TypeAlias = Any
"""A number, nested sequences of numbers, an array or a tensor, of any real dtype."""


@dataclass(frozen=True, eq=False)
class Diracs:
    """What is left of a product of kernels after ``orders[a]`` derivatives along every axis ``a``.

    With ``F`` the antiderivative of ``f``, ``orders[a]`` times along each axis, and ``positions`` and ``weights`` those
    of ``product()``, ``(f * kernel)(x) = sum_j weights[j] F(x - positions[j])``. Half sizes are not applied yet: with
    ``s`` a half size along an axis, positions there are ``s`` times these and weights ``s^-order`` times.

    Source: N. E. Nsampi et al., Neural Field Convolutions by Repeated Differentiation, ACM TOG 42(6), 2023.

    Attributes:
        positions: of the Diracs along each axis, in half sizes.
        weights: of the Diracs along each axis.
        orders: how often the signal is integrated along each axis: the kernel's degree + 1, or 0 where it is not
            filtered.
    """

    positions: tuple[Float[Tensor, "_"], ...]
    weights: tuple[Float[Tensor, "_"], ...]
    orders: tuple[int, ...]

    def product(self) -> tuple[Float[Tensor, "k d"], Float[Tensor, "k"]]:
        """Positions and weights of all Diracs in space: one for each combination of those along the axes."""
        dim = len(self.positions)
        positions = torch.cartesian_prod(*self.positions).reshape(-1, dim)
        return positions, torch.cartesian_prod(*self.weights).reshape(-1, dim).prod(-1)


class Filter(ABC):
    """A filter for all points, or one a point.

    A new one needs ``offsets``; ``response`` makes spectral fields take it, ``parse`` the command line. Parameters kept
    as tensors are moved and sliced by the base.

    Class attributes:
        name: what it is called on the command line and in ``FILTERS``.
    """

    name: ClassVar[str] = ""

    @property
    def per_point(self) -> int | None:
        """Number of points of a filter that differs from point to point, else None."""
        return None

    @abstractmethod
    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Turn uniform ``noise`` in (0, 1) into displacements drawn from the filter, in domain units.

        Taking the noise from the caller lets pseudo-random and quasi-random sampling share one path. Where
        ``has_weights``, displacements are drawn from the filter's absolute value, and each sample counts as much as
        ``weights`` says.
        """

    @property
    def has_weights(self) -> bool:
        """Whether samples count differently: the filter has negative lobes."""
        return type(self).weights is not Filter.weights

    def weights(self, offsets: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n"]:
        """What each sample of ``offsets`` counts; their mean is 1. All 1 but for filters with negative lobes."""
        return torch.ones_like(offsets[..., 0])

    @property
    def is_symmetric(self) -> bool:
        """Whether it is its own mirror image, so that its Fourier transform is real."""
        return True

    def mass(self, dim: int) -> Float[Tensor, "*n"]:
        """The integral of the filter over ``dim`` axes, () or (n): what a constant signal is multiplied by. Here 1."""
        return torch.ones(()) if self.per_point is None else torch.ones(self.per_point)

    @property
    def has_response(self) -> bool:
        """Whether the Fourier transform is known."""
        return type(self).response is not Filter.response

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """Fourier transform at ``frequencies`` (cycles per domain unit): (f) or, where it differs by point, (n, f).

        Raises:
            InputError: it is not known, or the filter is for another number of axes.
        """
        raise InputError(f"{type(self).__name__}: its Fourier transform is not known; sample it instead")

    def require_axes(self, dim: int) -> None:  # noqa: B027 (most filters suit any number of axes)
        """Raise InputError if the filter is for another number of axes than ``dim``."""

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """Half widths along each axis beyond which it is negligible: (d) or (n, d). Here three standard deviations."""
        return 3 * positive_sqrt(self.second_moment(dim).diagonal(dim1=-2, dim2=-1))

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """Mean of ``x x^T`` over the filter: (d, d) or (n, d, d). Here by sampling."""
        noise = sobol(1 << 14, dim, seed=0)[:, None].expand(-1, self.per_point or 1, dim)
        offsets = self.to("cpu").offsets(noise)
        weighted = offsets * self.to("cpu").weights(offsets)[..., None]
        moment = torch.einsum("snd,sne->nde", weighted, offsets) / len(offsets)
        return moment if self.per_point is not None else moment[0]

    def diracs(self, dim: int | None = None) -> tuple[Diracs, ...]:
        """The Diracs left after differentiating the kernel, a product each; not every kernel has them.

        Args:
            dim: number of axes, needed where the filter does not say.

        Raises:
            InputError: the kernel is not a piecewise polynomial, or ``dim`` is needed.
        """
        raise InputError(f"{type(self).__name__} is not a piecewise polynomial kernel, so it leaves no Diracs")

    def scaled(self, factor: float | Tensor) -> Filter:
        """The filter whose second moment is ``factor`` times this one's: its lengths times ``sqrt(factor)``."""
        return Scaled(self, positive_sqrt(torch.as_tensor(factor)))

    def on_axes(self, axes: Sequence[int], dim: int) -> Filter:
        """This filter along ``axes`` of a signal with ``dim`` coordinates; nothing is averaged along the others."""
        return Embedded(self, checked_axes(axes, dim), dim)

    @classmethod
    def parse(cls: type[AnyFilter], text: str) -> AnyFilter:
        """The filter that ``text`` stands for, as after the name in ``--filter NAME:TEXT``."""
        raise InputError(f"filter: {cls.name or cls.__name__} cannot be given as text")

    def __getitem__(self: AnyFilter, points: slice) -> AnyFilter:
        """The same filter for some of the points; a filter shared by all points is returned as it is."""
        return self if self.per_point is None else self._with_tensors(lambda tensor: tensor[points])

    def to(self: AnyFilter, device: torch.device | str) -> AnyFilter:
        """The same filter with its parameters on ``device``."""
        return self._with_tensors(lambda tensor: tensor.to(device))

    def _with_tensors(self: AnyFilter, change: Callable[[Tensor], Tensor]) -> AnyFilter:
        changed = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(changed, name, change(value))
        return changed


class _Derived(Filter):
    """A filter made of another one."""

    def __init__(self, filter: Filter) -> None:
        self._filter = filter

    @property
    def per_point(self) -> int | None:
        return self._filter.per_point

    @property
    def has_weights(self) -> bool:
        return self._filter.has_weights

    @property
    def has_response(self) -> bool:
        return self._filter.has_response

    @property
    def is_symmetric(self) -> bool:
        return self._filter.is_symmetric

    def mass(self, dim: int) -> Float[Tensor, "*n"]:
        """As of the other filter."""
        return self._filter.mass(dim)

    def require_axes(self, dim: int) -> None:
        """As of the other filter."""
        self._filter.require_axes(dim)

    def __getitem__(self: AnyFilter, points: slice) -> AnyFilter:
        return self._with_filter(lambda filter: filter[points])  # type: ignore[attr-defined]

    def to(self: AnyFilter, device: torch.device | str) -> AnyFilter:
        """The same filter on ``device``."""
        return self._with_filter(lambda filter: filter.to(device))  # type: ignore[attr-defined]

    def _with_filter(self, change: Callable[[Filter], Filter]) -> Any:
        changed = copy.copy(self)
        changed._filter = change(self._filter)
        return changed


class Scaled(_Derived):
    """A filter whose lengths are ``stretch`` times another's."""

    def __init__(self, filter: Filter, stretch: Float[Tensor, ""]) -> None:
        super().__init__(filter)
        self._stretch = stretch

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Those of the other filter, stretched."""
        return self._filter.offsets(noise) * self._stretch.to(noise)

    def weights(self, offsets: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n"]:
        """Those of the other filter."""
        stretch = self._stretch.to(offsets)
        return self._filter.weights(offsets / torch.where(stretch > 0, stretch, 1))

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """That of the other filter at frequencies as much higher."""
        return self._filter.response(frequencies * self._stretch.to(frequencies))

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """That of the other filter, stretched."""
        reach = self._filter.reach(dim)
        return reach * self._stretch.to(reach)

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """That of the other filter, stretched twice."""
        moment = self._filter.second_moment(dim)
        return moment * self._stretch.to(moment).square()


class Embedded(_Derived):
    """A filter of fewer axes: it averages along ``axes`` of ``dim`` coordinates and leaves the others alone."""

    def __init__(self, filter: Filter, axes: tuple[int, ...], dim: int) -> None:
        super().__init__(filter)
        filter.require_axes(len(axes))
        self._axes = list(axes)
        self._dim = dim

    def require_axes(self, dim: int) -> None:
        """Raise InputError unless they are as many as the signal's."""
        if dim != self._dim:
            raise InputError(f"filter: expected one for a {dim}-D signal, got one for {self._dim} coordinates")

    def mass(self, dim: int) -> Float[Tensor, "*n"]:
        """That of the other filter, over its axes."""
        self.require_axes(dim)
        return self._filter.mass(len(self._axes))

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Those of the other filter, along its axes."""
        self.require_axes(noise.shape[-1])
        offsets = torch.zeros_like(noise)
        offsets[..., self._axes] = self._filter.offsets(noise[..., self._axes])
        return offsets

    def weights(self, offsets: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n"]:
        """Those of the other filter."""
        return self._filter.weights(offsets[..., self._axes])

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """That of the other filter at the frequencies along its axes."""
        self.require_axes(frequencies.shape[1])
        return self._filter.response(frequencies[:, self._axes])

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """That of the other filter, 0 along the remaining axes."""
        self.require_axes(dim)
        reach = self._filter.reach(len(self._axes))
        embedded = reach.new_zeros(*reach.shape[:-1], dim)
        embedded[..., self._axes] = reach
        return embedded

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """That of the other filter, 0 along the remaining axes."""
        self.require_axes(dim)
        return embedded_matrix(self._filter.second_moment(len(self._axes)), self._axes, dim)


def checked_axes(axes: Sequence[int], dim: int) -> tuple[int, ...]:
    """``axes`` as they are. Raises InputError unless they are different axes of ``dim`` coordinates."""
    if len(set(axes)) != len(axes) or not all(0 <= axis < dim for axis in axes):
        raise InputError(f"axes: expected different ones from 0 to {dim - 1}, got {tuple(axes)}")
    return tuple(axes)


def embedded_matrix(
    matrix: Float[Tensor, "*n k k"], axes: Sequence[int], dim: int, elsewhere: float = 0.0
) -> Float[Tensor, "*n d d"]:
    """``matrix`` in the rows and columns ``axes`` of a larger one, whose diagonal is ``elsewhere`` outside of them."""
    diagonal = torch.full((dim,), elsewhere, dtype=matrix.dtype, device=matrix.device)
    diagonal[list(axes)] = 0
    embedded = diagonal.diag().expand(*matrix.shape[:-2], dim, dim).clone()
    index = torch.tensor(list(axes), device=matrix.device)
    embedded[..., index[:, None], index] = matrix
    return embedded


def positive_sqrt(value: Tensor) -> Tensor:
    """Square root of values from 0 up, whose gradient at 0, infinite by the formula, is 0."""
    positive = value > 0
    return torch.where(positive, torch.where(positive, value, 1).sqrt(), 0)


def full_precision_product(left: Float[Tensor, "*n k"], right: Float[Tensor, "k f"]) -> Float[Tensor, "*n f"]:
    """``left @ right`` for a small ``k``, never rounded to bfloat16 or TF32.

    Phases of a hundred turns, and quadratic forms of thin covariances, whose large terms cancel, do not survive the
    ten bits that tensor cores may keep.
    """
    product = left[..., :1] * right[0]
    for k in range(1, len(right)):
        product = torch.addcmul(product, left[..., k : k + 1], right[k])
    return product


def real_tensor(value: Numbers, what: str, what_if_flat: str | None = None, row: str = "") -> Tensor:
    """``value`` as a tensor of at least float32: from a number, nested sequences, an array or a tensor of any dtype.

    ``row`` is what a row of two-dimensional values is called in a refusal.

    Raises:
        InputError: starting with ``what``, or with ``what_if_flat`` for less than two dimensions: it holds anything but
            finite real numbers.
    """
    try:
        tensor = torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InputError(f"{what}: expected numbers, got {value!r:.80}") from error
    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise InputError(f"{what}: expected real numbers, got {tensor.dtype}".replace("torch.", ""))
    if tensor.dtype not in (torch.float32, torch.float64):
        tensor = tensor.to(torch.get_default_dtype())
    if not bool(torch.isfinite(tensor).all()):
        what = what_if_flat if what_if_flat and tensor.ndim < 2 else what
        raise InputError(f"{what}: expected finite numbers, got {first_value(tensor, ~torch.isfinite(tensor), row)}")
    return tensor


def first_value(value: Tensor, where: Tensor, row: str = "") -> str:
    """The first of the values where it holds, for a message; of two-dimensional ones with its row, so called."""
    at = f" at {row} {int(where.any(1).nonzero()[0, 0])}" if row and value.ndim == 2 else ""
    return f"{float(value[where].flatten()[0])}{at}"


def shown(value: Tensor) -> str:
    """A few numbers as they were typed, of more only the shape."""
    if value.numel() > 9:
        return str(tuple(value.shape))
    return re.sub(r"[0-9.e+-]+", lambda number: f"{float(number[0]):.6g}", str(value.tolist()))


def parsed_numbers(text: str, what: str, expected: str) -> list[float]:
    """Numbers between commas. Raises InputError that names ``what`` and says what is ``expected``."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"{what}: expected {expected}, got '{text}'") from error
