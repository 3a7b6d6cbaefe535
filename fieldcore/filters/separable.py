"""Filters that are a product of one-dimensional kernels, one along each axis."""

from __future__ import annotations

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor

from .along_axes import AlongAxes


class Separable(AlongAxes):
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

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """The kernel's, times the lengths, along the axes."""
        return self._across(self.kernel_offsets(noise) * self.lengths(noise.shape[-1]).to(noise))

    def weights(self, offsets: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n"]:
        """The product over the axes of the kernel's."""
        if not self.has_weights:
            return super().weights(offsets)
        lengths = self.lengths(offsets.shape[-1]).to(offsets)
        used = lengths > 0
        weights = self.kernel_weights(self._along(offsets) / torch.where(used, lengths, 1))
        return torch.where(used, weights, 1).prod(-1)

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """The product over the axes of the kernel's."""
        return torch.stack([self.kernel_response(cycles) for cycles in self._in_lengths(frequencies)]).prod(0)

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """Half sides of the box around the filter."""
        return self._box_reach(self.kernel_reach * self.lengths(dim))

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """That of the kernel times the squared lengths, along the axes."""
        return self._turned_moment((self.kernel_second_moment * self.lengths(dim).square()).diag_embed())
