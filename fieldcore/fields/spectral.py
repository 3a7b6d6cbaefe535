"""Spectral prefiltering: Fourier features multiplied by the filter's own Fourier transform.

Source: M. B. Yaldiz, I. Mehta, N. Raghavan, A. Meuleman, T.-M. Li, R. Ramamoorthi, Spectral Prefiltering of
Neural Fields, SIGGRAPH Asia 2025, arXiv 2510.08394.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Filter, Gaussian
from ..signals import Signal, SignalFacts
from .field import Field, dense_layers
from .fourier import FourierEncoding, FourierRecipe, fourier_frequencies

HIDDEN_LAYERS = 3


@dataclass(frozen=True, kw_only=True)
class SpectralRecipe(FourierRecipe):
    """How to build and train a ``Spectral`` field: as ``FourierRecipe`` says."""

    kind = "spectral"


class Spectral(Field):
    """Prefiltered Fourier features into an ordinary ReLU network.

    Averaging ``cos 2 pi a x`` over a symmetric filter multiplies it by the filter's Fourier transform at
    ``a``, so every feature is filtered exactly. To turn filtered features into the filtered signal is what the
    network learns, from one Monte-Carlo sample a point.
    """

    kind = "spectral"
    recipe_type = SpectralRecipe
    filters = (Gaussian,)
    presets: ClassVar = {
        "preview": SpectralRecipe(
            preset="preview",
            width=256,
            frequency_variance=200.0,
            steps=2500,
            points_per_step=2048,
            learning_rate=5e-3,
            learning_rate_end=0.02,
            log10_eigenvalue_min=-10.0,
            log10_eigenvalue_max=0.0,
        ),
        "standard": SpectralRecipe(
            preset="standard",
            width=512,
            frequency_variance=600.0,
            steps=4000,
            points_per_step=8192,
            learning_rate=2e-3,
            learning_rate_end=0.02,
            log10_eigenvalue_min=-10.0,
            log10_eigenvalue_max=0.0,
        ),
        "paper": SpectralRecipe(
            preset="paper",
            width=1024,
            steps=10_000,
            points_per_step=100_000,
            learning_rate=5e-4,
            learning_rate_end=1e-3,
        ),
    }

    recipe: SpectralRecipe

    def __init__(self, recipe: SpectralRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        A = fourier_frequencies(recipe.width // 2, self.dim, recipe.frequency_variance, recipe.seed)
        self.encoding = FourierEncoding(A)
        self.network = _relu_network(recipe.width, facts.channels, generator)

    def _values(self, x: Float[Tensor, "n d"], filter: Filter | None) -> Float[Tensor, "n c"]:
        features = self.encoding(x, None if filter is None else filter.response(self.encoding.A))
        with dense_layers(self.recipe.precision, x.device, self.training, self.is_distance):
            return self.network(features).float()

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error against one sample of the smoothed signal: channels' sum, points' mean."""
        shape, device = (self.recipe.points_per_step, self.dim), generator.device
        x, _ = signal.examples(self.recipe.points_per_step, generator)
        gaussian = self.recipe.random_gaussians(self.dim, generator)
        offset = gaussian.offsets(torch.rand((1, *shape), generator=generator, device=device))[0]
        return (self._values(x, gaussian) - signal.sampled(x + offset)).square().sum(1).mean()


def _relu_network(width: int, channels: int, generator: torch.Generator) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(HIDDEN_LAYERS):
        layers += [_dense(width, width, generator), nn.ReLU()]
    return nn.Sequential(*layers, _dense(width, channels, generator))


def _dense(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
    nn.init.uniform_(layer.bias, -(inputs**-0.5), inputs**-0.5, generator=generator)
    return layer
