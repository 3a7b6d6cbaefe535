"""The neural tangent kernel of a coordinate network: how much a step at one point changes the value at another.

``K(x, y) = sum over all trained values of df(x)/dp df(y)/dp``. Of a dense layer with inputs ``h`` and derivative ``d``
of the output by its ``z`` the share is ``(d d^T) o (h h^T + 1)``: no Jacobian is ever formed.

Source: A. Jacot, F. Gabriel, C. Hongler, Neural Tangent Kernel: Convergence and Generalization in Neural Networks,
NeurIPS 2018.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .devices import full_precision
from .errors import InputError
from .fields.activations import Activation
from .fields.affine_layers import AffineLayer, chunks
from .fields.coordinate import Coordinate
from .fields.dense_network import run_hidden
from .kernel_size import MOST_POINTS, too_many_points

_SPREAD = 0.99


@torch.no_grad()
@full_precision()
def tangent_kernel(field: Coordinate, x: Float[Tensor, "n d"], channel: int = 0) -> Float[Tensor, "n n"]:
    """The kernel of one channel of what a network's last layer gives, with respect to all its trained values.

    FINER's factor counts as a variable here, whatever the recipe's ``finer_gradient``.

    Args:
        field: a network without batch normalisation, whose values depend on all points of a step.
        x: at most 4096 points, on the field's device.
        channel: of the output.

    Raises:
        InputError: too many points, no such channel, or batch normalisation.

    Example:
        >>> from fieldcore import Ackley, build_field, preset_recipe
        >>> field = build_field(preset_recipe("coordinate", "preview", Ackley().facts), Ackley().facts)
        >>> tangent_kernel(field, torch.rand(8, 2)).shape
        torch.Size([8, 8])
    """
    network = field.network
    if network.norms:
        raise InputError("kernel: expected a network without batch normalisation, whose values depend on other points")
    if len(x) > MOST_POINTS:
        raise InputError(too_many_points("kernel", len(x)))
    if not 0 <= channel < field.facts.channels:
        raise InputError(f"kernel: channel: expected from 0 to {field.facts.channels - 1}, got {channel}")
    activations = [replace(one, gradient="exact") for one in network.activations]
    layers = network.layers()
    some_at_once = chunks(x, width=layers[-1].inputs)
    found = [_factors(activations, layers, field.mapping(some), channel) for (some,) in some_at_once]
    parts = [part for factors in found for part in factors.split()]
    kernel = x.new_empty(len(x), len(x))
    ends = list(itertools.accumulate((len(part.last) for part in parts), initial=0))
    places = [slice(*ends_of) for ends_of in itertools.pairwise(ends)]
    for i, rows in enumerate(parts):
        for j, columns in enumerate(parts[: i + 1]):  # the other half is its mirror image
            block = _block(rows, columns)
            block = block if j < i else (block + block.T) / 2
            kernel[places[i], places[j]] = block
            kernel[places[j], places[i]] = block.T
    return kernel


_PART_POINTS = 272
"""Of two such parts of the points, every product stays in a processor's caches."""


@dataclass(frozen=True)
class _Complex:
    """Features that come in halves, with what their products are made of."""

    real: Float[Tensor, "n w"]
    imaginary: Float[Tensor, "n w"]
    total: Float[Tensor, "n w"]
    difference: Float[Tensor, "n w"]

    def __len__(self) -> int:
        return len(self.real)

    def split(self, points: int) -> list[_Complex]:
        """As that of tensors."""
        parts = (part.split(points) for part in (self.real, self.imaginary, self.total, self.difference))
        return [_Complex(*each) for each in zip(*parts, strict=True)]

    @classmethod
    def of(cls, halves: Float[Tensor, "n two_w"]) -> _Complex:
        """From both halves."""
        real, imaginary = halves.chunk(2, dim=1)
        return cls(real, imaginary, real + imaginary, real - imaginary)

    def by_conjugate(self, other: _Complex) -> tuple[Float[Tensor, "n m"], Float[Tensor, "n m"]]:
        """Real and imaginary part of ``v w^H``, by three products instead of four."""
        reals, imaginaries = self.real @ other.real.T, self.imaginary @ other.imaginary.T
        turned = (self.total @ other.difference.T).sub_(reals).add_(imaginaries)
        return reals.add_(imaginaries), turned


@dataclass(frozen=True)
class _Factors:
    """What the kernel of some points is made of.

    Attributes:
        last: inputs of the last layer, by whose outcome the derivative is 1.
        layers: of the others from the last to the first: derivatives of the output by what the layer gives, and the
            layer's inputs; both ``_Complex`` where they are.
    """

    last: Float[Tensor, "n w"]
    layers: list[tuple[Any, Any]]

    def split(self) -> list[_Factors]:
        """Those of parts of the points."""
        by_layer = [zip(d.split(_PART_POINTS), h.split(_PART_POINTS), strict=True) for d, h in self.layers]
        lasts = self.last.split(_PART_POINTS)
        return [_Factors(last, list(part)) for last, *part in zip(lasts, *by_layer, strict=True)]


def _factors(
    activations: Sequence[Activation], layers: Sequence[AffineLayer], features: Float[Tensor, "n w"], channel: int
) -> _Factors:
    """What the kernel of some points is made of."""
    inputs, kept = run_hidden(activations, layers, features)
    grad = torch.zeros_like(layers[-1].run(inputs[-1]))
    grad[:, channel] = 1
    found: list[tuple[Any, Any]] = []
    for index in range(len(activations) - 1, -1, -1):
        one = activations[index]
        grad = one.back(inputs[index + 1], kept[index], layers[index + 1].back(grad))
        pair = one.fold * grad, inputs[index]
        is_complex = one.is_complex and index > 0
        found.append((_Complex.of(pair[0]), _Complex.of(pair[1])) if is_complex else pair)
    return _Factors(inputs[-1], found)


def _block(rows: _Factors, columns: _Factors) -> Float[Tensor, "n m"]:
    """The kernel of some points by others: of every layer ``(d d^T) o (h h^T + 1)``, of complex ones its real part,
    with conjugates."""
    block = (rows.last @ columns.last.T).add_(1)
    for (d, h), (e, g) in zip(rows.layers, columns.layers, strict=True):
        if isinstance(d, _Complex):
            (by_d, turned_d), (by_h, turned_h) = d.by_conjugate(e), h.by_conjugate(g)
            block.addcmul_(turned_d, turned_h)
        else:
            by_d, by_h = d @ e.T, h @ g.T
        block.addcmul_(by_d, by_h.add_(1))
    return block


_PROFILED_SHARES = (0.05, 0.95)


class DistanceBins:
    """Pairs of points sorted into ranges of their distance, for the profiles of all kernels of these points.

    Args:
        x: the points.
        bins: ranges between 0 and the greatest distance.

    Attributes:
        middles: of the ranges that occur.
    """

    def __init__(self, x: Float[np.ndarray, "n d"], bins: int = 64) -> None:
        distances = np.linalg.norm(x[:, None] - x[None], axis=2).ravel()
        edges = np.linspace(0, distances.max() + 1e-9, bins + 1)
        which = np.minimum(np.digitize(distances, edges) - 1, bins - 1)
        self._order = np.argsort(which, kind="stable")
        counts = np.bincount(which, minlength=bins)
        self._cuts = np.cumsum(counts[counts > 0])[:-1]
        self.middles = ((edges[:-1] + edges[1:]) / 2)[counts > 0].round(9)

    def profile(self, kernel: Float[np.ndarray, "n n"]) -> tuple[Float[np.ndarray, "k"], ...]:
        """See ``kernel_profile``."""
        parts = np.split(kernel.ravel()[self._order], self._cuts)
        low, high = np.array([_quantiles(part) for part in parts]).T
        return self.middles, low, np.array([part.mean() for part in parts]), high


def _quantiles(values: Float[np.ndarray, "n"]) -> Float[np.ndarray, "2"]:
    """Two quantiles, between neighbours linear, from one sorting, which costs a third of ``numpy.quantile``."""
    ordered = np.sort(values)
    at = np.array(_PROFILED_SHARES) * (len(ordered) - 1)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def kernel_profile(
    kernel: Float[np.ndarray, "n n"], x: Float[np.ndarray, "n d"], bins: int = 64
) -> tuple[Float[np.ndarray, "k"], ...]:
    """A kernel over the distance of two points.

    Returns:
        of each range of distances that occurs: its middle, and the kernel's 5th percentile, mean and 95th percentile.

    Example:
        >>> [part.tolist() for part in kernel_profile(np.eye(2), np.array([[0.0], [2.0]]), bins=2)]
        [[0.5, 1.5], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]
    """
    return DistanceBins(x, bins).profile(kernel)


@dataclass(frozen=True)
class KernelSpectrum:
    """What a kernel's eigenvalues say.

    Attributes:
        eigenvalues: (n), the greatest first.
        eigenvectors: (n, n), a column each; (n, 0) where they were not asked for.
        effective_rank: ``(sum l)^2 / sum l^2``.
        count_99: how many eigenvalues make up 99 % of their sum.
    """

    eigenvalues: Float[np.ndarray, "n"]
    eigenvectors: Float[np.ndarray, "n k"]
    effective_rank: float
    count_99: int

    def shares(self, values: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The share of the variance of ``values`` that lies in the first 1, 2, ... eigenvectors."""
        centred = values - values.mean()
        energy = (self.eigenvectors.T @ centred) ** 2
        return np.cumsum(energy) / max(float(energy.sum()), 1e-30)

    def predicted_errors(self, error: Float[np.ndarray, "n"], times: Float[np.ndarray, "t"]) -> Float[np.ndarray, "t"]:
        """Mean squared error after ``times``, steps times learning rate, of gradient descent from an ``error``.

        As long as the kernel stays what it is, the error along eigenvector k falls as ``exp(-2 l_k t / n)``.
        """
        energy = (self.eigenvectors.T @ error) ** 2 / len(error)
        rates = 2 * np.maximum(self.eigenvalues, 0) / len(error)
        return np.exp(-2 * np.outer(times, rates)) @ energy


def kernel_spectrum(kernel: Float[Tensor, "n n"], vectors: bool = True) -> KernelSpectrum:
    """Eigenvalues and eigenvectors of a kernel; without ``vectors`` in half the time.

    Example:
        >>> kernel_spectrum(torch.diag(torch.tensor([1.0, 3.0]))).effective_rank
        1.6
    """
    found = torch.linalg.eigh(kernel) if vectors else (torch.linalg.eigvalsh(kernel), kernel[:, :0])
    eigenvalues, eigenvectors = (part.cpu().double().flip(-1).numpy() for part in found)
    positive = np.maximum(eigenvalues, 0)
    rank = float(positive.sum() ** 2 / max(np.square(positive).sum(), 1e-300))
    shares = np.cumsum(positive) / max(positive.sum(), 1e-300)
    return KernelSpectrum(eigenvalues, eigenvectors, round(rank, 12), int(np.searchsorted(shares, _SPREAD)) + 1)
