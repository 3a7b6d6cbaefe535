"""Our instant scale-space field: a pyramid of grids, dampened level by level, and a small network.

A Laplacian pyramid learned from samples. Grids of vertices, from two cells across to one cell a sample of the signal,
are interpolated linearly at ``x``. Level ``l``, with cells of side ``s_l``, holds detail around half its Nyquist
frequency, ``f_l = 1 / (4 s_l)``; an isotropic Gaussian of variance ``v`` dampens its features ``phi_l`` by

    w_l(v) = exp(-2 pi^2 kappa f_l^2 v)

The first features of each level are colours, and their sum is nearly the answer. A small ReLU network, which sees all
dampened features and (as its notion of scale) the weights, adds what the sum misses; nothing where nothing is smoothed:

    field(x, v) = sum_l w_l colours_l(x) + (1 - w_finest) network(w_1 phi_1(x), ..., w_L phi_L(x), w_1, ..., w_L)

Training is self-supervised: random points and variances, with the signal averaged over a few offsets drawn from the
Gaussian as target. An anisotropic Gaussian is split, at evaluation, into isotropic probes along its major axis, whose
features are averaged.

Kin:
    Mueller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, SIGGRAPH 2022 (the grids);
    Barron et al., Zip-NeRF, ICCV 2023 (weighting levels by the filter, several samples a filter);
    Turki et al., PyNeRF, NeurIPS 2023 (a pyramid of grids by scale);
    Greene and Heckbert, Creating Raster Omnimax Images from Multiple Perspective Views Using the Elliptical Weighted
    Average Filter, IEEE CG&A 1986, and McCormack et al., Feline: Fast Elliptical Lines for Anisotropic Texture
    Mapping, SIGGRAPH 1999 (the probes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from dataclasses import field as setting
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Gaussian
from ..recipe import Precision, Recipe
from ..signals import Signal, SignalFacts
from ..signals.signal import PADDING, mirrored
from ..validation import ADDED_LATER
from .field import Field, dense_layers
from .grid_levels import DenseLevel, HashedLevel
from .probe_planes import split_along_two_axes

_NEGLIGIBLE = 8.0
"""Exponent from which a level's weight, below e^-8, counts as zero, so that the level can be skipped."""

_LOG10_VARIANCES = (-6.0, 0.0)
"""Range of the variances trained on, from below a pixel to the whole picture."""

_BALANCED_VARIANCE = 1e-4
"""Around this variance the loss starts to favour larger ones, whose errors are smaller and would else be ignored."""

_COARSE_CELLS = 32
"""Along the longer side: levels up to here cost next to nothing, so they may hold more features."""

_PROBE_REACH = 2.5
"""Half the length covered by probes, in standard deviations of what they have to spread over."""

_PROBE_SPACING = 2.0
"""Distance of neighbouring probes, in standard deviations of one of them, that leaves no gaps (ripples below 2 %)."""

_PROBE_SPACING_MOST = 3.0
"""The same where probes are too few for that; from here on gaps do more harm than probes that are too wide."""


@dataclass(frozen=True, kw_only=True)
class PyramidRecipe(Recipe):
    """Settings of a pyramid.

    Attributes:
        coarsest_cells: cells of the coarsest level along the longer side.
        max_cells: most cells of the finest level along the longer side; cells are no smaller than the signal's samples.
        formula_cells: cells of the finest level for a signal that is a formula and has no samples.
        growth: how many times smaller cells get from level to level, about.
        extra_features: features of a level beside its colours.
        kappa: how strongly levels are dampened, 1 being the Gaussian's response at half their Nyquist frequency.
        width: units of each of the network's two hidden layers.
        unfiltered: share of the training points that are not smoothed.
        samples: offsets averaged for the target of a training point.
        network_rate: the network's learning rate as a share of the grids'.
        probes: most probes along the major axis of an anisotropic Gaussian, in 3-D over its two longer axes.
        log2_entries: levels with more vertices than this power of two are hashed into a table of that size.
        smoothness: a level's values, at first and at each step, go with this power of its cells' size. 0 suits
            pictures, whose details are as strong at every scale; 1 a distance, which bends by less than a cell within
            a cell.
        coarse_features: further features of levels with at most 32 cells along the longer side.
        half_importance: distance from zero at which a value's error counts half of what it does at zero, where the
            surface of a shape is; 0 counts all alike.
        antithetic: offsets come in pairs of opposite ones, which cancel all that is linear.
    """

    kind: ClassVar[str] = "pyramid"

    precision: Precision = "float32"  # the network is so small that bfloat16 gains no time
    learning_rate: float = 2e-2
    learning_rate_end: float = 0.02
    coarsest_cells: int = 2
    max_cells: int = 2048
    formula_cells: int = 256
    growth: float = 1.7
    extra_features: int = 1
    kappa: float = 1.0
    width: int = 64
    unfiltered: float = 0.6
    samples: int = 8
    network_rate: float = 0.3
    probes: int = 16
    log2_entries: int = setting(default=31, metadata=ADDED_LATER)
    smoothness: float = setting(default=0.0, metadata=ADDED_LATER)
    coarse_features: int = setting(default=0, metadata=ADDED_LATER)
    half_importance: float = setting(default=0.0, metadata=ADDED_LATER)
    antithetic: bool = setting(default=False, metadata=ADDED_LATER)

    def for_signal(self, facts: SignalFacts) -> PyramidRecipe:
        """For a shape, the settings that suit distances in 3-D, whatever the preset's length."""
        return replace(self, **SHAPE_SETTINGS) if facts.type == "shape" else self

    def learning_rate_at(self, progress: float) -> float:
        """Slow decay first, fast at the end: a fine vertex is seen rarely, so it needs many steps at a high rate."""
        return super().learning_rate_at(progress**2)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("coarsest_cells", "width", "samples", "probes"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        for name in ("max_cells", "formula_cells"):
            holds = self.coarsest_cells <= getattr(self, name) <= 8192
            self._require(name, holds, f"from {self.coarsest_cells} to 8192")
        self._require("width", self.width <= 4096, "at most 4096")
        self._require("growth", self.growth > 1, "more than 1")
        self._require("extra_features", self.extra_features >= 0, "0 or more")
        self._require("log2_entries", 8 <= self.log2_entries <= 31, "from 8 to 31")
        self._require("unfiltered", 0 < self.unfiltered < 1, "in (0, 1)")
        for name in ("kappa", "network_rate"):
            self._require(name, getattr(self, name) > 0, "more than 0")


SHAPE_SETTINGS: dict[str, Any] = {
    "growth": 2.0,
    "formula_cells": 192,
    "log2_entries": 21,
    "coarse_features": 4,
    "smoothness": 1.0,
    "half_importance": 0.05,
    "samples": 4,
    "antithetic": True,
    "network_rate": 1.0,
    "probes": 25,
}
"""What suits a distance in 3-D: cells half as long from level to level, dense up to about 100 along an axis."""


class Pyramid(Field):
    """The field described at the head of this file.

    ``preview`` is a laptop's default, good after a few seconds and better with each; ``paper`` (there is none: this
    method is our own) stands for the best quality it can give.
    """

    kind = "pyramid"
    recipe_type = PyramidRecipe
    presets: ClassVar = {
        "preview": PyramidRecipe(preset="preview", steps=1000),
        "standard": PyramidRecipe(preset="standard", steps=4000, learning_rate_end=0.01),
        "paper": PyramidRecipe(preset="paper", steps=16000, growth=1.5, extra_features=2, learning_rate_end=0.005),
        "shape": PyramidRecipe(preset="shape", steps=1500, **SHAPE_SETTINGS),
    }
    filters = (Gaussian,)

    decays: Tensor

    def __init__(self, recipe: PyramidRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.recipe: PyramidRecipe = recipe
        levels = [_level(recipe, facts, cell) for cell in _cell_sizes(recipe, facts)]
        self.levels: Sequence[DenseLevel | HashedLevel] = nn.ModuleList(levels)  # type: ignore[assignment]
        self.network = nn.Sequential(
            nn.Linear(sum(len(level.values) + 1 for level in levels), recipe.width),
            nn.ReLU(),
            nn.Linear(recipe.width, recipe.width),
            nn.ReLU(),
            nn.Linear(recipe.width, facts.channels),
        )
        self._decays = [2 * math.pi**2 * recipe.kappa / (4 * level.cell) ** 2 for level in levels]
        # The same on the field's device, so that no training step waits for a copy.
        self.register_buffer("decays", torch.tensor(self._decays), persistent=False)
        self._initialise(torch.Generator().manual_seed(recipe.seed))

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        for level in self.levels:
            level.values.uniform_(-1e-2, 1e-2, generator=generator)
            level.values.mul_(self._strength(level))
        for layer in (layer for layer in self.network if isinstance(layer, nn.Linear)):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
        layer.weight *= 0.1  # the sum of colours leads, the network corrects

    def _strength(self, level: DenseLevel | HashedLevel) -> float:
        """How strong a level's features are expected to be, relative to the coarsest's."""
        return (level.cell / self.levels[0].cell) ** self.recipe.smoothness

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam; a short memory and no epsilon suit the grids, most of whose values a batch does not touch."""
        groups = [
            *({"params": [level.values], "scale": self._strength(level)} for level in self.levels),
            {"params": list(self.network.parameters()), "scale": self.recipe.network_rate},
        ]
        return torch.optim.Adam(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.99), eps=1e-15, fused=True)

    def _values(self, x: Float[Tensor, "n d"], filter: Gaussian | None) -> Float[Tensor, "n c"]:
        if self.dim > 2 and filter is not None and not filter.isotropic:
            return self._averaged_over_plane(x, filter)
        if filter is None or filter.isotropic:
            variance = x.new_zeros(1) if filter is None else filter.variance.to(x).reshape(-1)
            probes = [(x, x.new_ones(1))]
        else:
            # One matrix for all points is split once; its probes then broadcast.
            variance, steps, weights = split_along_major_axis(
                filter.covariance(self.dim).to(x).reshape(-1, self.dim, self.dim), self.recipe.probes
            )
            middle = len(weights) // 2
            probes = [(self._mirrored(x + (k - middle) * steps), weight) for k, weight in enumerate(weights)]
        smallest, largest = (float(bound) for bound in variance.aminmax()) if len(x) else (0.0, 0.0)
        # Levels that even the least smoothed point does not need are skipped. The probes' features are averaged, so
        # that the network, the costlier part, is asked once.
        features = [
            torch.stack([weight * level(point) for point, weight in probes]).sum(0)
            if decay * smallest < _NEGLIGIBLE
            else x.new_zeros(len(level.values), 0)
            for level, decay in zip(self.levels, self._decays, strict=True)
        ]
        return self._blend(features, variance.expand(len(x)), unfiltered=len(x) if largest == 0 else 0)

    def _averaged_over_plane(self, x: Float[Tensor, "n d"], filter: Gaussian) -> Float[Tensor, "n c"]:
        """In 3-D an anisotropic Gaussian's probes lie in the plane of its two longer axes."""
        probes = split_along_two_axes(
            filter.covariance(self.dim).to(x).reshape(-1, self.dim, self.dim), self.recipe.probes
        )
        smallest = float(probes.variance.amin()) if len(x) else 0.0
        features = []
        for level, decay in zip(self.levels, self._decays, strict=True):
            needed = decay * smallest < _NEGLIGIBLE
            average = x.new_zeros(len(level.values), len(x) if needed else 0)
            for offset, weight in probes if needed else ():
                average += weight * level(x + offset)
            features.append(average)
        return self._blend(features, probes.variance.expand(len(x)), unfiltered=0)

    def _mirrored(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Probes that left the box of a sampled signal, folded back as its border does; formulas have no border."""
        return mirrored(x, self.facts.half_extent) if self.facts.resolution else x

    def _blend(self, features: Sequence[Tensor], variance: Float[Tensor, "n"], unfiltered: int) -> Float[Tensor, "n c"]:
        """The formula at the head of this file.

        Args:
            features: of level l, (f, m_l): at as many of the first points as it has any weight for.
            variance: one a point.
            unfiltered: the first points, up to this one, have variance 0, so the network is not asked for them.
        """
        count = len(variance)
        exponents = self.decays[:, None] * variance
        weights = torch.exp(-exponents) * (exponents < _NEGLIGIBLE)
        rows = [
            F.pad(level * weight[: level.shape[1]], (0, count - level.shape[1]))
            for level, weight in zip(features, weights, strict=True)
        ]
        colours = torch.stack([row[: self.facts.channels] for row in rows]).sum(0).T
        if unfiltered == count:
            return colours
        seen = torch.cat([row[:, unfiltered:] for row in (*rows, weights)])
        with dense_layers(self.recipe.precision, seen.device, self.training):
            correction = self.network(seen.T)
        correction = correction * (1 - weights[-1, unfiltered:, None])
        return colours + F.pad(correction, (0, 0, unfiltered, 0))

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Weighted squared error of one batch.

        The batch is ordered by variance, unfiltered points first, so that each fine level serves only its beginning.
        """
        count = self.recipe.points_per_step
        unfiltered = min(max(1, round(self.recipe.unfiltered * count)), count - 1)
        filtered = count - unfiltered

        finest = self.levels[-1]
        if self.facts.resolution and isinstance(finest, DenseLevel) and finest.cell == _sample_size(self.facts):
            # On the samples themselves each vertex answers for one value alone, which is learned several times faster.
            x = signal.draw(torch.rand(count, self.dim, generator=generator, device=generator.device))
            x = torch.cat([finest.nearest_vertex(x[:unfiltered]), x[unfiltered:]])
            values = signal(x[:unfiltered])
        else:
            x, values = signal.examples(count, generator)
        variance = _ascending_variances(filtered, generator)
        with torch.no_grad():
            recipe = self.recipe
            smooth = _sampled_mean(signal, x[unfiltered:], variance, recipe.samples, generator, recipe.antithetic)
            target = torch.cat([values[:unfiltered], smooth])
        variance = torch.cat([variance.new_zeros(unfiltered), variance])

        counts = [unfiltered + _count_below(_NEGLIGIBLE / decay, filtered) for decay in self._decays]
        features = [level(x[:needed]) for level, needed in zip(self.levels, counts, strict=True)]
        error = self._blend(features, variance, unfiltered) - target
        importance = (1 + variance / _BALANCED_VARIANCE) ** 0.35
        if self.recipe.half_importance:
            importance = importance / (1 + target.abs().amax(1) / self.recipe.half_importance)
        return (importance[:, None] * error.square()).mean()


def split_along_major_axis(
    covariance: Float[Tensor, "n d d"], most: int
) -> tuple[Float[Tensor, "n"], Float[Tensor, "n d"], Float[Tensor, "probes n"]]:
    """Split Gaussians into isotropic ones, evenly spaced along the major axis and weighted by a normal density.

    Each has the variance across the major axis (in 3-D the mean over the other two axes). Where ``most`` probes would
    lie too far apart they get wider, and what they spread over gets shorter, so that the major variance stays right.

    Returns:
        the probes' variance, the step from one probe to the next, and the weights of an odd number of probes, the
        middle one at the point itself; points that need fewer probes than others have weights 0 at both ends.
    """
    eigenvalues, axes = torch.linalg.eigh(covariance)
    minor, major = eigenvalues[:, :-1].mean(-1).clamp_min(0), eigenvalues[:, -1].clamp_min(0)
    spread = (major - minor).clamp_min(0)
    tiny = torch.finfo(minor.dtype).tiny
    needed = torch.ceil(_PROBE_REACH / _PROBE_SPACING * (spread / minor.clamp_min(tiny)).sqrt())
    either_side = needed.clamp(max=(most - 1) // 2)
    gap = _PROBE_REACH / either_side.clamp_min(1)  # in standard deviations of the spread
    spread = torch.minimum(spread, major / (1 + (gap / _PROBE_SPACING_MOST) ** 2)) * (either_side > 0)

    reach = int(either_side.max()) if len(either_side) else 0
    index = torch.arange(-reach, reach + 1, device=gap.device)[:, None]
    weights = torch.exp(-0.5 * (index * gap).square()) * (index.abs() <= either_side)
    weights = weights / weights.sum(0)
    # A few cut-off probes spread a little less than the normal density that they stand for.
    moment = (weights * index.square()).sum(0).clamp_min(tiny)
    steps = axes[:, :, -1] * (spread / moment).sqrt()[:, None] * (either_side > 0)[:, None]
    return major - spread, steps, weights


def _level(recipe: PyramidRecipe, facts: SignalFacts, cell: float) -> DenseLevel | HashedLevel:
    is_coarse = 2 * (max(facts.half_extent) + PADDING) / cell < _COARSE_CELLS + 0.5
    features = facts.channels + recipe.extra_features + (recipe.coarse_features if is_coarse else 0)
    dense = DenseLevel(facts.half_extent, cell, facts.resolution or (0,) * len(facts.half_extent), features)
    if dense.values[0].numel() <= 1 << recipe.log2_entries:
        return dense
    return HashedLevel(facts.half_extent, cell, recipe.log2_entries, features)


def _sample_size(facts: SignalFacts) -> float:
    return 2 * max(facts.half_extent) / max(facts.resolution)


def _cell_sizes(recipe: PyramidRecipe, facts: SignalFacts) -> list[float]:
    """Side of each level's cells, coarsest first, in equal ratios as near to ``growth`` as the two ends allow."""
    side = 2 * (max(facts.half_extent) + PADDING)
    wanted = _sample_size(facts) if facts.resolution else side / recipe.formula_cells
    finest = max(wanted, side / recipe.max_cells)
    coarsest = max(side / recipe.coarsest_cells, finest)
    steps = max(1, round(math.log(coarsest / finest) / math.log(recipe.growth)))
    return [finest * (coarsest / finest) ** (step / steps) for step in range(steps, -1, -1)]


def _ascending_variances(count: int, generator: torch.Generator) -> Float[Tensor, "n"]:
    """One random variance in each of ``count`` equal parts of the logarithmic range."""
    low, high = _LOG10_VARIANCES
    jitter = torch.rand(count, generator=generator, device=generator.device)
    share = (torch.arange(count, device=generator.device) + jitter) / count
    return torch.pow(10.0, low + (high - low) * share)


def _count_below(variance: float, count: int) -> int:
    """How many of ``count`` ascending variances may be below ``variance``."""
    low, high = _LOG10_VARIANCES
    share = (math.log10(variance) - low) / (high - low)
    return math.ceil(min(max(share, 0.0), 1.0) * count)


def _sampled_mean(
    signal: Signal,
    x: Float[Tensor, "n d"],
    variance: Float[Tensor, "n"],
    samples: int,
    generator: torch.Generator,
    antithetic: bool,
) -> Float[Tensor, "n c"]:
    """The signal averaged over offsets from each point's Gaussian: one low-discrepancy set, shifted for each point.

    Source of the set: M. Roberts, The Unreasonable Effectiveness of Quasirandom Sequences (2018).
    """
    dim = x.shape[1]
    count = -(-samples // 2) if antithetic else samples
    ratio = 1.0
    for _ in range(50):  # converges to the root of ratio^(dim + 1) = ratio + 1, the golden ratio for dim = 1
        ratio = (1 + ratio) ** (1 / (dim + 1))
    lattice = torch.tensor([[k * ratio**-axis % 1 for axis in range(1, dim + 1)] for k in range(count)])
    shift = torch.rand(x.shape, generator=generator, device=generator.device)
    noise = (lattice.to(x.device, non_blocking=True)[:, None] + shift).frac()
    offsets = Gaussian.unchecked(variance).offsets(noise)
    if antithetic:
        offsets = torch.cat([offsets, -offsets])
    return signal.sampled((x + offsets).flatten(0, 1)).unflatten(0, offsets.shape[:2]).mean(0)
