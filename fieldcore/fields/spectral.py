"""Spectral prefiltering: Fourier features multiplied by the filter's own Fourier transform.

Source: M. B. Yaldiz, I. Mehta, N. Raghavan, A. Meuleman, T.-M. Li, R. Ramamoorthi, Spectral Prefiltering of
Neural Fields, SIGGRAPH Asia 2025, arXiv 2510.08394.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as setting
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Ellipsoid, Filter, Gaussian, Kernel, Lanczos
from ..signals import Signal, SignalFacts
from ..validation import ADDED_LATER
from .field import dense_layers
from .fourier import LIGHT_STAGE_SETTINGS, FourierField, FourierRecipe

HIDDEN_LAYERS = 3

_MASS_TOLERANCE = 1e-3
"""Of fitted kernels, whose mass is not exactly 1."""


@dataclass(frozen=True, kw_only=True)
class SpectralRecipe(FourierRecipe):
    """How to build and train a ``Spectral`` field.

    Attributes:
        zero_output_bias: the last layer's bias starts at 0 instead of at random.
    """

    kind = "spectral"

    zero_output_bias: bool = setting(default=False, metadata=ADDED_LATER)


class Spectral(FourierField):
    """Prefiltered Fourier features into an ordinary ReLU network.

    Averaging ``cos 2 pi a x`` over a symmetric filter multiplies it by the filter's Fourier transform at
    ``a``, so every feature is filtered exactly. To turn filtered features into the filtered signal is what the
    network learns, from one Monte-Carlo sample a point. Trained on Gaussians, it takes every filter whose transform is
    known. The preset ``paper`` is the publication to the letter; the others keep what is better (docs/fidelity.md).
    """

    kind = "spectral"
    recipe_type = SpectralRecipe
    filters = (Gaussian, Kernel, Ellipsoid, Lanczos)
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
            warmup_steps=100,
            precision="float32",
            frequency_radii="squared",
            value_scaling="signed",
            zero_output_bias=True,
        ),
    }
    suited: ClassVar = {
        **LIGHT_STAGE_SETTINGS,
        ("preview", "ackley"): {"frequency_variance": 50.0},
        ("standard", "ackley"): {"frequency_variance": 50.0},
        ("paper", "ackley"): {"frequency_variance": 50.0, "value_scaling": "none"},
        # As much less than for pictures, the networks being narrower, as in the preset itself.
        ("preview", "shape"): {"frequency_variance": 10.0},
        ("standard", "shape"): {"frequency_variance": 30.0},
        # The publication's code has no shapes; this is the budget of Mujkanovic et al. 2024.
        ("paper", "shape"): {
            "frequency_variance": 100.0,
            "steps": 50_000,
            "points_per_step": 200_000,
            "value_scaling": "none",
        },
    }

    recipe: SpectralRecipe

    def __init__(self, recipe: SpectralRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        self.network = _relu_network(recipe.width, facts.channels, generator)
        if recipe.zero_output_bias:
            output = self.network[-1]
            assert isinstance(output, nn.Linear)
            nn.init.zeros_(output.bias)

    def refuses(self, filter: Filter) -> str | None:
        """As ``Field.refuses``; whatever symmetric filter of mass 1 has a Fourier transform is taken."""
        if not filter.has_response:
            return f"{super().refuses(filter)}, and what else has a Fourier transform"
        name = type(filter).__name__
        if not filter.is_symmetric:
            return f"a {self.kind} field cannot be filtered by an asymmetric {name}, whose Fourier transform is complex"
        mass = filter.mass(len(self.facts.smoothed_axes))
        if bool((mass - 1).abs().max() > _MASS_TOLERANCE):
            return (
                f"a {self.kind} field cannot be filtered by a {name} of mass {float(mass.min()):.4g}; it takes mass 1"
            )
        return None

    def _values(self, x: Float[Tensor, "n d"], filter: Filter | None) -> Float[Tensor, "n c"]:
        return self._displayed(self._filtered(x, filter))

    def _filtered(self, x: Float[Tensor, "n d"], filter: Filter | None) -> Float[Tensor, "n c"]:
        """What the network gives for filtered features."""
        features = self.encoding(x, None if filter is None else filter.response(self.encoding.A))
        with dense_layers(self.recipe.precision, x.device, self.training, self.is_distance):
            return self.network(features).to(x.dtype)

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error against one sample of the smoothed signal: mean over points and channels."""
        shape, device = (self.recipe.points_per_step, self.dim), generator.device
        x, _ = signal.examples(self.recipe.points_per_step, generator)
        gaussian = self._random_gaussians(generator)
        offset = gaussian.offsets(torch.rand((1, *shape), generator=generator, device=device))[0]
        return (self._filtered(x, gaussian) - self._wanted(signal.sampled(x + offset))).square().mean()


def _relu_network(width: int, channels: int, generator: torch.Generator) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(HIDDEN_LAYERS):
        layers += [_dense(width, width, generator), nn.ReLU()]
    return nn.Sequential(*layers, _dense(width, channels, generator))


def _dense(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    # Without its own first values, which would be drawn from PyTorch's global random stream.
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, device=torch.get_default_device())
    assert isinstance(layer, nn.Linear)
    nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
    nn.init.uniform_(layer.bias, -(inputs**-0.5), inputs**-0.5, generator=generator)
    return layer
