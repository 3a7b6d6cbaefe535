"""Filters that are a product of one-dimensional kernels, one along each axis."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from .filter import (
    Filter,
    Numbers,
    checked_axes,
    embedded_matrix,
    first_value,
    full_precision_product,
    real_tensor,
    shown,
)

AnySeparable = TypeVar("AnySeparable", bound="Separable")


class Separable(Filter):
    """A product over the axes of one kernel, as long along each as its length there says.

    A new one needs the four ``kernel_...`` methods, for a length of 1.

    Args:
        lengths: in domain units, tensors, arrays or sequences of any real dtype: one of
            a number or () -- the same along all axes, shared by all points;
            (d) -- one an axis, shared by all points;
            (n, d) -- one an axis for each point.
        axes: orthonormal axes, one a column, (d, d) or (n, d, d), where they are not those of the signal.

    Raises:
        InputError: a length is negative, NaN or infinite, axes are not orthonormal, or sizes do not match.
    """

    length_noun: ClassVar[str]

    def __init__(self, lengths: Numbers, axes: Numbers | None = None) -> None:
        value = real_tensor(lengths, self.length_noun)
        if value.ndim > 2:
            raise InputError(
                f"{self.length_noun}: expected a number, one an axis (d), or one an axis for each point (n, d), "
                f"got shape {tuple(value.shape)}"
            )
        if bool((value < 0).any()):
            raise InputError(f"{self.length_noun}: expected 0 or more, got {first_value(value, value < 0)}")
        self._lengths = value
        self._axes = None if axes is None else self._checked(axes).to(value)

    def _checked(self, axes: Numbers) -> Tensor:
        columns = real_tensor(axes, "axes")
        expected = (*self._lengths.shape, self._lengths.shape[-1]) if self._lengths.ndim else (0,)
        if tuple(columns.shape) != expected:
            raise InputError(
                f"axes: expected (d, d) with lengths (d), or (n, d, d) with lengths (n, d), "
                f"got {tuple(columns.shape)} with {tuple(self._lengths.shape)}"
            )
        identity = torch.eye(columns.shape[-1], dtype=torch.float64, device=columns.device)
        if bool(((columns.double().mT @ columns.double() - identity).abs() > 1e-4).any()):
            raise InputError("axes: expected orthonormal columns")
        return columns

    @abstractmethod
    def kernel_offsets(self, noise: Tensor) -> Tensor:
        """Uniform ``noise`` in (0, 1) as displacements drawn from the kernel, or from its absolute value."""

    @abstractmethod
    def kernel_response(self, frequency: Tensor) -> Tensor:
        """The kernel's Fourier transform at a frequency in cycles a length."""

    @property
    @abstractmethod
    def kernel_second_moment(self) -> float:
        """Mean of ``u^2`` over the kernel."""

    @property
    @abstractmethod
    def kernel_reach(self) -> float:
        """Where the kernel ends."""

    def kernel_weights(self, u: Tensor) -> Tensor:
        """What a displacement counts, where the kernel has negative lobes."""
        raise NotImplementedError

    @property
    def has_weights(self) -> bool:
        """Whether the kernel has negative lobes."""
        return type(self).kernel_weights is not Separable.kernel_weights

    @property
    def per_point(self) -> int | None:
        """Number of points, where each has a filter of its own, else None."""
        return self._lengths.shape[0] if self._lengths.ndim == 2 else None

    def require_axes(self, dim: int) -> None:
        """Raise InputError if there are lengths for another number of axes."""
        self.lengths(dim)

    @property
    def turned(self) -> bool:
        """Whether its axes are not those of the signal."""
        return self._axes is not None

    def lengths(self, dim: int) -> Float[Tensor, "*n d"]:
        """Length along each axis: (d) or (n, d). Raises InputError if it is for another number of axes."""
        if self._lengths.ndim == 0:
            return self._lengths.expand(dim)
        if self._lengths.shape[-1] != dim:
            size = self._lengths.shape[-1]
            raise InputError(f"{self.length_noun}: expected {dim} for a {dim}-D signal, one an axis, got {size}")
        return self._lengths

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """The kernel's, times the lengths, along the axes."""
        along = self.kernel_offsets(noise) * self.lengths(noise.shape[-1]).to(noise)
        if self._axes is None:
            return along
        return (self._axes.to(noise) * along[..., None, :]).sum(-1)

    def weights(self, offsets: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n"]:
        """The product over the axes of the kernel's."""
        if not self.has_weights:
            return super().weights(offsets)
        lengths = self.lengths(offsets.shape[-1]).to(offsets)
        if self._axes is not None:
            offsets = (self._axes.to(offsets) * offsets[..., :, None]).sum(-2)
        used = lengths > 0
        weights = self.kernel_weights(offsets / torch.where(used, lengths, 1))
        return torch.where(used, weights, 1).prod(-1)

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """The product over the axes of the kernel's."""
        dim = frequencies.shape[1]
        lengths = self.lengths(dim).to(frequencies)
        factors = []
        for axis in range(dim):
            along = frequencies[:, axis]
            if self._axes is not None:
                along = full_precision_product(self._axes.to(frequencies)[..., :, axis], frequencies.T)
            factors.append(self.kernel_response(lengths[..., axis, None] * along))
        return torch.stack(factors).prod(0)

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """Half sides of the box around the filter."""
        lengths = self.kernel_reach * self.lengths(dim)
        return lengths if self._axes is None else (self._axes.abs() * lengths[..., None, :]).sum(-1)

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """That of the kernel times the squared lengths, along the axes."""
        moments = self.kernel_second_moment * self.lengths(dim).square()
        if self._axes is None:
            return moments.diag_embed()
        return (self._axes * moments[..., None, :]) @ self._axes.mT

    def scaled(self: AnySeparable, factor: float | Tensor) -> AnySeparable:
        """The filter whose second moment is ``factor``, a number or (), times this one's."""
        stretch = torch.as_tensor(factor).sqrt().to(self._lengths)
        return self._with_tensors(lambda tensor: tensor * stretch if tensor is self._lengths else tensor)

    def on_axes(self, axes: Sequence[int], dim: int) -> Filter:
        """This filter along ``axes`` of ``dim`` coordinates; nothing is averaged along the others."""
        axes = checked_axes(axes, dim)
        lengths = self.lengths(len(axes))
        embedded = lengths.new_zeros(*lengths.shape[:-1], dim)
        embedded[..., list(axes)] = lengths
        changed = self._with_tensors(lambda tensor: tensor)
        changed._lengths = embedded
        if self._axes is not None:
            changed._axes = embedded_matrix(self._axes, axes, dim, elsewhere=1.0)
        return changed

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.length_noun.replace(' ', '_')}={shown(self._lengths)})"
