"""What the warm start of a pyramid is made of: values on nested lattices, smoothed, weighted.

Source: Burt and Adelson, The Laplacian Pyramid as a Compact Image Code, IEEE Trans. Communications 1983.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor


def smoothed(values: Float[Tensor, "c *shape"], variance: float, stride: int) -> Float[Tensor, "c *coarse"]:
    """Values at vertices, each axis smoothed by a sampled Gaussian; every ``stride``-th of them is kept.

    Beyond the border the last value continues.
    """
    reach = math.ceil(3.5 * math.sqrt(variance))
    kernel = [math.exp(-(step**2) / (2 * variance)) for step in range(-reach, reach + 1)]
    for axis in range(1, values.ndim):
        count = values.shape[axis]
        first, last = values.narrow(axis, 0, 1), values.narrow(axis, count - 1, 1)
        padded = torch.cat([first] * reach + [values] + [last] * reach, axis)
        values = torch.zeros_like(values[(slice(None),) * axis + (slice(None, None, stride),)])
        for step, weight in enumerate(kernel):
            shifted = padded[(slice(None),) * axis + (slice(step, step + count, stride),)]
            values.add_(shifted, alpha=weight / sum(kernel))
    return values


def least_squares(
    rows: Float[Tensor, "k n"], target: Float[Tensor, "n"], usual: Float[Tensor, "k"]
) -> Float[Tensor, "k"]:
    """Weights with which the rows add up to nearly ``target``; the usual ones where that does not depend on them."""
    a, b, weights = (tensor.cpu().double() for tensor in (rows, target, usual))
    indifference = 1e-6 * len(b) * torch.eye(len(a), dtype=a.dtype)
    return (weights + torch.linalg.solve(a @ a.T + indifference, a @ (b - weights @ a))).to(usual)
