"""Filters: what to average a signal over.

A filter has up to three faces, and a field uses the one it can:

* ``offsets``: displacements drawn from it (Monte-Carlo, which serves every field and every truth),
* ``response``: its Fourier transform (spectral fields multiply their features by it),
* ``diracs``: what is left of a piecewise polynomial kernel after repeated differentiation (integral fields).

All filters are centred, symmetric and of unit mass, so a constant signal passes unchanged.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from .errors import InputError


class Filter(ABC):
    """The base of all filters: one for all points, or one a point.

    ``per_point`` is the number of points of a filter that differs from point to point, else ``None``.
    """

    per_point: int | None

    @abstractmethod
    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Turn uniform ``noise`` in (0, 1) into displacements drawn from the filter, in domain units.

        Taking the noise from the caller lets pseudo-random and quasi-random sampling share one path.
        """

    @abstractmethod
    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """Fourier transform of the filter at ``frequencies`` (cycles per domain unit): (f) or, per point, (n, f)."""

    def diracs(self) -> tuple[Float[Tensor, "k d"], Float[Tensor, "k"]]:
        """Positions and weights of the Diracs left after differentiating the kernel; not every kernel has them."""
        raise InputError(f"{type(self).__name__} is not a piecewise polynomial kernel, so it leaves no Diracs")

    @abstractmethod
    def __getitem__(self, points: slice) -> Filter:
        """The same filter for some of the points; a filter shared by all points is returned as it is."""

    @abstractmethod
    def to(self, device: torch.device | str) -> Filter:
        """The same filter with its parameters on ``device``."""


class Gaussian(Filter):
    """A normal density with the given variance or covariance, in squared domain units.

    Args:
        covariance: one of
            a number or a 0-d tensor -- isotropic variance shared by all points;
            a (d, d) tensor or nested sequence -- covariance matrix shared by all points;
            an (n) tensor -- one isotropic variance a point;
            an (n, d, d) tensor -- one covariance matrix a point.

    Raises:
        InputError: a variance is negative, NaN or infinite, or a matrix is not symmetric positive semi-definite.
    """

    def __init__(self, covariance: float | Tensor | list[list[float]]) -> None:
        value = torch.as_tensor(covariance)
        if not value.is_floating_point():
            value = value.to(torch.get_default_dtype())
        if value.ndim > 3 or (value.ndim >= 2 and value.shape[-1] != value.shape[-2]):
            raise InputError(
                "covariance: expected a variance, a (d, d) matrix, an (n) or an (n, d, d) tensor, "
                f"got shape {tuple(value.shape)}"
            )
        _check_positive_semidefinite(value)
        self._value = value

    @classmethod
    def unchecked(cls, value: Tensor) -> Gaussian:
        """Wrap a valid tensor without the checks, which would stop a GPU's queue at every training step."""
        gaussian = cls.__new__(cls)
        gaussian._value = value
        return gaussian

    @property
    def isotropic(self) -> bool:
        """Whether the filter is given by variances rather than by matrices."""
        return self._value.ndim < 2

    @property
    def per_point(self) -> int | None:  # type: ignore[override]
        """Number of points, where each has a filter of its own, else None."""
        return self._value.shape[0] if self._value.ndim in (1, 3) else None

    @property
    def variance(self) -> Float[Tensor, "*n"]:
        """Isotropic variance: () or (n). Raises InputError for a filter given by matrices."""
        if not self.isotropic:
            raise InputError("this Gaussian is anisotropic: it has a covariance, not one variance")
        return self._value

    def covariance(self, dim: int) -> Float[Tensor, "*n d d"]:
        """Covariance matrix in ``dim`` dimensions: (d, d) or (n, d, d)."""
        if self.isotropic:
            identity = torch.eye(dim, dtype=self._value.dtype, device=self._value.device)
            return self._value[..., None, None] * identity
        if self._value.shape[-1] != dim:
            size = self._value.shape[-1]
            raise InputError(f"covariance: expected a {dim} x {dim} matrix for a {dim}-D signal, got {size} x {size}")
        return self._value

    def offsets(self, noise: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Inverse-CDF sampling: ``L z`` with ``L`` a square root of the covariance and ``z`` standard normal."""
        # 2^-24 away from 0 and 1, where the inverse CDF is infinite: cuts the tail at 5.3 standard deviations.
        uniform = noise.clamp(2.0**-24, 1 - 2.0**-24)
        normal = math.sqrt(2) * torch.erfinv(2 * uniform - 1)
        value = self._value.to(noise)
        if self.isotropic:
            return normal * value.sqrt()[..., None]
        root = _square_root(value)
        return (root @ normal[..., None]).squeeze(-1)

    def response(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """``exp(-2 pi^2 a^T Sigma a)`` for each frequency ``a``."""
        # Below e^-80 nothing changes but the speed: a processor's exp is several times slower on denormals.
        return torch.exp((-2 * math.pi**2 * quadratic_form(self, frequencies)).clamp_min(-80))

    def __getitem__(self, points: slice) -> Gaussian:
        return self if self.per_point is None else Gaussian.unchecked(self._value[points])

    def to(self, device: torch.device | str) -> Gaussian:
        """The same Gaussian on ``device``."""
        return Gaussian.unchecked(self._value.to(device))

    def scaled(self, factor: float | Tensor) -> Gaussian:
        """The Gaussian whose covariance is ``factor`` times this one's."""
        return Gaussian.unchecked(self._value * factor)

    def __add__(self, other: Gaussian) -> Gaussian:
        """Smoothing by one and then by the other: covariances add."""
        if self.isotropic and other.isotropic:
            return Gaussian.unchecked(self._value + other._value)
        dim = (other if self.isotropic else self)._value.shape[-1]
        return Gaussian.unchecked(self.covariance(dim) + other.covariance(dim).to(self._value))

    def __repr__(self) -> str:
        name = "variance" if self.isotropic else "covariance"
        return f"Gaussian({name}={self._value.tolist() if self._value.numel() <= 9 else tuple(self._value.shape)})"


def quadratic_form(gaussian: Gaussian, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
    """``a^T Sigma a`` for each frequency ``a`` (rows) and each covariance: (f) or, per point, (n, f)."""
    value = gaussian._value.to(frequencies)
    if gaussian.isotropic:
        return value[..., None] * frequencies.square().sum(-1)
    outer = (frequencies[:, :, None] * frequencies[:, None, :]).flatten(1)
    return full_precision_product(value.flatten(-2), outer.T).clamp_min(0)


def full_precision_product(left: Float[Tensor, "*n k"], right: Float[Tensor, "k f"]) -> Float[Tensor, "*n f"]:
    """``left @ right`` for a small ``k``, never rounded to bfloat16 or TF32.

    Phases of a hundred turns, and quadratic forms of thin covariances, whose large terms cancel, do not survive the
    ten bits that tensor cores may keep.
    """
    product = left[..., :1] * right[0]
    for k in range(1, len(right)):
        product = torch.addcmul(product, left[..., k : k + 1], right[k])
    return product


def _square_root(matrix: Float[Tensor, "*n d d"]) -> Float[Tensor, "*n d d"]:
    """A square root ``L`` with ``L L^T = matrix``; unlike Cholesky's it exists for singular matrices too."""
    if matrix.shape[-1] == 2:
        # Closed form: sqrt(M) = (M + sqrt(det) I) / sqrt(trace + 2 sqrt(det)).
        a, b, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
        root_det = (a * d - b * b).clamp_min(0).sqrt()
        scale = (a + d + 2 * root_det).clamp_min(torch.finfo(matrix.dtype).tiny).rsqrt()
        rows = [torch.stack([a + root_det, b], -1), torch.stack([b, d + root_det], -1)]
        return torch.stack(rows, -2) * scale[..., None, None]
    eigenvalues, vectors = torch.linalg.eigh(matrix)
    return vectors * eigenvalues.clamp_min(0).sqrt()[..., None, :]


def _check_positive_semidefinite(value: Tensor) -> None:
    if not bool(torch.isfinite(value).all()):
        what = "variance" if value.ndim < 2 else "covariance"
        raise InputError(f"{what}: expected finite numbers, got {_first(value, ~torch.isfinite(value))}")
    if value.ndim < 2:
        if bool((value < 0).any()):
            raise InputError(f"variance: expected 0 or more, got {_first(value, value < 0)}")
        return
    size = value.abs().amax(dim=(-1, -2), keepdim=True)
    if bool(((value - value.mT).abs() > 1e-6 * size).any()):
        raise InputError(f"covariance: expected a symmetric matrix, got {value.tolist()}")
    smallest = torch.linalg.eigvalsh(value.double()).amin(-1)
    if bool((smallest < -1e-6 * size[..., 0, 0]).any()):
        raise InputError(
            "covariance: expected a positive semi-definite matrix (no negative eigenvalue, so xy^2 <= xx * yy), "
            f"got smallest eigenvalue {cast(float, smallest.min().item()):.3g}"
        )


def _first(value: Tensor, where: Tensor) -> float:
    return cast(float, value[where].flatten()[0].item())
