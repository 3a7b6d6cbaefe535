"""The last layer of a network, solved for: it is linear, so least squares give the best one there is."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from .dense_network import DenseNetwork

_RIDGE = 1e-6  # relative to the mean square of a feature
_AT_ONCE = 1 << 13


@torch.no_grad()
def solve_output(
    network: DenseNetwork,
    features_of: Callable[[Tensor], Tensor],
    x: Float[Tensor, "n d"],
    wanted: Float[Tensor, "n c"],
) -> None:
    """Change the output layer so that the squared error at the points is least; it never becomes greater.

    What is solved for is the change, with a ridge, by the normal equations in float64: where features say nothing, the
    layer stays as it was trained. One whose features are not finite is left alone.

    Args:
        network: in evaluation mode, with a linear output and without batch normalisation.
        features_of: of points.
        x: the training points.
        wanted: what the network should give there.
    """
    *_, (matrix, bias) = network.matrices()
    size = matrix.shape[1] + 1
    squares = torch.zeros(size, size, dtype=torch.float64, device=x.device)
    rest = torch.zeros(size, matrix.shape[0], dtype=torch.float64, device=x.device)
    for points, values in zip(x.split(_AT_ONCE), wanted.split(_AT_ONCE), strict=True):
        h = network.layer_outputs(features_of(points), len(network.activations) - 1).double()
        error = values.double() - (h @ matrix.T.double() + bias.double())
        h = torch.cat([h, h.new_ones(len(h), 1)], dim=1)
        squares += h.T @ h
        rest += h.T @ error
    ridge = _RIDGE * squares.diagonal().mean()
    if not bool(torch.isfinite(ridge)) or ridge <= 0:
        return
    squares.diagonal().add_(ridge)
    factor, failed = torch.linalg.cholesky_ex(squares)
    change = torch.cholesky_solve(rest, factor).to(matrix.dtype)
    if failed or not bool(torch.isfinite(change).all()):
        return
    _add(network, change[:-1].T, change[-1])


def _add(network: DenseNetwork, to_matrix: Tensor, to_bias: Tensor) -> None:
    weight, bias = network.weights[-1], network.biases[-1]
    if weight.ndim == 2:
        weight += to_matrix
    else:  # its real numbers are those of the matrix [Wr, -Wi]
        real, imaginary = to_matrix.chunk(2, dim=1)
        weight += torch.stack([real, -imaginary])
    bias += to_bias
