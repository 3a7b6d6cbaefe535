"""The uniform ellipsoid: a disc in 2-D, a ball in 3-D, stretched and turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from .filter import Embedded, Filter, checked_axes, positive_sqrt
from .gaussian import standard_normal
from .matrix_filter import MatrixFilter

_SERIES_BELOW = 1.0  # phases up to which the closed forms, whose terms cancel there, give way to their series
_SERIES_TERMS = 8


class Ellipsoid(MatrixFilter):
    """The mean over the ellipsoid ``x^T Sigma^-1 x <= 1``, in 2-D an ellipse.

    Source: the filter named uniform ellipsoid by M. B. Yaldiz et al., Spectral Prefiltering of Neural Fields, 2025.

    Args:
        matrix: ``Sigma``, whose eigenvalues are the squared half axes, in squared domain units; as in ``Gaussian`` one
            for all points, (d, d), or one a point, (n, d, d). A number or (n) numbers are a ball's squared radius.

    Raises:
        InputError: a squared radius is negative, or a matrix is not symmetric positive semi-definite.

    Example:
        >>> disc = Ellipsoid.of_radius(0.1)
        >>> disc.second_moment(2)
        tensor([[0.0025, 0.0000],
                [0.0000, 0.0025]])
    """

    name = "ellipsoid"
    number_noun = "squared radius"
    matrix_noun = "shape matrix"

    @classmethod
    def of_radius(cls, radius: float) -> Ellipsoid:
        """A ball of that radius, in domain units. Raises InputError if it is negative."""
        if not radius >= 0:
            raise InputError(f"radius: expected 0 or more, got {radius}")
        return cls(radius**2)

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """``Sigma / (d + 2)``."""
        return self.matrix(dim) / (dim + 2)

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """Half sides of the box around the ellipsoid."""
        return positive_sqrt(self.matrix(dim).diagonal(dim1=-2, dim2=-1))

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """A normal vector's direction, its length through the CDF of such lengths to that of a uniform ball."""
        dim = noise.shape[-1]
        normal = standard_normal(noise)
        squared = normal.square().sum(-1, keepdim=True)
        share = torch.special.gammainc(torch.full_like(squared, dim / 2), squared / 2)
        return self._stretched(normal * (share.pow(1 / dim) * squared.clamp_min(1e-30).rsqrt()))

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """With ``k = 2 pi sqrt(a^T Sigma a)``: 1-D ``sin(k)/k``, 2-D ``2 J1(k)/k``, 3-D ``3 (sin k - k cos k)/k^3``.

        Raises:
            InputError: more than three axes, or a matrix of another size.
        """
        dim = frequencies.shape[1]
        if dim > 3:
            raise InputError(f"ellipsoid: its Fourier transform is known in 1-D, 2-D and 3-D, not in {dim}-D")
        squared = 4 * math.pi**2 * self.quadratic_form(frequencies)
        near = squared < _SERIES_BELOW**2
        k = torch.where(near, _SERIES_BELOW, squared).sqrt()
        return torch.where(near, _series(torch.where(near, squared, 0), dim), _CLOSED_FORMS[dim](k))

    def on_axes(self, axes: Sequence[int], dim: int) -> Filter:
        """The same ellipsoid along ``axes``, which no singular matrix of more axes stands for."""
        return Embedded(self, checked_axes(axes, dim), dim)

    @classmethod
    def parse(cls, text: str) -> Ellipsoid:
        """A ball's radius, ``0.1``, or the upper triangle of ``Sigma`` row by row, ``xx,xy,yy``."""
        filter: Ellipsoid = super().parse(text)
        return cls.of_radius(float(filter._value)) if filter.isotropic else filter


def _series(squared: Tensor, dim: int) -> Tensor:
    """The response for small phases, by the powers of ``k^2`` that all three closed forms begin with."""
    total = term = torch.ones_like(squared)
    for n in range(1, _SERIES_TERMS):
        term = term * squared / (-4 * n * (n + dim / 2))
        total = total + term
    return total


class _TwoJ1OverK(torch.autograd.Function):
    """``2 J1(k)/k``, with the derivative that PyTorch's J1 does not have: ``-2 J2(k)/k``."""

    @staticmethod
    def forward(ctx: Any, k: Tensor) -> Tensor:
        j1 = torch.special.bessel_j1(k)
        ctx.save_for_backward(k, j1)
        return 2 * j1 / k

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        k, j1 = ctx.saved_tensors
        j2 = 2 * j1 / k - torch.special.bessel_j0(k)
        return gradients[0] * -2 * j2 / k


def _sine_over_k(k: Tensor) -> Tensor:
    return k.sin() / k


def _two_j1_over_k(k: Tensor) -> Tensor:
    result: Tensor = _TwoJ1OverK.apply(k)
    return result


def _ball_3d(k: Tensor) -> Tensor:
    return 3 * (k.sin() - k * k.cos()) / k**3


_CLOSED_FORMS = {1: _sine_over_k, 2: _two_j1_over_k, 3: _ball_3d}
