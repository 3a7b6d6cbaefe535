"""A network that is the repeated integral of a signal, as published, beside the one that is solved for.

The network ``F`` is trained so that the Dirac sums of B-splines, ``sum_j w_j F(x - t_j s)``, are the signal's
convolutions with them. Its targets are exact ones, by the solved integral, where the publication takes Monte-Carlo
sums. What else the presets change is named by the recipe.

Source: N. E. Nsampi et al., Neural Field Convolutions by Repeated Differentiation, ACM TOG 42(6), 2023.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..devices import full_precision
from ..filters import Filter, Gaussian, Kernel, Profile
from ..filters.filter import positive_sqrt
from ..signals import Signal, SignalFacts
from ..signals.signal import PADDING
from .field import Field
from .gaussian_profile import is_askew
from .integral_recipe import PRESETS, SUITED, IntegralRecipe
from .lattice_cache import Newest
from .repeated_integral import RepeatedIntegral
from .sample_lines import sampled_lines
from .solved_field import as_floats, lattice_samples

_EVALUATIONS_AT_ONCE = 1 << 16
_SIZE_TOLERANCE = 1e-5


class IntegralNetwork(Field):
    """The network described at the head of this file.

    It answers kernels of its degree from its minimal half size up, and nothing narrower: unfiltered it gives the signal
    under its minimal kernel. A Gaussian along the axes is taken for the B-spline of its variance, or the minimal one.
    """

    kind = "integral"
    recipe_type = IntegralRecipe
    dims: ClassVar[tuple[int, ...]] = (1, 2, 3)
    presets: ClassVar = PRESETS
    suited: ClassVar = SUITED
    filters = (Kernel, Gaussian)

    mean: Tensor

    def __init__(self, recipe: IntegralRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.recipe: IntegralRecipe = recipe
        generator = torch.Generator().manual_seed(recipe.seed)
        sizes = [self.dim * (1 + 2 * recipe.frequencies), *[recipe.width] * recipe.hidden_layers]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            layers += [_dense(inputs, outputs, generator), nn.SiLU()]
        self.network = nn.Sequential(*layers, _dense(sizes[-1], facts.channels, generator))
        if recipe.start == "mean":
            output = self.network[-1]
            assert isinstance(output, nn.Linear)
            nn.init.zeros_(output.weight)
        self.register_buffer("mean", torch.zeros(facts.channels))
        self._targets: Newest[RepeatedIntegral] = Newest(1)

    @property
    def _order(self) -> int:
        return self.recipe.degree + 1

    def integral(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        """``F`` at points: the signal integrated along every axis, one time more than the degree of its kernels."""
        angles = torch.cat([2.0**octave * x for octave in range(self.recipe.frequencies)], -1)
        with full_precision(True):
            values: Tensor = self.network(torch.cat([x, angles.sin(), angles.cos()], -1))
        if self.recipe.start == "weights":
            return values
        # The mean's own integral, and a scale by which Dirac sums of the minimal kernel are about as large as F.
        powers = (x**self._order / math.factorial(self._order)).prod(-1, keepdim=True)
        return self.mean * powers + self.recipe.half_size ** (self._order * self.dim - 1) * values

    def refuses(self, filter: Filter) -> str | None:
        """As ``Field.refuses``; kernels of another degree, or narrower than the minimal one, are refused by name."""
        dim, name = len(self.facts.smoothed_axes), type(filter).__name__
        if isinstance(filter, Gaussian) and is_askew(filter, dim):
            return f"an {self.kind} network takes Gaussians along the axes, not one that is askew"
        if not isinstance(filter, Kernel):
            return super().refuses(filter)
        if filter.turned or len(filter.terms) > 1:
            return f"an {self.kind} network takes products along the axes, not a {name} that is turned or a sum of them"
        degrees = {profile.degree for profile in filter.terms[0]}
        if degrees != {self.recipe.degree}:
            got = " and ".join(map(str, sorted(degrees)))
            return f"this {self.kind} network takes kernels of degree {self.recipe.degree}, got {name} of {got}"
        least = float(filter.lengths(dim).detach().min()) if filter.per_point != 0 else math.inf
        if least < self.recipe.half_size * (1 - _SIZE_TOLERANCE):
            return (
                f"this {self.kind} network takes half sizes from {self.recipe.half_size:g} along every axis, "
                f"got {least:g}; the preset solved takes any"
            )
        return None

    def _values(self, x: Float[Tensor, "n d"], filter: Any) -> Float[Tensor, "n c"]:
        profiles, sizes = self._as_kernel(filter, len(x), x)
        positions, weights = _all_diracs(profiles, x)
        parts = []
        at_once = max(1, _EVALUATIONS_AT_ONCE // len(positions))
        for at, size in zip(x.split(at_once), sizes.split(at_once), strict=True):
            diracs = (at[:, None] - positions * size[:, None]).flatten(0, 1)
            values = self.integral(diracs).unflatten(0, (len(at), -1))
            scale = size.prod(-1, keepdim=True) ** -self._order
            parts.append((weights[:, None] * values).sum(1) * scale)
        return torch.cat(parts) if parts else x.new_zeros(0, self.facts.channels)

    def _as_kernel(
        self, filter: Filter | None, points: int, x: Tensor
    ) -> tuple[Sequence[Profile], Float[Tensor, "n d"]]:
        """Profiles along the axes, and half sizes of each point."""
        minimal = [Profile.minimal(self.recipe.degree)] * self.dim
        least = x.new_full((points, self.dim), self.recipe.half_size)
        if filter is None:
            return minimal, least
        if isinstance(filter, Gaussian):
            deviations = positive_sqrt(filter.covariance(self.dim).to(x).diagonal(dim1=-2, dim2=-1))
            return minimal, torch.maximum(math.sqrt(3 * self._order) * deviations, least)
        assert isinstance(filter, Kernel)
        return filter.term_profiles(self.dim)[0], filter.lengths(self.dim).to(x).expand(points, self.dim)

    @torch.no_grad()
    def prepare(self, signal: Signal) -> None:
        """Start at the mean, where the recipe says so."""
        samples = self._targets_of(signal).samples
        self.mean.copy_(as_floats(samples).flatten(1).mean(1))

    def _targets_of(self, signal: Signal) -> RepeatedIntegral:
        """What the network learns from: the signal's samples under kernels, exactly."""

        def sampled() -> RepeatedIntegral:
            lines = sampled_lines(self.facts, self.recipe.formula_cells)
            return RepeatedIntegral(lines, lattice_samples(signal, lines, self.device))

        return self._targets.get(signal, sampled)

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam, with the recipe's decay rate."""
        groups = [{"params": list(self.parameters()), "scale": 1.0}]
        betas = (0.9, self.recipe.adam_beta2)
        return torch.optim.Adam(groups, lr=self.recipe.learning_rate, betas=betas, fused=True)

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Mean absolute error of Dirac sums of B-splines against the signal's convolutions with them."""
        share = float(torch.rand((), generator=generator, device=generator.device))
        ratio = self.recipe.most_half_size / self.recipe.half_size
        size = self.recipe.half_size * (ratio**share if self.recipe.sizes == "log-uniform" else 1.0)
        x, found = (self._at_points if self.recipe.sampling == "points" else self._on_lattices)(size, generator)
        with torch.no_grad():
            minimal = [Profile.minimal(self.recipe.degree)] * self.dim
            wanted = self._targets_of(signal).at(x, [minimal], x.new_full((1, self.dim), size).expand(len(x), self.dim))
        return (found - wanted.to(found)).abs().mean()

    def _at_points(self, size: float, generator: torch.Generator) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c"]]:
        """Points anywhere in the padded box, and Dirac sums around them."""
        shape = (self.recipe.points_per_step, self.dim)
        x = (2 * torch.rand(shape, generator=generator, device=generator.device) - 1) * self._padded(generator)
        kernel = Kernel(Profile.minimal(self.recipe.degree), torch.full((), size, device=generator.device))
        return x, self._values(x, kernel)

    def _padded(self, generator: torch.Generator) -> Float[Tensor, "d"]:
        return torch.tensor([half + PADDING for half in self.facts.half_extent], device=generator.device)

    def _on_lattices(
        self, size: float, generator: torch.Generator
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c"]]:
        """Points of lattices as far apart as Diracs are, which neighbours share, shifted at random.

        As many evaluations as points that share none would take. Points outside of the padded box are dropped.
        """
        padded, order = self._padded(generator), self._order
        spacing = 2 * size / order
        evaluations = self.recipe.points_per_step * (order + 1) ** self.dim
        most = max(1, int(evaluations ** (1 / self.dim) + 1e-6) - order)
        counts = [min(most, math.ceil(2 * float(half) / spacing) + 1) for half in padded]
        lattices = max(1, evaluations // math.prod(count + order for count in counts))
        shifts = torch.rand(lattices, self.dim, generator=generator, device=generator.device)
        spans = padded.new_tensor([(count - 1) * spacing for count in counts])
        whole = spans >= 2 * padded
        first = torch.where(whole, -padded - shifts * (spans - 2 * padded), (2 * shifts - 1) * padded - spans / 2)
        nodes = first[:, None] - size + spacing * _places([count + order for count in counts], first)
        values = self.integral(nodes.flatten(0, 1)).unflatten(0, (lattices, *[count + order for count in counts]))
        diracs = Profile.minimal(self.recipe.degree).weights.flip(0).to(values) / size**order
        for axis, count in enumerate(counts):
            values = sum(w * values.narrow(1 + axis, m, count) for m, w in enumerate(diracs))
        x = (first[:, None] + spacing * _places(counts, first)).flatten(0, 1)
        inside = (x.abs() <= padded).all(-1)
        return x[inside], values.flatten(0, -2)[inside]


def _all_diracs(profiles: Sequence[Profile], like: Tensor) -> tuple[Float[Tensor, "k d"], Float[Tensor, "k"]]:
    """Positions and weights of the Diracs of a product, for a half size of 1."""
    positions, weights = Kernel(list(profiles), 1.0).diracs(len(profiles))[0].product()
    return positions.to(like), weights.to(like)


def _places(counts: Sequence[int], like: Tensor) -> Float[Tensor, "n d"]:
    """Whole coordinates of a lattice's vertices, the last axis varying fastest."""
    axes = [torch.arange(count, device=like.device, dtype=like.dtype) for count in counts]
    return torch.cartesian_prod(*axes).reshape(-1, len(counts))


def _dense(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """A layer as published: normal weights of variance 1 over its inputs."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, device=torch.get_default_device())
    assert isinstance(layer, nn.Linear)
    nn.init.normal_(layer.weight, std=inputs**-0.5, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
