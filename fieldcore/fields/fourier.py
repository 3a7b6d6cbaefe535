"""Fourier features that can be dampened, and how their frequencies are chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as setting
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Gaussian, full_precision_product
from ..recipe import Recipe
from ..sampling import random_axes, sobol
from ..signals import SignalFacts
from ..validation import ADDED_LATER
from .field import Field

FrequencyRadii = Literal["uniform", "squared"]
"""What the radii of points in the unit ball become before they go through an inverse CDF: ``radius^dim``, which is
uniform, or ``radius^2`` in every dimension, which is what the publications' code does. In 2-D they are the same."""

FrequencyNoise = Literal["sobol", "random"]
"""What the frequencies are drawn from: Sobol points of the ball, or independent random numbers."""

LengthDistribution = Literal["half_normal", "uniform"]
"""How the frequencies' lengths are distributed: half-normal, or uniform up to two standard deviations."""

ValueScaling = Literal["none", "signed"]
"""What the network gives: the signal's values, or these with their range mapped to [-1, 1]."""


LIGHT_STAGE_SETTINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("preview", "light_stage"): {"value_scaling": "signed"},
    ("standard", "light_stage"): {"value_scaling": "signed"},
    ("paper", "light_stage"): {
        "frequency_variance": 500.0,
        "light_frequency_variance": 500.0,
        "steps": 100_000,
        "points_per_step": 200_000,
        "learning_rate": 1e-4,
    },
}
"""What both publications' networks take for a light stage, by preset: ``suited`` of their kinds."""


@dataclass(frozen=True, kw_only=True)
class FourierRecipe(Recipe):
    """What the kinds built on Fourier features share.

    Attributes:
        width: units of each hidden layer, and features (half of them cosines): an even number.
        frequency_variance: of the normal distribution whose absolute values are the frequencies' lengths, in
            squared cycles per domain unit. Presets hold the one for pictures: the paper's 2000 for its wide
            network, less for a narrow one, which has too few frequencies to spread them so far.
        log10_eigenvalue_min, log10_eigenvalue_max: range of the random covariances in training.
        isotropic_scales: train on isotropic covariances alone.
        frequency_radii: how the frequencies' lengths follow from the points of the ball.
        value_scaling: what the network gives.
        light_frequency_variance: of a light stage's light, which has an encoding of its own with half of the features;
            in squared cycles per unit of the chart.
    """

    width: int = 256
    frequency_variance: float = 2000.0
    log10_eigenvalue_min: float = -12.0
    log10_eigenvalue_max: float = 2.0
    isotropic_scales: bool = setting(default=False, metadata=ADDED_LATER)
    frequency_radii: FrequencyRadii = setting(default="uniform", metadata=ADDED_LATER)
    value_scaling: ValueScaling = setting(default="none", metadata=ADDED_LATER)
    light_frequency_variance: float = setting(default=5.0, metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("width", 2 <= self.width <= 16384 and self.width % 2 == 0, "an even number from 2 to 16384")
        self._require("frequency_variance", self.frequency_variance > 0, "more than 0")
        self._require("light_frequency_variance", self.light_frequency_variance > 0, "more than 0")
        above_min = self.log10_eigenvalue_max > self.log10_eigenvalue_min
        self._require("log10_eigenvalue_max", above_min, f"more than {self.log10_eigenvalue_min}")
        self._require_one_of("frequency_radii", get_args(FrequencyRadii))
        self._require_one_of("value_scaling", get_args(ValueScaling))

    def frequencies(self, count: int, dim: int, variance: float, seed: int) -> Float[Tensor, "count dim"]:
        """Those of one encoding; see ``fourier_frequencies``."""
        return fourier_frequencies(count, dim, variance, seed, radii=self.frequency_radii)

    def random_gaussians(self, dim: int, generator: torch.Generator) -> Gaussian:
        """One for each point of a step: eigenvalues log-uniform in the recipe's range, random orientation."""
        low, high = self.log10_eigenvalue_min, self.log10_eigenvalue_max
        shape = (self.points_per_step, 1 if self.isotropic_scales else dim)
        noise = torch.rand(shape, generator=generator, device=generator.device)
        eigenvalues = torch.pow(10.0, low + (high - low) * noise)
        if self.isotropic_scales:
            return Gaussian.unchecked(eigenvalues[:, 0])
        return Gaussian.unchecked_from_axes(random_axes(len(noise), dim, generator), eigenvalues.sqrt())


class FourierField(Field):
    """What the kinds built on Fourier features share: the encoding, and the scale of what the network gives."""

    recipe: FourierRecipe

    def __init__(self, recipe: FourierRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.encoding = FourierEncoding(_frequencies(recipe, facts))

    def _random_gaussians(self, generator: torch.Generator) -> Gaussian:
        """The recipe's, along the axes that the signal is smoothed along."""
        axes = self.facts.smoothed_axes
        embedded = self.facts.embedded(self.recipe.random_gaussians(len(axes), generator))
        assert isinstance(embedded, Gaussian)
        return embedded

    def _displayed(self, network_values: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        """The signal's values for what the network gives."""
        if self.recipe.value_scaling == "none":
            return network_values
        low, high = self.facts.value_range
        return (low + high) / 2 + (high - low) / 2 * network_values

    def _wanted(self, signal_values: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        """What the network is to give for the signal's values."""
        if self.recipe.value_scaling == "none":
            return signal_values
        low, high = self.facts.value_range
        return (signal_values - (low + high) / 2) * (2 / (high - low))


def _frequencies(recipe: FourierRecipe, facts: SignalFacts) -> Float[Tensor, "f d"]:
    """One encoding of all coordinates; of a light stage one of the picture and one of the light, half each."""
    count, dim = recipe.width // 2, len(facts.half_extent)
    if not facts.has_light:
        return recipe.frequencies(count, dim, recipe.frequency_variance, recipe.seed)
    of_light = count // 2
    plane = recipe.frequencies(count - of_light, dim - 2, recipe.frequency_variance, recipe.seed)
    light = recipe.frequencies(of_light, 2, recipe.light_frequency_variance, recipe.seed + 1)
    return torch.block_diag(plane, light)


class FourierEncoding(nn.Module):
    """``[cos 2 pi A x, sin 2 pi A x]``, each frequency's pair times its damping.

    Source: M. Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
    Domains, NeurIPS 2020; the damping as in Mujkanovic et al. 2024 and Yaldiz et al. 2025.

    Args:
        A: (f, d) frequencies, one a row, in cycles per domain unit; a buffer saved with the field.
    """

    A: Tensor

    def __init__(self, A: Float[Tensor, "f d"]) -> None:
        super().__init__()
        self.register_buffer("A", A)

    def forward(self, x: Float[Tensor, "n d"], damping: Float[Tensor, "*points f"] | None) -> Float[Tensor, "n g"]:
        """The g = 2 f features of ``x``; ``damping`` is shared (f), one a point (n, f), or None for none.

        In float32 whatever surrounds it: phases reach a hundred turns, of which bfloat16 keeps no fraction.
        """
        with torch.autocast(x.device.type, enabled=False):
            phase = full_precision_product(x, 2 * math.pi * self.A.T)
            pairs = torch.stack([phase.cos(), phase.sin()], dim=1)
            if damping is not None:
                pairs = pairs * damping.unsqueeze(-2)
            return pairs.flatten(1)


def fourier_frequencies(
    count: int,
    dim: int,
    variance: float,
    seed: int,
    *,
    radii: FrequencyRadii = "uniform",
    noise: FrequencyNoise = "sobol",
    lengths: LengthDistribution = "half_normal",
) -> Float[Tensor, "count dim"]:
    """Frequencies spread evenly over all directions, with half-normal lengths.

    Sobol points of the unit ball keep their direction; their ``radius^dim``, which is uniform on (0, 1), goes
    through the inverse CDF of a half-normal distribution: that of ``|z|`` for ``z`` normal with ``variance``.

    With ``squared`` radii it is ``radius^2`` also where that is not uniform: in 3-D the lengths are then longer, with a
    median of 1.01 instead of 0.67 standard deviations.

    ``random`` noise takes directions of normal vectors and independent lengths in place of Sobol points; ``uniform``
    lengths are uniform up to two standard deviations, whatever the radii.

    Source: Mujkanovic et al. 2024, section 4; ``squared`` is what its code does, the others are its ablations.
    """
    if noise == "random":
        generator = torch.Generator().manual_seed(seed)
        normal = torch.randn(count, dim, generator=generator, dtype=torch.float64)
        ball, radius = normal, normal.norm(dim=1, keepdim=True).clamp_min(1e-9)
        uniform = torch.rand(count, 1, generator=generator, dtype=torch.float64)
    else:
        ball = _ball_points(count, dim, seed)
        radius = ball.norm(dim=1, keepdim=True).clamp_min(1e-9)
        uniform = radius.pow(2 if radii == "squared" and lengths == "half_normal" else dim)
    return (ball / radius * LENGTHS[lengths](uniform, variance)).float()


def _half_normal(uniform: Float[Tensor, "f 1"], variance: float) -> Float[Tensor, "f 1"]:
    """Through the inverse CDF, just below 1, where that is infinite."""
    return math.sqrt(2 * variance) * torch.erfinv(uniform.clamp_max(1 - 2.0**-24))


LENGTHS: Mapping[LengthDistribution, Callable[[Tensor, float], Tensor]] = {
    "half_normal": _half_normal,
    "uniform": lambda uniform, variance: 2 * math.sqrt(variance) * uniform,
}
"""From uniform numbers and a variance to the frequencies' lengths."""


def cube_to_ball(x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """Map the cube [-1, 1]^d onto the unit ball, d = 1, 2 or 3, keeping ratios of volumes and nearness.

    Source: J. A. Griepentrog, W. Höppner, H.-C. Kaiser, J. Rehberg, A bi-Lipschitz continuous, volume
    preserving map from the unit ball onto a cube, Note di Matematica 28(1), 2008.
    """
    if x.shape[1] == 1:
        return x
    disc = _square_to_disc(x[:, 0], x[:, 1])
    return disc if x.shape[1] == 2 else _cylinder_to_ball(disc, x[:, 2:])


def _square_to_disc(x: Tensor, y: Tensor) -> Float[Tensor, "n 2"]:
    """Squares around the origin become circles; in each of four sectors the angle is linear along a side."""
    x_is_longer = x.abs() >= y.abs()
    longer, shorter = torch.where(x_is_longer, x, y), torch.where(x_is_longer, y, x)
    angle = math.pi / 4 * shorter / torch.where(longer == 0, 1, longer)
    along, across = longer * angle.cos(), longer * angle.sin()
    return torch.stack([torch.where(x_is_longer, along, across), torch.where(x_is_longer, across, along)], dim=1)


def _cylinder_to_ball(disc: Float[Tensor, "n 2"], height: Float[Tensor, "n 1"]) -> Float[Tensor, "n 3"]:
    """From the cylinder of radius 1 over [-1, 1]; the formula changes at the cone |height| = radius."""
    radius = disc.norm(dim=1, keepdim=True)
    beside = height.abs() <= radius
    # Shorter over longer, so at most 1; any divisor will do at the origin, where both are 0.
    longer = torch.where(beside, radius, height)
    slope = torch.where(beside, height, radius) / torch.where(longer == 0, 1, longer)
    shrink = torch.where(beside, 1 - 4 / 9 * slope.square(), 2 / 3 - slope.square() / 9).sqrt()
    lift = torch.where(beside, 2 / 3 * height, height * (1 - slope.square() / 3))
    return torch.cat([disc * shrink, lift], dim=1)


def _ball_points(count: int, dim: int, seed: int) -> Float[Tensor, "count dim"]:
    if dim <= 3:
        return cube_to_ball(2 * sobol(count, dim, seed) - 1)
    # No such map is at hand in 4-D and up: keep the cube's points that lie inside the ball.
    inside = math.pi ** (dim / 2) / math.gamma(dim / 2 + 1) / 2**dim
    cube = 2 * sobol(math.ceil(1.5 * count / inside) + 64, dim, seed) - 1
    return cube[cube.square().sum(1) < 1][:count]
