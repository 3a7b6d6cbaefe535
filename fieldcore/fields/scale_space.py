"""Neural Gaussian Scale-Space Fields: trained on the unfiltered signal alone, smoothed by damping features.

Source: F. Mujkanovic, N. E. Nsampi, C. Theobalt, H.-P. Seidel, T. Leimkühler, Neural Gaussian Scale-Space
Fields, ACM Transactions on Graphics 43(4), 2024, arXiv 2405.20980.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters import Gaussian
from ..filters.filter import positive_sqrt
from ..signals import Signal, SignalFacts
from .field import dense_layers
from .fourier import LIGHT_STAGE_SETTINGS, FourierField, FourierRecipe
from .lipschitz import LipschitzNetwork, OrthogonalMap

CalibrateBy = Literal["curve", "factor"]
"""From a covariance to the field's own scale: a factor that follows its size, or the paper's one for all."""


@dataclass(frozen=True, kw_only=True)
class ScaleSpaceRecipe(FourierRecipe):
    """How to build and train a ``ScaleSpace`` field.

    Attributes:
        orthogonal_map: how the network's skew matrices become rotations.
        calibrate_by: how the measured calibration is used.
    """

    kind = "scale_space"

    orthogonal_map: OrthogonalMap = "cayley"
    calibrate_by: CalibrateBy = "curve"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_one_of("orthogonal_map", get_args(OrthogonalMap))
        self._require_one_of("calibrate_by", get_args(CalibrateBy))


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
        self.network = LipschitzNetwork(recipe.width, facts.channels, recipe.orthogonal_map, generator)
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
        with dense_layers(self.recipe.precision, x.device, self.training, self.is_distance):
            return self.network(features).to(x.dtype)

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error of the dampened field against the unfiltered signal: channels' sum, points' mean."""
        x, values = signal.examples(self.recipe.points_per_step, generator)
        Sigma_hat = self._random_gaussians(generator)
        return (self._dampened(x, Sigma_hat) - self._wanted(values)).square().sum(1).mean()


def _damping(Sigma_hat: Gaussian, A: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
    """``exp(-sqrt(a^T Sigma_hat a))`` for each frequency ``a``; its slope at 0, in truth infinite, counts as 0."""
    # Below e^-80 nothing changes but the speed: a CPU's exp and products are several times slower on denormals.
    return torch.exp(-positive_sqrt(Sigma_hat.quadratic_form(A)).clamp_max(80))


def _interpolated(x: Float[Tensor, "*n"], nodes: Float[Tensor, "m"], values: Float[Tensor, "m"]) -> Float[Tensor, "*n"]:
    """Linear between evenly spaced nodes, constant beyond the first and the last."""
    position = ((x - nodes[0]) / (nodes[1] - nodes[0])).clamp(0, len(nodes) - 1)
    left = position.floor().long().clamp_max(len(nodes) - 2)
    return torch.lerp(values[left], values[left + 1], position - left)
