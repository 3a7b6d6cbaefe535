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
from .affine_layers import AffineLayer, by_columns, chunks
from .coordinate_recipe import CoordinateRecipe

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

    def layers(self) -> list[AffineLayer]:
        """As ``matrices``, without a graph."""
        with torch.no_grad():
            return [AffineLayer(*pair) for pair in self.matrices()]

    def forward(self, features: Float[Tensor, "n w"]) -> Float[Tensor, "n c"]:
        """Values for features; where no gradient is asked for, as quickly as a step has them."""
        if not torch.is_grad_enabled() and not (self.norms and self.training):
            return self._values(features)
        *hidden, (matrix, bias) = self.matrices()
        return F.linear(self._through(features, hidden), matrix, bias)

    def _values(self, features: Float[Tensor, "n w"]) -> Float[Tensor, "n c"]:
        *hidden, output = self.layers()
        found = []
        for (h,) in chunks(features, width=output.inputs, threads=torch.get_num_threads()):
            for activation, layer in zip(self.activations, hidden, strict=True):
                h, _ = activation.run(layer.run(h))
            found.append(output.run(h))
        return torch.cat(found)

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
        flat = [tensor for pair in self.matrices() for tensor in pair]
        loss: Tensor = _SquaredError.apply(self.activations, features_of, x, wanted, sigmoid, *flat)
        return loss


class _SquaredError(torch.autograd.Function):
    """The loss; its gradient in the weights is found while it is computed, since both need the same passes."""

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
        layers = [AffineLayer(*pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
        total = x.new_zeros((), dtype=torch.float64)
        for points, values in chunks(x, wanted, width=layers[-1].inputs):
            total += _add_gradient(activations, layers, features_of(points), values, sigmoid)
        found = [gradient for layer in layers for gradient in (layer.weight_gradient, layer.bias_gradient)]
        ctx.save_for_backward(*(gradient * (2 / wanted.numel()) for gradient in found))
        return (total / wanted.numel()).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        return (None,) * 5 + tuple(grad * gradient for gradient in ctx.saved_tensors)


def run_hidden(
    activations: Sequence[Activation], layers: Sequence[AffineLayer], features: Float[Tensor, "n w"]
) -> tuple[list[Tensor], list[Any]]:
    """What goes into every layer, and what each activation keeps for its way back."""
    inputs, kept = [by_columns(features)], []
    for activation, layer in zip(activations, layers, strict=False):
        h, needed = activation.run(layer.run(inputs[-1]))
        inputs.append(h)
        kept.append(needed)
    return inputs, kept


def _add_gradient(
    activations: Sequence[Activation], layers: Sequence[AffineLayer], features: Tensor, wanted: Tensor, sigmoid: bool
) -> Tensor:
    """Add half the gradient of the sum of squared errors of a chunk of points to the layers'; returns that sum."""
    inputs, kept = run_hidden(activations, layers, features)
    values = layers[-1].run(inputs[-1])
    if sigmoid:
        values.sigmoid_()
    grad = values - wanted
    error = grad.square().sum(dtype=torch.float64)
    if sigmoid:
        grad.mul_(values).mul_(1 - values)
    for index in range(len(layers) - 1, -1, -1):
        layers[index].add_gradient(grad, inputs[index])
        if index > 0:
            grad = activations[index - 1].back(inputs[index], kept[index - 1], layers[index].back(grad))
    return error


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
