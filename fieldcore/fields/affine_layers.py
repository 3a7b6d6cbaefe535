"""Affine layers without a graph: what comes out for some points, what goes back, and the gradient in their weights.

Features of points are (points, features) as everywhere, but by columns: in memory the values of one feature at all
points lie side by side (``h.T`` is contiguous). So the halves of complex features are whole blocks, over which
activations run as over any other, and products are up to a sixth faster.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

CHUNK_NUMBERS = {"cpu": 128_000, "cuda": 1 << 24}
"""Points times features of a layer that go through at once: what a processor's caches hold, or what fills a GPU."""

_LINE = 16
"""Numbers of a line of a cache. Columns of an odd number of lines do not share places in it, as those of 1024 do."""


def chunks(*tensors: Float[Tensor, "n _"], width: int, threads: int = 1) -> Iterator[tuple[Tensor, ...]]:
    """Split points, and what belongs to them, into parts of one size that suits the device.

    Args:
        tensors: of as many rows.
        width: features of the layers that they go through.
        threads: of a processor that share a part.

    Example:
        >>> [len(part) for (part,) in chunks(torch.zeros(2048, 2), width=128)]
        [688, 688, 672]
    """
    points = len(tensors[0])
    numbers = CHUNK_NUMBERS.get(tensors[0].device.type, CHUNK_NUMBERS["cpu"])
    most = max(1, numbers // width) * threads
    even = points / max(1, math.ceil(points / most))
    size = min(most, (math.ceil(even / _LINE) | 1) * _LINE)
    return zip(*(tensor.split(size) for tensor in tensors), strict=True)


def by_columns(h: Float[Tensor, "n w"]) -> Float[Tensor, "n w"]:
    """The same values, by columns in memory."""
    return h.T.contiguous().T


class AffineLayer:
    """``W h + b``, which adds up the gradient in ``W`` and ``b`` over chunks of points.

    Args:
        weight: ``W``.
        bias: ``b``.

    Attributes:
        inputs: features that go in.
        bias_gradient: in ``b``, of all that was added.

    Example:
        >>> AffineLayer(torch.eye(2), torch.ones(2)).run(torch.zeros(1, 2))
        tensor([[1., 1.]])
    """

    def __init__(self, weight: Float[Tensor, "v w"], bias: Float[Tensor, "v"]) -> None:
        self._weight, self._bias, self.inputs = weight, bias, weight.shape[1]
        self._is_low = weight.shape[0] <= weight.shape[1]
        self._gradient = torch.zeros_like(weight if self._is_low else weight.T.contiguous())
        self.bias_gradient = torch.zeros_like(bias)

    def run(self, h: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """``W h + b`` of every point, by columns."""
        return torch.addmm(self._bias[:, None], self._weight, h.T).T

    def back(self, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """The gradient in ``h`` from that in what came out, by columns."""
        return torch.mm(self._weight.T, grad.T).T

    def add_gradient(self, grad: Float[Tensor, "n v"], h: Float[Tensor, "n w"]) -> None:
        """Add the share of these points."""
        self.bias_gradient.add_(grad.sum(0))
        one, other = (grad, h) if self._is_low else (h, grad)  # few rows come out faster than few columns
        self._gradient.addmm_(one.T, other)

    @property
    def weight_gradient(self) -> Float[Tensor, "v w"]:
        """In ``W``, of all that was added."""
        return self._gradient if self._is_low else self._gradient.T
