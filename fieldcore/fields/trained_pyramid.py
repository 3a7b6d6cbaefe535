"""A pyramid of grids that is trained: levels dampened by the filter, and a small network.

A Laplacian pyramid learned from samples. Grids of vertices, from two cells across to one cell a sample of the signal,
are interpolated linearly at ``x``. Level ``l``, with cells of side ``s_l``, holds detail around half its Nyquist
frequency, ``f_l = 1 / (4 s_l)``; an isotropic Gaussian of variance ``v`` dampens its features ``phi_l`` by

    w_l(v) = exp(-(2 pi^2 kappa f_l^2 v)^sharpness)

The first features of each level are colours, and their sum is nearly the answer. A small ReLU network, which sees all
dampened features and (as its notion of scale) the weights, adds what the sum misses; nothing where nothing is smoothed:

    field(x, v) = sum_l w_l colours_l(x) + (1 - w_finest) network(w_1 phi_1(x), ..., w_L phi_L(x), w_1, ..., w_L)

Training is self-supervised: random points and variances, with the signal averaged over a few offsets drawn from the
Gaussian as target.

An anisotropic Gaussian is split, at evaluation, into isotropic probes along its major axis (probe_lines.py), whose
features are averaged; the coarser a level, the fewer of them it needs. In 3-D the probes lie in the plane of the two
longer axes (probe_planes.py), and levels with too many vertices are hashed (grid_levels.py). What levels have on a
lattice in space is cached, for a slider asks for it again and again with another variance (lattice_cache.py).

The solved pyramid (pyramid.py) is quicker and nearer to the truth wherever the signal can be sampled at its vertices;
this one learns from points, wherever they lie.

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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as setting
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Filter, Gaussian
from ..recipe import Precision, Recipe
from ..signals import Signal, SignalFacts
from ..signals.signal import PADDING, folded
from ..validation import ADDED_LATER
from .field import Field, dense_layers
from .grid_levels import CubicLevel, DenseLevel, HashedLevel
from .lattice_cache import LatticeCache
from .probe_groups import Group, group_points
from .probe_lines import ProbeLines, split_along_major_axis
from .probe_planes import split_along_two_axes
from .smoothing_targets import LARGEST_LOG10_VARIANCE, ascending_variances, count_below, sampled_mean

_NEGLIGIBLE = 8.0
"""Exponent from which a level's weight, below e^-8, counts as zero, so that the level can be skipped."""

_BALANCED_VARIANCE = 1e-4
"""Around this variance the loss starts to favour larger ones, whose errors are smaller and would else be ignored."""

_COARSE_CELLS = 32
"""Along the longer side: levels up to here cost next to nothing, so they may hold more features."""


@dataclass(frozen=True, kw_only=True)
class TrainedPyramidRecipe(Recipe):
    """Settings of a trained pyramid.

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
        sharpness: exponent of the dampening; above 1 levels fade more abruptly, as those of a mipmap.
        log10_variance: of the smallest Gaussians trained on.
        log2_entries: levels with more vertices than this power of two are hashed into a table of that size.
        smoothness: a level's values, at first and at each step, go with this power of its cells' size. 0 suits
            pictures, whose details are as strong at every scale; 1 a distance, which bends by less than a cell within
            a cell.
        coarse_features: further features of levels with at most 32 cells along the longer side.
        half_importance: distance from zero at which a value's error counts half of what it does at zero, where the
            surface of a shape is; 0 counts all alike.
        cubic: levels that are not hashed are interpolated by cubics, which are smooth also where cells meet.
        antithetic: offsets come in pairs of opposite ones, which cancel all that is linear.
    """

    kind: ClassVar[str] = "trained_pyramid"

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
    sharpness: float = setting(default=1.0, metadata=ADDED_LATER)
    log10_variance: float = setting(default=-6.0, metadata=ADDED_LATER)
    log2_entries: int = setting(default=31, metadata=ADDED_LATER)
    smoothness: float = setting(default=0.0, metadata=ADDED_LATER)
    coarse_features: int = setting(default=0, metadata=ADDED_LATER)
    half_importance: float = setting(default=0.0, metadata=ADDED_LATER)
    cubic: bool = setting(default=False, metadata=ADDED_LATER)
    antithetic: bool = setting(default=False, metadata=ADDED_LATER)

    def for_signal(self, facts: SignalFacts) -> TrainedPyramidRecipe:
        """In 3-D the settings that suit distances there, whatever the preset's length."""
        return replace(self, **_IN_SPACE) if len(facts.half_extent) == 3 and not facts.resolution else self

    def learning_rate_at(self, progress: float) -> float:
        """Slow decay first, fast at the end: a fine vertex is seen rarely, so it needs many steps at a high rate."""
        return super().learning_rate_at(progress**2)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("coarsest_cells", "samples", "probes"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        for name in ("max_cells", "formula_cells"):
            holds = self.coarsest_cells <= getattr(self, name) <= 8192
            self._require(name, holds, f"from {self.coarsest_cells} to 8192")
        self._require("width", 1 <= self.width <= 4096, "from 1 to 4096")
        self._require("growth", self.growth > 1, "more than 1")
        self._require("probes", self.probes <= 200, "at most 200")
        self._require("log10_variance", self.log10_variance < LARGEST_LOG10_VARIANCE, "less than 0")
        self._require("extra_features", self.extra_features >= 0, "0 or more")
        self._require("log2_entries", 8 <= self.log2_entries <= 31, "from 8 to 31")
        self._require("unfiltered", 0 < self.unfiltered < 1, "in (0, 1)")
        for name in ("kappa", "sharpness", "network_rate"):
            self._require(name, getattr(self, name) > 0, "more than 0")


_IN_SPACE: dict[str, Any] = {
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
"""What suits a distance in 3-D that is learned: levels dense up to about 100 cells an axis, a finer one hashed."""


class TrainedPyramid(Field):
    """The field described at the head of this file.

    ``preview`` is good after a few seconds and better with each; ``best`` stands for the best quality it can give.
    """

    kind = "trained_pyramid"
    recipe_type = TrainedPyramidRecipe
    dims: ClassVar[tuple[int, ...]] = (2, 3)
    presets: ClassVar = {
        "preview": TrainedPyramidRecipe(preset="preview", steps=1000),
        "standard": TrainedPyramidRecipe(preset="standard", steps=4000, learning_rate_end=0.01),
        "best": TrainedPyramidRecipe(preset="best", steps=16000, growth=1.5, extra_features=2, learning_rate_end=0.005),
    }
    filters = (Gaussian,)

    cells: Tensor
    vanishing: Tensor
    bounds: Tensor

    def __init__(self, recipe: TrainedPyramidRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.recipe: TrainedPyramidRecipe = recipe
        cells = _cell_sizes(recipe, facts)
        levels = [_level(recipe, facts, cell) for cell in cells]
        self.levels: Sequence[DenseLevel | HashedLevel] = nn.ModuleList(levels)  # type: ignore[assignment]
        self._cache = LatticeCache()
        self.network = _network(sum(level.features + 1 for level in levels), recipe.width, facts.channels)
        self._vanishing = [_vanishing_variance(recipe, cell) for cell in cells]
        # The same on the field's device, so that nothing waits for a copy.
        bounds = [half + PADDING for half in facts.half_extent]
        cells = [level.cell for level in levels]
        for name, numbers in (("cells", cells), ("vanishing", self._vanishing), ("bounds", bounds)):
            self.register_buffer(name, torch.tensor(numbers), persistent=False)
        self._initialise(torch.Generator().manual_seed(recipe.seed))

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        for level in self.levels:
            level.values.uniform_(-1e-2, 1e-2, generator=generator)
            level.values.mul_(self._strength(level))
        layers = self._linear_layers
        for layer in layers:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
        for layer in layers[-1:]:
            layer.weight *= 0.1  # the sum of colours leads, the network corrects

    @property
    def _linear_layers(self) -> list[nn.Linear]:
        return [layer for layer in self.network if isinstance(layer, nn.Linear)]

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

    def tile_points(self, filter: Filter | None) -> int:
        """More than a network's: looking up takes little memory, but every slice and every group of points its time."""
        grouped_by_probes = filter is not None and filter.per_point is not None
        return max(super().tile_points(filter), 1 << 18 if grouped_by_probes else 1 << (17 if self.dim > 2 else 15))

    def _values(self, x: Float[Tensor, "n d"], filter: Gaussian | None) -> Float[Tensor, "n c"]:
        if self.dim > 2 and filter is not None and not filter.isotropic:
            covariance = filter.covariance(3).to(x).reshape(-1, 3, 3)
            return self._averaged_over_points(x, covariance)
        lines = self._probe_lines(x, filter)
        needed = lines.variance < self.vanishing[:, None]
        groups = group_points(x, lines, needed, self.cells, self.bounds)
        unfiltered = not bool((lines.variance > 0).any())
        # The probes' features are averaged, so that the network, the costlier part, is asked once a point.
        features = []
        for level, level_groups in zip(self.levels, groups, strict=True):
            averages = x.new_zeros(level.features, len(x))
            for group in level_groups:
                values = self._average(level, group, x, lines.spread)
                averages = values if group.points is None else averages.index_copy_(1, group.points, values)
            features.append(averages)
        return self._blend(features, lines.variance, len(x), unfiltered=len(x) if unfiltered else 0)

    def _probe_lines(self, x: Float[Tensor, "n d"], filter: Gaussian | None) -> ProbeLines:
        """The filter as probes: one line for all points, or one for each."""
        if filter is None or filter.isotropic:
            variance = x.new_zeros(1) if filter is None else filter.variance.to(x).reshape(-1)
            return ProbeLines(variance, None, torch.zeros_like(variance))
        covariance = filter.covariance(self.dim).to(x).reshape(-1, self.dim, self.dim)
        return split_along_major_axis(covariance, self.recipe.probes)

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``Field.on_lattice``; with one filter for all, dense levels are interpolated one axis after the other."""
        count = math.prod(map(len, axes))
        fitted = self._check(filter, count)
        if self.dim != 3 or not (fitted is None or (isinstance(fitted, Gaussian) and fitted.per_point is None)):
            return super().on_lattice(axes, filter)
        if fitted is None or fitted.isotropic:
            return self._filtered_on_lattice(axes, 0.0 if fitted is None else float(fitted.variance))
        return self._averaged_on_lattice([axis.to(self.device) for axis in axes], fitted)

    def _filtered_on_lattice(self, axes: Sequence[Float[Tensor, "_"]], variance: float) -> Float[Tensor, "n c"]:
        """With one variance for all points; what the levels have there is cached for the next."""
        count = math.prod(map(len, axes))
        features = [
            self._cache.features(level, axes, len(self.levels))
            if variance < vanishing
            else torch.empty(level.features, 0, device=self.device)
            for level, vanishing in zip(self.levels, self._vanishing, strict=True)
        ]
        variances = torch.full((1,), variance, device=self.device)
        return self._blend(features, variances, count, unfiltered=0 if variance else count)

    def train(self, mode: bool = True) -> TrainedPyramid:
        """As of any module; steps of a training make what is cached of the levels useless."""
        if mode:
            self._cache.clear()
        return super().train(mode)

    def _averaged_on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Gaussian) -> Float[Tensor, "n c"]:
        """With one covariance for all points: all probes are looked up together."""
        covariance = filter.covariance(3).to(axes[0])[None]

        def look_up(level: DenseLevel | HashedLevel, probes: Iterator[tuple[Tensor, Tensor]]) -> Float[Tensor, "f n"]:
            return level.averaged_on_lattice(axes, *map(torch.cat, zip(*probes, strict=True)))

        return self._averaged_over_plane(math.prod(map(len, axes)), covariance, look_up)

    def _averaged_over_points(
        self, x: Float[Tensor, "n 3"], covariance: Float[Tensor, "#n 3 3"]
    ) -> Float[Tensor, "n c"]:
        """With a covariance for each point, or one for all: probe after probe."""

        def look_up(level: DenseLevel | HashedLevel, probes: Iterator[tuple[Tensor, Tensor]]) -> Float[Tensor, "f n"]:
            average = x.new_zeros(level.features, len(x))
            for offset, weight in probes:
                average += weight * level(x + offset)
            return average

        return self._averaged_over_plane(len(x), covariance, look_up)

    def _averaged_over_plane(
        self,
        count: int,
        covariance: Float[Tensor, "#n 3 3"],
        look_up: Callable[[DenseLevel | HashedLevel, Iterator[tuple[Tensor, Tensor]]], Float[Tensor, "f n"]],
    ) -> Float[Tensor, "n c"]:
        """In 3-D a Gaussian's probes lie in the plane of its two longer axes.

        Args:
            count: of points.
            covariance: one for all, or one a point.
            look_up: gives a level's features at all points, averaged over probes: offsets and their weights.
        """
        plane = split_along_two_axes(covariance, self.recipe.probes)
        smallest, largest = (float(bound) for bound in plane.variance.aminmax()) if count else (0.0, 0.0)
        features = [
            look_up(level, plane.probes(level.cell))
            if smallest < vanishing
            else covariance.new_zeros(level.features, 0)
            for level, vanishing in zip(self.levels, self._vanishing, strict=True)
        ]
        return self._blend(features, plane.variance, count, unfiltered=count if largest == 0 else 0)

    def _average(
        self,
        level: DenseLevel | HashedLevel,
        group: Group,
        x: Float[Tensor, "n d"],
        spread: Float[Tensor, "#n d"] | None,
    ) -> Float[Tensor, "f m"]:
        """Features of a level, averaged over the probes of each point of a group."""
        return group.average(lambda x: level(folded(x, self.facts) if group.leaves else x), x, spread)

    def weights(self, variance: Float[Tensor, "n"]) -> Float[Tensor, "levels n"]:
        """How much of each level a Gaussian of that variance leaves."""
        share = variance / self.vanishing[:, None]
        return torch.exp(-_NEGLIGIBLE * share**self.recipe.sharpness) * (share < 1)

    def _blend(
        self, features: Sequence[Tensor], variance: Float[Tensor, "#n"], count: int, unfiltered: int
    ) -> Float[Tensor, "n c"]:
        """The formula at the head of this file.

        Args:
            features: of level l, (f, m_l): at as many of the first points as it has any weight for.
            variance: one for all points, or one a point.
            count: of points.
            unfiltered: the first points, up to this one, have variance 0, so the network is not asked for them.
        """
        weights = self.weights(variance)
        if unfiltered == count:
            colours = features[0].new_zeros(self.facts.channels, count)
            for level, weight in zip(features, weights, strict=True):
                needed = level.shape[1]
                colours[:, :needed].addcmul_(level[: self.facts.channels], weight[:needed])
            return colours.T
        rows = [
            F.pad(level * weight[: level.shape[1]], (0, count - level.shape[1]))
            for level, weight in zip(features, weights, strict=True)
        ]
        colours = torch.stack([row[: self.facts.channels] for row in rows]).sum(0).T
        weights = weights.expand(-1, count)
        seen = torch.cat([row[:, unfiltered:] for row in (*rows, weights)])
        with dense_layers(self.recipe.precision, seen.device, self.training, self.is_distance):
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
        variance = ascending_variances(filtered, self.recipe.log10_variance, generator)
        with torch.no_grad():
            recipe = self.recipe
            smooth = sampled_mean(signal, x[unfiltered:], variance, recipe.samples, generator, recipe.antithetic)
            target = torch.cat([values[:unfiltered], smooth])
        variance = torch.cat([variance.new_zeros(unfiltered), variance])

        least = self.recipe.log10_variance
        counts = [unfiltered + count_below(vanishing, filtered, least) for vanishing in self._vanishing]
        features = [level(x[:needed]) for level, needed in zip(self.levels, counts, strict=True)]
        error = self._blend(features, variance, count, unfiltered) - target
        importance = (1 + variance / _BALANCED_VARIANCE) ** 0.35
        if self.recipe.half_importance:
            importance = importance / (1 + target.abs().amax(1) / self.recipe.half_importance)
        return (importance[:, None] * error.square()).mean()


def _network(inputs: int, width: int, outputs: int) -> nn.Sequential:
    first, second, last = (
        nn.utils.skip_init(nn.Linear, *sizes)  # the global random stream is the caller's
        for sizes in ((inputs, width), (width, width), (width, outputs))
    )
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), last)


def _level(recipe: TrainedPyramidRecipe, facts: SignalFacts, cell: float) -> DenseLevel | HashedLevel:
    vertices, cell, centre = _lattice(recipe, facts, cell)
    is_coarse = 2 * (max(facts.half_extent) + PADDING) / cell < _COARSE_CELLS + 0.5
    features = facts.channels + recipe.extra_features + (recipe.coarse_features if is_coarse else 0)
    if math.prod(vertices) <= 1 << recipe.log2_entries:
        return (CubicLevel if recipe.cubic else DenseLevel)(vertices, cell, centre, features)
    return HashedLevel(vertices, cell, centre, features, recipe.log2_entries)


def _sample_size(facts: SignalFacts) -> float:
    return 2 * max(facts.half_extent) / max(facts.resolution)


def _cell_sizes(recipe: TrainedPyramidRecipe, facts: SignalFacts) -> list[float]:
    """Side of each level's cells, coarsest first, in equal ratios as near to ``growth`` as the two ends allow."""
    side = 2 * (max(facts.half_extent) + PADDING)
    finest = _finest_cell(recipe, facts)
    coarsest = max(side / recipe.coarsest_cells, finest)
    steps = max(1, round(math.log(coarsest / finest) / math.log(recipe.growth)))
    return [finest * (coarsest / finest) ** (step / steps) for step in range(steps, -1, -1)]


def _finest_cell(recipe: TrainedPyramidRecipe, facts: SignalFacts) -> float:
    side = 2 * (max(facts.half_extent) + PADDING)
    return max(_sample_size(facts) if facts.resolution else side / recipe.formula_cells, side / recipe.max_cells)


def _lattice(recipe: TrainedPyramidRecipe, facts: SignalFacts, cell: float) -> tuple[list[int], float, list[float]]:
    """The vertices along each axis of a level, the side of its cells, and its centre.

    The grid exceeds the signal's box by at least ``PADDING``. Where cells have the size of the signal's samples,
    vertices lie on them.
    """
    samples = facts.resolution or (0,) * len(facts.half_extent)
    vertices = []
    for half, count in zip(facts.half_extent, samples, strict=True):
        least = math.ceil(2 * (half + PADDING) / cell - 1e-6) + 1
        vertices.append(least + (least - count % 2) % 2)  # both even or both odd: the two lattices coincide
    return vertices, cell, [0.0] * len(samples)


def _vanishing_variance(recipe: TrainedPyramidRecipe, cell: float) -> float:
    """The variance from which a level's weight is negligible."""
    return _NEGLIGIBLE ** (1 / recipe.sharpness) * (4 * cell) ** 2 / (2 * math.pi**2 * recipe.kappa)
