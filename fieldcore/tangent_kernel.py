"""The neural tangent kernel of a coordinate network: how much a step at one point changes the value at another.

``K(x, y) = sum over all trained values of df(x)/dp df(y)/dp``. Of a dense layer with inputs ``h`` and derivative ``d``
of the output by its ``z`` the share is ``(d d^T) o (h h^T + 1)``: no Jacobian is ever formed.

Source: A. Jacot, F. Gabriel, C. Hongler, Neural Tangent Kernel: Convergence and Generalization in Neural Networks,
NeurIPS 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .devices import full_precision
from .errors import InputError
from .fields.coordinate import Coordinate
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
    matrices = network.matrices()
    inputs, kept = [field.mapping(x)], []
    for one, (matrix, bias) in zip(activations, matrices, strict=False):
        h, needed = one.run(torch.addmm(bias, inputs[-1], matrix.T))
        inputs.append(h)
        kept.append(needed)
    layers = []
    grad = matrices[-1][0][channel].expand(len(x), -1).clone()
    for layer in range(len(activations) - 1, -1, -1):
        grad = activations[layer].back(inputs[layer + 1], kept[layer], grad)
        is_complex = activations[layer].is_complex and layer > 0
        layers.append((activations[layer].fold * grad, inputs[layer], is_complex))
        grad = grad @ matrices[layer][0] if layer > 0 else grad
    return _summed(inputs[-1], layers)


_Layer = tuple[Tensor, Tensor, bool]
"""Derivatives by what goes into an activation, the layer's inputs, and whether both are halves of complex numbers."""

_BLOCK = 256
"""Points of a block, whose sums stay in a processor's cache."""


def _summed(last: Float[Tensor, "n w"], layers: Sequence[_Layer]) -> Float[Tensor, "n n"]:
    """The sum over all layers, of which one half is found, block by block, and mirrored."""
    kernel = last.new_empty(len(last), len(last))
    starts = range(0, len(last), _BLOCK)
    for i in (slice(start, start + _BLOCK) for start in starts):
        for j in (slice(start, start + _BLOCK) for start in starts if start <= i.start):
            block = (last[i] @ last[j].T).add_(1)
            for d, h, is_complex in layers:
                _add_share(block, d[i], h[i], d[j], h[j], is_complex)
            kernel[i, j] = block
            kernel[j, i] = block.T
    return kernel


def _add_share(block: Tensor, d: Tensor, h: Tensor, e: Tensor, g: Tensor, is_complex: bool) -> None:
    """Add ``(d e^T) o (h g^T + 1)``; of complex layers its real part, with conjugates."""
    block.addcmul_(d @ e.T, (h @ g.T).add_(1))
    if is_complex:
        block.addcmul_(_turned(d, e), _turned(h, g))


def _turned(v: Float[Tensor, "n w"], w: Float[Tensor, "m w"]) -> Float[Tensor, "n m"]:
    """The imaginary part of ``v w^H``, of what comes in halves."""
    real, imaginary = v.chunk(2, dim=1)
    other_real, other_imaginary = w.chunk(2, dim=1)
    return imaginary @ other_real.T - real @ other_imaginary.T


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
