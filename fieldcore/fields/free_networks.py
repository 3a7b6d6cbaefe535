"""Networks of ordinary layers in the place of the Lipschitz-bounded one: free, or brought back to its bound every step.

They are what the publication's ablations hold its network against (Mujkanovic et al. 2024, section 6).
"""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..devices import full_precision
from .lipschitz import LAYERS, relu_layers, uniform

NetworkName = Literal["lipschitz", "spectral_norm", "free"]
"""The bounded network, one that is brought back to the bound after every step, and one without any."""

_ROUNDS = 4
"""Power iterations after a step."""


class FreeNetwork(nn.Module):
    """Hidden layers with ReLU and an output layer, with PyTorch's usual first weights and no bound.

    Args:
        width: of the input and of the hidden layers.
        channels: of the output.
        generator: of the initial values.
    """

    def __init__(self, width: int, channels: int, generator: torch.Generator) -> None:
        super().__init__()
        bound = 1 / math.sqrt(width)
        self.weight = nn.Parameter(uniform((LAYERS, width, width), bound, generator))
        self.bias = nn.Parameter(uniform((LAYERS, width), bound, generator))
        self.output_weight = nn.Parameter(uniform((channels, width), bound, generator))
        self.output_bias = nn.Parameter(uniform((channels,), bound, generator))

    def forward(self, features: Float[Tensor, "n width"]) -> Float[Tensor, "n c"]:
        """Values for features."""
        W, W_output = self.weights()
        return relu_layers(features, W, self.bias, W_output, self.output_bias)

    def weights(self) -> tuple[Float[Tensor, "layers width width"], Float[Tensor, "c width"]]:
        """The hidden layers' ``W`` and the output layer's."""
        return self.weight, self.output_weight


class SpectralNormNetwork(FreeNetwork):
    """Hidden layers whose largest singular value is brought back to 1 after every step, and an output layer's rows too.

    Power iterations that begin at the vectors of the step before estimate each layer's largest singular value, and the
    weights are divided by it where it is above 1. An estimate falls short, so that values of up to 1.2 were seen on the
    way with the publication's single iteration; here there are four, and ``bound`` after the last step.

    Source: T. Miyato et al., Spectral Normalization for Generative Adversarial Networks, ICLR 2018.

    Args:
        width: of the input and of the hidden layers.
        channels: of the output.
        generator: of the initial values.
    """

    right: Tensor

    def __init__(self, width: int, channels: int, generator: torch.Generator) -> None:
        super().__init__(width, channels, generator)
        self.register_buffer("right", F.normalize(torch.randn(LAYERS, width, 1, generator=generator), dim=1))
        self.bound()

    def weights(self) -> tuple[Float[Tensor, "layers width width"], Float[Tensor, "c width"]]:
        """The hidden layers' ``W``, and the output layer's with rows of norm 1 at most."""
        return self.weight, self.output_weight / self.output_weight.norm(dim=1, keepdim=True).clamp_min(1)

    @torch.no_grad()
    def after_step(self) -> None:
        """Divide each layer's weights by their largest singular value as estimated, where it is above 1."""
        with full_precision():
            back = self.right
            for _ in range(_ROUNDS):
                back = self.weight.mT @ F.normalize(self.weight @ F.normalize(back, dim=1), dim=1)
            self.right.copy_(F.normalize(back, dim=1))
            self.weight.div_(back.norm(dim=1, keepdim=True).clamp_min(1))

    @torch.no_grad()
    def bound(self) -> None:
        """The same by the singular values themselves, which takes long and misses nothing."""
        with full_precision():
            self.weight.div_(torch.linalg.matrix_norm(self.weight, 2).clamp_min(1)[:, None, None])
