"""A network in which no difference can grow: every layer's spectral norm is at most 1, by construction."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..devices import full_precision

OrthogonalMap = Literal["matrix_exp", "cayley"]
"""How skew matrices become rotations: the paper's matrix exponential, or the cheaper Cayley transform."""

LAYERS = 3
"""Hidden layers; with the output layer the paper's network of four."""


class LipschitzNetwork(nn.Module):
    """Hidden layers ``W = U diag(sigmoid(s)) V^T`` with ReLU, and an output layer with rows of norm <= 1.

    ``U`` and ``V`` are orthogonal, so the singular values of ``W`` are ``sigmoid(s)``, below 1, and each
    output is 1-Lipschitz in the input.

    Source: F. Mujkanovic et al., Neural Gaussian Scale-Space Fields, ACM TOG 43(4), 2024, section 4.

    Args:
        width: of the input and of the hidden layers.
        channels: of the output.
        orthogonal_map: from skew matrices to ``U`` and ``V``.
        generator: of the initial values.
    """

    upper: Tensor

    def __init__(self, width: int, channels: int, orthogonal_map: OrthogonalMap, generator: torch.Generator) -> None:
        super().__init__()
        self._orthogonal = ORTHOGONAL_MAPS[orthogonal_map]
        rows, columns = torch.triu_indices(width, width, offset=1)
        self.register_buffer("upper", rows * width + columns, persistent=False)
        # First the U of all layers, then the V of all layers: the entries above the skew matrices' diagonals.
        self.skew = nn.Parameter(_random_plane_rotations(2 * LAYERS, rows, columns, generator))
        self.s = nn.Parameter(uniform((LAYERS, width), 5.0, generator))
        self.bias = nn.Parameter(uniform((LAYERS, width), width**-0.5, generator))
        self.output_weight = nn.Parameter(uniform((channels, width), width**-0.5, generator))
        self.output_bias = nn.Parameter(uniform((channels,), width**-0.5, generator))
        self._cached: tuple[object, tuple[Tensor, Tensor]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without what follows from the parameters, for copies and pickles."""
        return {**super().__getstate__(), "_cached": None}

    def forward(self, features: Float[Tensor, "n width"]) -> Float[Tensor, "n c"]:
        """Values for features; in evaluation mode no gradient reaches the parameters."""
        W, W_output = self.weights()
        return relu_layers(features, W, self.bias, W_output, self.output_bias)

    def weights(self) -> tuple[Float[Tensor, "layers width width"], Float[Tensor, "c width"]]:
        """The hidden layers' ``W`` and the output layer's: kept while evaluating, else made anew."""
        if self.training:
            self._cached = None  # a fused optimiser's steps are not counted as changes
            return self._computed_weights()
        # PyTorch counts the changes of every tensor in place; a move or a new tensor changes the address.
        state = [(p.device, p.data_ptr(), p._version) for p in (self.skew, self.s, self.output_weight)]
        if self._cached is None or self._cached[0] != state:
            with torch.no_grad():
                self._cached = (state, self._computed_weights())
        return self._cached[1]

    def orthogonal_factors(
        self,
    ) -> tuple[Float[Tensor, "layers width width"], Float[Tensor, "layers width width"]]:
        """``U`` and ``V`` of all layers, by one call of the map."""
        count, width = len(self.skew), self.s.shape[1]
        above = self.skew.new_zeros(count, width * width).index_copy(1, self.upper, self.skew)
        above = above.unflatten(1, (width, width))
        U, V = self._orthogonal(above - above.mT).chunk(2)
        return U, V

    def _computed_weights(self) -> tuple[Tensor, Tensor]:
        # To float32's last bits also while training in bfloat16, or where TF32 is allowed: the bound rests on it.
        with full_precision(), torch.autocast(self.skew.device.type, enabled=False):
            U, V = self.orthogonal_factors()
            W = (U * self.s.sigmoid()[:, None, :]) @ V.mT
            W_output = self.output_weight / self.output_weight.norm(dim=1, keepdim=True).clamp_min(1)
        return W, W_output


def cayley(S: Float[Tensor, "*b n n"]) -> Float[Tensor, "*b n n"]:
    """``((I + X) (I - X)^-1)^2`` with ``X = S/4``: the Cayley transform, close to ``exp(S)``, a half turn at a time.

    Orthogonal for a skew ``S``, up to rounding. A plane rotation by ``t`` becomes one by ``4 atan(t/4)``, which is
    0.02 less at t = 1 and 0.48 less at t = pi; small steps turn as far as the exponential's.
    """
    identity = torch.eye(S.shape[-1], dtype=S.dtype, device=S.device)
    X = S / 4
    with torch.no_grad():
        # (I - X)^-1 = (I - X^2)^-1 (I + X), and I - X^2 is positive definite: Cholesky needs no pivoting, and the
        # `_ex` form does not stop a GPU's queue to look for errors.
        inverse = torch.cholesky_inverse(torch.linalg.cholesky_ex(identity - X @ X).L) @ (identity + X)
    # One Newton step refines the inverse and gives it its exact gradient, by products alone.
    inverse = 2 * inverse - inverse @ (identity - X) @ inverse
    half_turn = 2 * inverse - identity
    return half_turn @ half_turn


ORTHOGONAL_MAPS: dict[OrthogonalMap, Callable[[Tensor], Tensor]] = {
    "matrix_exp": torch.matrix_exp,
    "cayley": cayley,
}


def _random_plane_rotations(
    count: int, rows: Tensor, columns: Tensor, generator: torch.Generator
) -> Float[Tensor, "count entries"]:
    """Random angles in the planes of axes (0, 1), (2, 3), ...: every other superdiagonal entry."""
    paired = (columns == rows + 1) & (rows % 2 == 0)
    return uniform((count, len(rows)), pi, generator) * paired


def relu_layers(
    features: Float[Tensor, "n width"],
    W: Float[Tensor, "layers width width"],
    bias: Float[Tensor, "layers width"],
    W_output: Float[Tensor, "c width"],
    output_bias: Float[Tensor, "c"],
) -> Float[Tensor, "n c"]:
    """Values of a network of ReLU layers and a linear one."""
    hidden = features
    for W_layer, bias_layer in zip(W, bias, strict=True):
        hidden = F.relu(F.linear(hidden, W_layer, bias_layer))
    return F.linear(hidden, W_output, output_bias)


def uniform(shape: tuple[int, ...], bound: float, generator: torch.Generator) -> Tensor:
    """Seeded values from -bound to bound."""
    return (2 * torch.rand(shape, generator=generator) - 1) * bound
