"""Filters with a length along each axis, of the signal or of their own."""

from __future__ import annotations

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

AnyAlongAxes = TypeVar("AnyAlongAxes", bound="AlongAxes")


class AlongAxes(Filter):
    """A filter that is as long along each axis as its length there says; a subclass says what it is along them.

    Args:
        lengths: in domain units, tensors, arrays or sequences of any real dtype: one of
            a number or () -- the same along all axes, shared by all points;
            (d) -- one an axis, shared by all points;
            (n, d) -- one an axis for each point; (n, 1) the same along all axes.
        axes: orthonormal axes, one a column, (d, d) or (n, d, d), where they are not those of the signal.

    Raises:
        InputError: a length is negative, NaN or infinite, axes are not orthonormal, or sizes do not match.
    """

    length_noun: ClassVar[str]

    def __init__(self, lengths: Numbers, axes: Numbers | None = None) -> None:
        value = real_tensor(lengths, self.length_noun, row="point")
        if value.ndim > 2:
            raise InputError(
                f"{self.length_noun}: expected a number, one an axis (d), or one an axis for each point (n, d), "
                f"got shape {tuple(value.shape)}"
            )
        if bool((value < 0).any()):
            raise InputError(f"{self.length_noun}: expected 0 or more, got {first_value(value, value < 0, 'point')}")
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

    def axes(self, dim: int) -> Float[Tensor, "*n d d"]:
        """The filter's axes, one a column: (d, d) or (n, d, d)."""
        if self._axes is None:
            return torch.eye(dim, dtype=self._lengths.dtype, device=self._lengths.device)
        return self._axes

    def lengths(self, dim: int) -> Float[Tensor, "*n d"]:
        """Length along each axis: (d) or (n, d). Raises InputError if it is for another number of axes."""
        if self._lengths.ndim == 0:
            return self._lengths.expand(dim)
        if self._lengths.ndim == 2 and self._lengths.shape[1] == 1:
            return self._lengths.expand(-1, dim)
        if self._lengths.shape[-1] != dim:
            size = self._lengths.shape[-1]
            raise InputError(f"{self.length_noun}: expected {dim} for a {dim}-D signal, one an axis, got {size}")
        return self._lengths

    def _along(self, offsets: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Displacements in coordinates along the signal's axes as such along the filter's own."""
        if self._axes is None:
            return offsets
        return (self._axes.to(offsets) * offsets[..., :, None]).sum(-2)

    def _across(self, along: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Inverse of ``_along``."""
        return along if self._axes is None else (self._axes.to(along) * along[..., None, :]).sum(-1)

    def _in_lengths(self, frequencies: Float[Tensor, "f d"]) -> list[Float[Tensor, "*n f"]]:
        """Frequencies along each axis of the filter, in cycles a length there."""
        lengths = self.lengths(frequencies.shape[1]).to(frequencies)
        cycles = []
        for axis in range(frequencies.shape[1]):
            along = frequencies[:, axis]
            if self._axes is not None:
                along = full_precision_product(self._axes.to(frequencies)[..., :, axis], frequencies.T)
            cycles.append(lengths[..., axis, None] * along)
        return cycles

    def _box_reach(self, along: Float[Tensor, "*n d"]) -> Float[Tensor, "*n d"]:
        """Half sides of the box around what reaches so far along the filter's axes."""
        return along if self._axes is None else (self._axes.abs() * along[..., None, :]).sum(-1)

    def _turned_moment(self, along: Float[Tensor, "*n d d"]) -> Float[Tensor, "*n d d"]:
        """A matrix of moments along the filter's axes as one along the signal's."""
        return along if self._axes is None else self._axes @ along @ self._axes.mT

    def scaled(self: AnyAlongAxes, factor: float | Tensor) -> AnyAlongAxes:
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
