"""The Gaussian filter."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from .filter import Numbers, positive_sqrt
from .matrix_filter import MatrixFilter


class Gaussian(MatrixFilter):
    """A normal density with the given variance or covariance, in squared domain units.

    Args:
        covariance: tensors, arrays or nested sequences of any real dtype: one of
            a number or () -- isotropic variance shared by all points;
            (d, d) -- covariance matrix shared by all points;
            (n) -- one isotropic variance a point;
            (n, d, d) -- one covariance matrix a point.

    Raises:
        InputError: a variance is negative, NaN or infinite, or a matrix is not symmetric positive semi-definite.

    Example:
        >>> Gaussian(1e-3).variance
        tensor(0.0010)
        >>> Gaussian([[4e-2, 1e-2], [1e-2, 9e-3]]).response(torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
        tensor([1.0000, 0.2561])
    """

    name = "gaussian"
    number_noun = "variance"
    matrix_noun = "covariance"

    def __init__(self, covariance: Numbers) -> None:
        super().__init__(covariance)

    @property
    def variance(self) -> Float[Tensor, "*n"]:
        """Isotropic variance: () or (n). Raises InputError for a filter given by matrices."""
        if not self.isotropic:
            raise InputError("this Gaussian is anisotropic: it has a covariance, not one variance")
        return self._value

    def covariance(self, dim: int) -> Float[Tensor, "*n d d"]:
        """Covariance matrix in ``dim`` dimensions: (d, d) or (n, d, d). Raises InputError if it has another size."""
        return self.matrix(dim)

    def second_moment(self, dim: int) -> Float[Tensor, "*n d d"]:
        """The covariance."""
        return self.matrix(dim)

    def reach(self, dim: int) -> Float[Tensor, "*n d"]:
        """Three standard deviations along each axis."""
        return 3 * positive_sqrt(self.matrix(dim).diagonal(dim1=-2, dim2=-1))

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Inverse-CDF sampling: ``L z`` with ``L`` a square root of the covariance and ``z`` standard normal."""
        return self._stretched(standard_normal(noise))

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """``exp(-2 pi^2 a^T Sigma a)`` for each frequency ``a``."""
        # Below e^-80 nothing changes but the speed: a processor's exp is several times slower on denormals.
        return torch.exp((-2 * math.pi**2 * self.quadratic_form(frequencies)).clamp_min(-80))

    def __add__(self, other: Gaussian) -> Gaussian:
        """Smoothing by one and then by the other: covariances add."""
        if self.isotropic and other.isotropic:
            return Gaussian.unchecked(self._value + other._value)
        dim = (other if self.isotropic else self)._value.shape[-1]
        return Gaussian.unchecked(self.covariance(dim) + other.covariance(dim).to(self._value))


def standard_normal(noise: Tensor) -> Tensor:
    """Standard normal values from uniform ones in (0, 1)."""
    # 2^-24 away from 0 and 1, where the inverse CDF is infinite: cuts the tail at 5.3 standard deviations.
    uniform = noise.clamp(2.0**-24, 1 - 2.0**-24)
    return math.sqrt(2) * torch.erfinv(2 * uniform - 1)
