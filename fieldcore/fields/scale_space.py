"""Neural Gaussian Scale-Space Fields: trained on the unfiltered signal alone, smoothed by damping features.

Source: F. Mujkanovic, N. E. Nsampi, C. Theobalt, H.-P. Seidel, T. Leimkühler, Neural Gaussian Scale-Space
Fields, ACM Transactions on Graphics 43(4), 2024, arXiv 2405.20980.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as setting
from typing import Any, ClassVar, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Gaussian
from ..filters.filter import positive_sqrt
from ..signals import Signal, SignalFacts
from ..validation import ADDED_LATER
from .field import dense_layers
from .fourier import (
    LIGHT_STAGE_SETTINGS,
    FourierField,
    FourierRecipe,
    FrequencyNoise,
    LengthDistribution,
    fourier_frequencies,
)
from .free_networks import FreeNetwork, NetworkName, SpectralNormNetwork
from .lipschitz import LipschitzNetwork, OrthogonalMap

LossName = Literal["squared", "absolute"]
"""What is made small: the squared error, or its absolute value."""

LOSSES: Mapping[LossName, Callable[[Tensor], Tensor]] = {"squared": torch.square, "absolute": torch.abs}
"""From an error to its loss."""

CalibrateBy = Literal["curve", "factor"]
"""From a covariance to the field's own scale: a factor that follows its size, or the paper's one for all."""


@dataclass(frozen=True, kw_only=True)
class ScaleSpaceRecipe(FourierRecipe):
    """How to build and train a ``ScaleSpace`` field.

    Attributes:
        orthogonal_map: how the network's skew matrices become rotations.
        calibrate_by: how the measured calibration is used.
        frequency_noise, length_distribution: how the frequencies are drawn, see ``fourier_frequencies``.
        amplitude: of the features; the field's differences may grow by as much.
        network: see ``NetworkName``.
        damped_training: train with random damping; without it a field only learns the unfiltered signal.
        loss: squared or absolute error.

    All from ``frequency_noise`` on are the publication's ablations, a field each but for one of two.
    """

    kind = "scale_space"

    orthogonal_map: OrthogonalMap = "cayley"
    calibrate_by: CalibrateBy = "curve"
    frequency_noise: FrequencyNoise = setting(default="sobol", metadata=ADDED_LATER)
    length_distribution: LengthDistribution = setting(default="half_normal", metadata=ADDED_LATER)
    amplitude: float = setting(default=1.0, metadata=ADDED_LATER)
    network: NetworkName = setting(default="lipschitz", metadata=ADDED_LATER)
    damped_training: bool = setting(default=True, metadata=ADDED_LATER)
    loss: LossName = setting(default="squared", metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_one_of("frequency_noise", get_args(FrequencyNoise))
        self._require_one_of("length_distribution", get_args(LengthDistribution))
        self._require("amplitude", 0 < self.amplitude <= 1e6, "more than 0, at most 1e6")
        self._require_one_of("network", tuple(NETWORK_TYPES))
        self._require_one_of("loss", tuple(LOSSES))
        self._require_one_of("orthogonal_map", get_args(OrthogonalMap))
        self._require_one_of("calibrate_by", get_args(CalibrateBy))

    def frequencies(self, count: int, dim: int, variance: float, seed: int) -> Float[Tensor, "count dim"]:
        """As the base, by this recipe's noise and lengths."""
        return fourier_frequencies(
            count,
            dim,
            variance,
            seed,
            radii=self.frequency_radii,
            noise=self.frequency_noise,
            lengths=self.length_distribution,
        )


def _lipschitz(recipe: ScaleSpaceRecipe, channels: int, generator: torch.Generator) -> nn.Module:
    return LipschitzNetwork(recipe.width, channels, recipe.orthogonal_map, generator)


NETWORK_TYPES: Mapping[NetworkName, Callable[[ScaleSpaceRecipe, int, torch.Generator], nn.Module]] = {
    "lipschitz": _lipschitz,
    "spectral_norm": lambda recipe, channels, generator: SpectralNormNetwork(recipe.width, channels, generator),
    "free": lambda recipe, channels, generator: FreeNetwork(recipe.width, channels, generator),
}
"""From a recipe, channels and a generator to the network of each name."""


class ScaleSpace(FourierField):
    """Dampened Fourier features into a Lipschitz-bounded network.

    The pair of features of frequency ``a`` is multiplied by ``exp(-sqrt(a^T Sigma_hat a))``. What is dampened
    the network cannot amplify again: asked for the unfiltered signal whatever the damping, its best answer is
    a smoothed one. How smooth is known only up to a factor, ``Sigma_hat = factor Sigma``, measured after training
    (see calibration.py). The preset ``paper`` is the publication to the letter; the others keep what is better where
    it is (docs/fidelity.md). The buffer ``calibration``, saved with the field, holds variances, log-spaced, in its
    first row and the factor found for each in its second.
    """

    kind = "scale_space"
    recipe_type = ScaleSpaceRecipe
    filters = (Gaussian,)
    calibrated = True
    presets: ClassVar = {
        "preview": ScaleSpaceRecipe(
            preset="preview",
            width=256,
            frequency_variance=200.0,
            steps=1000,
            points_per_step=2048,
            learning_rate=5e-3,
            learning_rate_end=0.02,
        ),
        "standard": ScaleSpaceRecipe(
            preset="standard",
            width=512,
            frequency_variance=600.0,
            steps=3000,
            points_per_step=8192,
            learning_rate=2e-3,
            learning_rate_end=0.02,
        ),
        "paper": ScaleSpaceRecipe(
            preset="paper",
            width=1024,
            steps=100_000,
            points_per_step=100_000,
            learning_rate=5e-4,
            precision="float32",
            orthogonal_map="matrix_exp",
            calibrate_by="factor",
            frequency_radii="squared",
            value_scaling="signed",
        ),
    }
    suited: ClassVar = {
        **LIGHT_STAGE_SETTINGS,
        ("preview", "ackley"): {"frequency_variance": 50.0},
        ("standard", "ackley"): {"frequency_variance": 50.0},
        ("paper", "ackley"): {
            "frequency_variance": 50.0,
            "steps": 50_000,
            "isotropic_scales": True,
            "value_scaling": "none",
        },
        # As much less than for pictures, the networks being narrower, as in the preset itself.
        ("preview", "shape"): {"frequency_variance": 10.0},
        ("standard", "shape"): {"frequency_variance": 30.0},
        ("paper", "shape"): {
            "frequency_variance": 100.0,
            "steps": 50_000,
            "points_per_step": 200_000,
            "value_scaling": "none",
        },
    }

    recipe: ScaleSpaceRecipe
    calibration: Tensor

    def __init__(self, recipe: ScaleSpaceRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        self.network: nn.Module = NETWORK_TYPES[recipe.network](recipe, facts.channels, generator)
        self.register_buffer("calibration", torch.stack([torch.logspace(-4, -1, 16), torch.ones(16)]))

    @property
    def calibration_factor(self) -> float:
        """The paper's one factor: the geometric mean of those measured."""
        return float(self.calibration[1].log().mean().exp())

    def _values(self, x: Float[Tensor, "n d"], filter: Gaussian | None) -> Float[Tensor, "n c"]:
        return self._displayed(self._dampened(x, None if filter is None else self._calibrated(filter)))

    def _calibrated(self, filter: Gaussian) -> Gaussian:
        """``Sigma_hat`` for a ``Sigma``; the curve is read at its mean variance along the axes."""
        log_variances, log_factors = self.calibration.log()
        if self.recipe.calibrate_by == "factor":
            return filter.scaled(log_factors.mean().exp())
        Sigma = filter.covariance(self.dim).to(log_variances)
        # Read below its first variance as at it, so that 0 has a gradient too.
        variances = Sigma.diagonal(dim1=-2, dim2=-1)[..., list(self.facts.smoothed_axes)]
        log_variance = variances.mean(-1).clamp_min(1e-30).log()
        factor = _interpolated(log_variance, log_variances, log_factors).exp()
        return Gaussian.unchecked(factor[..., None, None] * Sigma)

    def _dampened(self, x: Float[Tensor, "n d"], Sigma_hat: Gaussian | None) -> Float[Tensor, "n c"]:
        """What the network gives for dampened features."""
        features = self.encoding(x, None if Sigma_hat is None else _damping(Sigma_hat, self.encoding.A))
        if self.recipe.amplitude != 1:
            features = self.recipe.amplitude * features
        with dense_layers(self.recipe.precision, x.device, self.training, self.is_distance):
            return self.network(features).to(x.dtype)

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error of the dampened field against the unfiltered signal: channels' sum, points' mean."""
        x, values = signal.examples(self.recipe.points_per_step, generator)
        Sigma_hat = self._random_gaussians(generator)  # drawn also where it is not used: the same points come next
        found = self._dampened(x, Sigma_hat if self.recipe.damped_training else None)
        return LOSSES[self.recipe.loss](found - self._wanted(values)).sum(1).mean()

    def after_step(self) -> None:
        """As the base: a network that is kept near a bound is brought back to it."""
        if isinstance(self.network, SpectralNormNetwork):
            self.network.after_step()

    def finish(self, data: Any) -> None:
        """As the base: that bound is kept exactly in what is left of a training."""
        if isinstance(self.network, SpectralNormNetwork):
            self.network.bound()


def _damping(Sigma_hat: Gaussian, A: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
    """``exp(-sqrt(a^T Sigma_hat a))`` for each frequency ``a``; its slope at 0, in truth infinite, counts as 0."""
    # Below e^-80 nothing changes but the speed: a CPU's exp and products are several times slower on denormals.
    return torch.exp(-positive_sqrt(Sigma_hat.quadratic_form(A)).clamp_max(80))


def _interpolated(x: Float[Tensor, "*n"], nodes: Float[Tensor, "m"], values: Float[Tensor, "m"]) -> Float[Tensor, "*n"]:
    """Linear between evenly spaced nodes, constant beyond the first and the last."""
    position = ((x - nodes[0]) / (nodes[1] - nodes[0])).clamp(0, len(nodes) - 1)
    left = position.floor().long().clamp_max(len(nodes) - 2)
    return torch.lerp(values[left], values[left + 1], position - left)
