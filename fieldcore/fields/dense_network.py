"""Dense layers with any activation, and their loss with its gradient, a chunk of points at a time.

What a layer's activation multiplies by is folded into its matrix, and complex layers are matrices of twice the size,
``[[Wr, -Wi], [Wi, Wr]]``: what is left for every point is a product, and one pass over what comes out of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from .activations import Activation
from .coordinate_recipe import CoordinateRecipe

CHUNK_POINTS = {"cpu": 1024, "cuda": 1 << 16}
"""Points whose loss and gradient are found at once: what a processor's caches hold, or what fills a GPU."""

_NORM_EPSILON, _NORM_MOMENTUM = 1e-3, 0.01  # Keras's defaults

Matrices = list[tuple[Tensor, Tensor]]
"""For each layer the matrix and the bias that features are multiplied by and added to."""


class DenseNetwork(nn.Module):
    """A first layer, ``hidden_layers`` more, and a linear output.

    Args:
        recipe: activation and sizes.
        inputs: features of a point.
        channels: of the output.
        generator: of the first weights.

    Attributes:
        activations: one a layer.
        weights: one a layer; of complex ones (2, outputs, inputs), the real and the imaginary part.
        biases: likewise; the output has a real part only.
        norms: batch normalisation after every activation, if the recipe says so.
    """

    def __init__(self, recipe: CoordinateRecipe, inputs: int, channels: int, generator: torch.Generator) -> None:
        super().__init__()
        kind = recipe.activation_type
        self._is_complex = kind.is_complex
        self.activations = [
            kind(
                recipe.omega_hidden if layer else recipe.omega_first,
                recipe.spread,
                recipe.carrier,
                recipe.finer_gradient,
                layer == 0,
            )
            for layer in range(recipe.hidden_layers + 1)
        ]
        width = int(recipe.width / math.sqrt(2)) if self._is_complex else recipe.width
        sizes = [inputs, *[width] * (recipe.hidden_layers + 1), channels]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
            parts = (2,) if self._is_complex and layer > 0 else ()
            bias_parts = parts if layer <= recipe.hidden_layers else ()
            within, bias_within = _first_bounds(recipe, layer, fan_in)
            self.weights.append(_uniform((*parts, fan_out, fan_in), within, generator))
            self.biases.append(_uniform((*bias_parts, fan_out), bias_within, generator))
        outputs = 2 * width if self._is_complex else width
        count = len(self.activations) if recipe.batch_norm else 0
        self.norms = nn.ModuleList(nn.BatchNorm1d(outputs, _NORM_EPSILON, _NORM_MOMENTUM) for _ in range(count))

    @property
    def square_matrices(self) -> list[nn.Parameter]:
        """Those of the layers after the first but for the output."""
        return list(self.weights)[1:-1]

    def matrices(self) -> Matrices:
        """What features are multiplied by and added to, layer by layer; gradients reach the parameters through it.

        In evaluation mode batch normalisation is part of the matrix after it.
        """
        made = []
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            fold = self.activations[layer].fold if layer < len(self.activations) else 1.0
            matrix, shift = fold * _as_real(weight, layer == len(self.activations)), fold * bias.flatten()
            if layer > 0 and self.norms and not self.training:
                matrix, shift = _with_norm(self.norms[layer - 1], matrix, shift)
            made.append((matrix, shift))
        return made

    def forward(self, features: Float[Tensor, "n w"]) -> Float[Tensor, "n c"]:
        """Values for features."""
        *hidden, (matrix, bias) = self.matrices()
        return F.linear(self._through(features, hidden), matrix, bias)

    def layer_outputs(self, features: Float[Tensor, "n w"], layer: int) -> Float[Tensor, "n v"]:
        """What comes out of the activation of a layer, the first being 0."""
        return self._through(features, self.matrices()[: layer + 1])

    def _through(self, h: Float[Tensor, "n w"], hidden: Matrices) -> Float[Tensor, "n v"]:
        for layer, (matrix, bias) in enumerate(hidden):
            h = self.activations[layer](F.linear(h, matrix, bias))
            if self.norms and self.training:
                h = self.norms[layer](h)
        return h

    def squared_error(
        self,
        features_of: Callable[[Tensor], Tensor],
        x: Float[Tensor, "n d"],
        wanted: Float[Tensor, "n c"],
        sigmoid: bool = False,
    ) -> Float[Tensor, ""]:
        """Mean squared error over points and channels, whose gradient is found with it in one pass over the points.

        Args:
            features_of: of points, without a gradient.
            x: the points.
            wanted: what the network should give there.
            sigmoid: whether what it gives goes through one.
        """
        matrices = self.matrices()
        flat = [tensor for pair in matrices for tensor in pair]
        loss: Tensor = _SquaredError.apply(self.activations, features_of, x, wanted, sigmoid, *flat)
        return loss


class _SquaredError(torch.autograd.Function):
    """The loss; its gradient in the matrices is found while it is computed, since both need the same passes."""

    @staticmethod
    def forward(
        ctx: Any,
        activations: Sequence[Activation],
        features_of: Callable[[Tensor], Tensor],
        x: Tensor,
        wanted: Tensor,
        sigmoid: bool,
        *flat: Tensor,
    ) -> Tensor:
        matrices = [tensor.detach() for tensor in flat[::2]]
        biases = [tensor.detach() for tensor in flat[1::2]]
        gradients = [_gradient_like(matrix) for matrix in matrices], [torch.zeros_like(bias) for bias in biases]
        chunk = CHUNK_POINTS.get(x.device.type, CHUNK_POINTS["cpu"])
        total = x.new_zeros((), dtype=torch.float64)
        for points, values in zip(x.split(chunk), wanted.split(chunk), strict=True):
            error = _add_gradient(activations, matrices, biases, features_of(points), values, sigmoid, *gradients)
            total += error
        count = wanted.numel()
        found = []
        for matrix, gradient, bias_gradient in zip(matrices, *gradients, strict=True):
            upright = gradient if gradient.shape == matrix.shape else gradient.T
            found += [upright * (2 / count), bias_gradient * (2 / count)]
        ctx.save_for_backward(*found)
        return (total / count).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        return (None,) * 5 + tuple(grad * gradient for gradient in ctx.saved_tensors)


def _add_gradient(
    activations: Sequence[Activation],
    matrices: Sequence[Tensor],
    biases: Sequence[Tensor],
    features: Tensor,
    wanted: Tensor,
    sigmoid: bool,
    matrix_gradients: Sequence[Tensor],
    bias_gradients: Sequence[Tensor],
) -> Tensor:
    """Add half the gradient of the sum of squared errors of a chunk of points; returns that sum."""
    inputs, kept = [features], []
    for activation, matrix, bias in zip(activations, matrices, biases, strict=False):
        h, needed = activation.run(torch.addmm(bias, inputs[-1], matrix.T))
        inputs.append(h)
        kept.append(needed)
    values = torch.addmm(biases[-1], inputs[-1], matrices[-1].T)
    if sigmoid:
        values.sigmoid_()
    grad = values - wanted
    error = grad.square().sum(dtype=torch.float64)
    if sigmoid:
        grad.mul_(values).mul_(1 - values)
    for layer in range(len(matrices) - 1, -1, -1):
        bias_gradients[layer].add_(grad.sum(0))
        _add_product(matrix_gradients[layer], grad, inputs[layer])
        if layer > 0:
            grad = activations[layer - 1].back(inputs[layer], kept[layer - 1], grad @ matrices[layer])
    return error


def _gradient_like(matrix: Tensor) -> Tensor:
    """Zeros for a gradient, transposed where a matrix has more rows than columns: see ``_add_product``."""
    return torch.zeros_like(matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T.contiguous())


def _add_product(gradient: Tensor, grad: Tensor, h: Tensor) -> None:
    """Add ``grad^T h``, or its transpose: few rows come out eight times as fast as few columns."""
    one, other = (grad, h) if grad.shape[1] <= h.shape[1] else (h, grad)
    gradient.addmm_(one.T, other)


def _as_real(weight: Tensor, is_output: bool) -> Tensor:
    """A weight as the matrix that real numbers, or halves of complex ones, are multiplied by."""
    if weight.ndim == 2:
        return weight
    real, imaginary = weight
    above = torch.cat([real, -imaginary], dim=1)
    return above if is_output else torch.cat([above, torch.cat([imaginary, real], dim=1)])


def _with_norm(norm: nn.Module, matrix: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix and the bias that have the normalisation in them which comes before."""
    assert isinstance(norm, nn.BatchNorm1d) and norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    shift = norm.bias - scale * norm.running_mean
    return matrix * scale, bias + matrix @ shift


def _first_bounds(recipe: CoordinateRecipe, layer: int, fan_in: int) -> tuple[float, float]:
    """Within which a layer's first weights and biases are uniform."""
    kind = recipe.activation_type
    usual = fan_in**-0.5
    bias = recipe.first_bias if layer == 0 and recipe.first_bias is not None else usual
    if kind.first_weights == "torch":
        return usual, bias
    if layer == 0:
        return 1 / fan_in, bias
    omega = kind(recipe.omega_hidden, recipe.spread, recipe.carrier).weight_omega
    return math.sqrt(6 / fan_in) / omega, bias


def _uniform(shape: tuple[int, ...], within: float, generator: torch.Generator) -> nn.Parameter:
    weight = torch.empty(shape)
    nn.init.uniform_(weight, -within, within, generator=generator)
    return nn.Parameter(weight)
