"""Our instant scale-space field: a pyramid of grids, dampened level by level, and a small network.

A Laplacian pyramid learned from samples. Grids of vertices, from two cells across to one cell a sample of the signal,
are interpolated linearly at ``x``. Level ``l``, with cells of side ``s_l``, holds detail around half its Nyquist
frequency, ``f_l = 1 / (4 s_l)``; an isotropic Gaussian of variance ``v`` dampens its features ``phi_l`` by

    w_l(v) = exp(-(2 pi^2 kappa f_l^2 v)^sharpness)

The first features of each level are colours, and their sum is nearly the answer. A small ReLU network, which sees all
dampened features and (as its notion of scale) the weights, adds what the sum misses; nothing where nothing is smoothed:

    field(x, v) = sum_l w_l colours_l(x) + (1 - w_finest) network(w_1 phi_1(x), ..., w_L phi_L(x), w_1, ..., w_L)

Training is self-supervised: random points and variances, with the signal averaged over a few offsets drawn from the
Gaussian as target. It begins with noise in the grids, or near the answer (``warm_start``) with the signal's Laplacian
pyramid: the signal smoothed by a Gaussian of standard deviation ``0.85 s_l``, less what coarser levels give

    colours_l = smooth_l - sum_(k<l) colours_k                                          (numerics: laplacian.py)

and with weights ``w_l`` in a table, by the logarithm of ``v``: those by which these colours are nearest, in the least
squares, to the signal's average at random points. Training is then left with the network alone. Without one (a width
of 0) nothing is left to train: that suits a distance, which is smooth nearly everywhere, and a texture, which is asked
for small footprints: to their averages a network would add more noise than half a minute of training takes away.

An anisotropic Gaussian is split, at evaluation, into isotropic probes along its major axis (probe_lines.py), whose
features are averaged; the coarser a level, the fewer of them it needs. In 3-D the probes lie in the plane of the two
longer axes (probe_planes.py), and levels with too many vertices are hashed (grid_levels.py). What levels have on a
lattice in space is kept, for a slider asks for it again and again with another variance (kept_lattices.py).

Kin:
    Burt and Adelson, The Laplacian Pyramid as a Compact Image Code, IEEE Trans. Communications 1983 (the warm start);
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
from itertools import groupby, pairwise
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
from .kept_lattices import KeptLattices
from .laplacian import least_squares, smoothed
from .probe_groups import Group, grouped
from .probe_lines import ProbeLines, probe_line, split_along_major_axis
from .probe_planes import ProbePlane, split_along_two_axes
from .smoothing_targets import LARGEST_LOG10_VARIANCE, ascending_variances, count_below, sampled_mean

_NEGLIGIBLE = 8.0
"""Exponent from which a level's weight, below e^-8, counts as zero, so that the level can be skipped."""

_NEVER = 1e30
"""Variance at which a level vanishes that does not."""

_BALANCED_VARIANCE = 1e-4
"""Around this variance the loss starts to favour larger ones, whose errors are smaller and would else be ignored."""

_WARM_SCALE = 0.85
"""Standard deviation, in a level's cells, of what it starts with: wide enough to be interpolated linearly."""

FADING_STEP = 0.5
"""Octaves of the variance from column to column of a table of weights."""

_FADING_POINTS, _FADING_SAMPLES = 4096, 32
"""Points, and samples of the signal at each, that a column of such a table is fitted to."""

_COARSE_CELLS = 32
"""Along the longer side: levels up to here cost next to nothing, so they may hold more features."""


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
        width: units of each of the network's two hidden layers; 0, with a warm start, for no network at all, so that
            there is nothing to train.
        unfiltered: share of the training points that are not smoothed.
        samples: offsets averaged for the target of a training point.
        network_rate: the network's learning rate as a share of the grids'.
        probes: most probes along the major axis of an anisotropic Gaussian, in 3-D over its two longer axes.
        sharpness: exponent of the dampening; above 1 levels fade more abruptly, as those of a mipmap.
        warm_start: begin with the signal's own Laplacian pyramid. Its levels are nested (``growth`` is a whole number);
            the finest two have a cell a sample, one being smoothed, one what the signal itself has beyond it.
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
    sharpness: float = setting(default=1.0, metadata=ADDED_LATER)
    warm_start: bool = setting(default=False, metadata=ADDED_LATER)
    log10_variance: float = setting(default=-6.0, metadata=ADDED_LATER)
    log2_entries: int = setting(default=31, metadata=ADDED_LATER)
    smoothness: float = setting(default=0.0, metadata=ADDED_LATER)
    coarse_features: int = setting(default=0, metadata=ADDED_LATER)
    half_importance: float = setting(default=0.0, metadata=ADDED_LATER)
    cubic: bool = setting(default=False, metadata=ADDED_LATER)
    antithetic: bool = setting(default=False, metadata=ADDED_LATER)

    def for_signal(self, facts: SignalFacts) -> PyramidRecipe:
        """For a shape, the settings that suit distances in 3-D, whatever the preset's length."""
        if facts.type != "shape" or self.preset == "shape":
            return self
        return replace(self, **TRAINED_SHAPE, width=self.width or PyramidRecipe.width)

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
        least_width = 0 if self.warm_start else 1
        self._require("width", least_width <= self.width <= 4096, f"from {least_width} to 4096")
        self._require("growth", self.growth > 1, "more than 1")
        self._require(
            "growth", not self.warm_start or self.growth == round(self.growth), "a whole number to warm-start"
        )
        self._require("probes", self.probes <= 200, "at most 200")
        self._require("log10_variance", self.log10_variance < LARGEST_LOG10_VARIANCE, "less than 0")
        self._require("extra_features", self.extra_features >= 0, "0 or more")
        self._require("extra_features", not self.warm_start or self.extra_features == 0, "0 with a warm start")
        self._require("log2_entries", 8 <= self.log2_entries <= 31, "from 8 to 31")
        self._require(
            "log2_entries", not self.warm_start or self.log2_entries == 31, "31 to warm-start: none is hashed"
        )
        self._require("unfiltered", 0 < self.unfiltered < 1, "in (0, 1)")
        for name in ("kappa", "sharpness", "network_rate"):
            self._require(name, getattr(self, name) > 0, "more than 0")


TRAINED_SHAPE: dict[str, Any] = {
    "warm_start": False,
    "cubic": False,
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
        "texture": PyramidRecipe(
            preset="texture",
            growth=2.0,
            coarsest_cells=4,
            extra_features=0,
            kappa=0.4,
            sharpness=2.0,
            width=0,
            max_cells=2500,
            probes=32,
            warm_start=True,
        ),
        "shape": PyramidRecipe(
            preset="shape",
            growth=2.0,
            coarsest_cells=4,
            formula_cells=144,
            extra_features=0,
            kappa=0.2,
            sharpness=2.0,
            width=0,
            cubic=True,
            warm_start=True,
            probes=25,
        ),
    }
    filters = (Gaussian,)

    fading: Tensor | None
    cells: Tensor
    vanishing: Tensor
    bounds: Tensor

    def __init__(self, recipe: PyramidRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.recipe: PyramidRecipe = recipe
        cells = _cell_sizes(recipe, facts)
        levels = [_level(recipe, facts, cell) for cell in cells]
        self.levels: Sequence[DenseLevel | HashedLevel] = nn.ModuleList(levels)  # type: ignore[assignment]
        self._kept = KeptLattices()
        self.network = _network(sum(level.features + 1 for level in levels), recipe.width, facts.channels)
        self._vanishing = [_vanishing_variance(recipe, cell) for cell in cells]
        if recipe.warm_start:
            self._vanishing[0] = _NEVER  # it holds the mean colour
        # The same on the field's device, so that nothing waits for a copy.
        bounds = [half + PADDING for half in facts.half_extent]
        cells = [level.cell for level in levels]
        for name, numbers in (("cells", cells), ("vanishing", self._vanishing), ("bounds", bounds)):
            self.register_buffer(name, torch.tensor(numbers), persistent=False)
        self.fading_start = math.log2(levels[-1].cell / 8) * 2  # an eighth of a cell is no smoothing yet
        columns = math.ceil(-self.fading_start / FADING_STEP) + 1
        self.register_buffer("fading", torch.ones(len(cells), columns) if recipe.warm_start else None)
        for level in levels:
            level.values.requires_grad_(not recipe.warm_start)
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

    @torch.no_grad()
    def prepare(self, signal: Signal) -> None:
        """Fill the levels' colours with the signal's Laplacian pyramid, if the recipe wants that; see the file's head.

        The levels are nested, so that all of them follow from the signal's values at the finest one's vertices.
        """
        if not self.recipe.warm_start:
            return
        # Linear between its samples, a signal is smoothed by so many squared cells.
        finer_variance = 0.0 if self.recipe.cubic else -1 / 6
        smooth = [self._at_finest_vertices(signal)]
        for finer_level, level in pairwise(reversed(self.dense_levels)):
            stride = round(level.cell / finer_level.cell)
            smooth.append(smoothed(smooth[-1], (_WARM_SCALE * stride) ** 2 - finer_variance, stride))
            finer_variance = _WARM_SCALE**2
        for index, level in enumerate(self.dense_levels):
            level.set_colours(smooth.pop())
            colours = level.values[: self.facts.channels, 0]
            for coarser in self.dense_levels[:index]:
                colours -= coarser.on_lattice(level.axes)[: self.facts.channels].view(colours.shape)
        self._fit_fading(signal)
        for layer in self._linear_layers[-1:]:
            layer.weight.zero_()  # nothing to correct yet

    @property
    def dense_levels(self) -> list[DenseLevel]:
        """Those that are not hashed; all, but in 3-D."""
        return [level for level in self.levels if isinstance(level, DenseLevel)]

    def _fit_fading(self, signal: Signal) -> None:
        """The weights by which colours alone are nearest to the signal's average, one variance after the other.

        Where they do not matter to that, those of the formula.
        """
        assert self.fading is not None
        generator = torch.Generator(self.device).manual_seed(self.recipe.seed)
        for column in range(1, self.fading.shape[1]):
            x = signal.draw(torch.rand(_FADING_POINTS, self.dim, generator=generator, device=self.device))
            variance = x.new_full((len(x),), 2 ** (self.fading_start + FADING_STEP * column))
            target = sampled_mean(signal, x, variance, _FADING_SAMPLES, generator).T.flatten()
            formula = self._formula(variance[:1])[:, 0]
            used = int((formula > 0).sum())
            colours = torch.stack([level(x)[: signal.facts.channels].flatten() for level in self.levels[:used]])
            weights = least_squares(colours, target, formula[:used])
            self.fading[:, column] = F.pad(weights, (0, len(formula) - used))

    def _at_finest_vertices(self, signal: Signal) -> Float[Tensor, "c *shape"]:
        """The signal at all vertices of the finest level, continued over the box of the coarsest."""
        coarsest, *_, finest = self.dense_levels
        ratio = round(coarsest.cell / finest.cell)
        size = [(n - 1) * ratio + 1 for n in coarsest.size]
        across = math.ceil(finest.cell / _sample_size(self.facts) - 1e-6) if self.facts.resolution else 1
        inside_cell = torch.cartesian_prod(*[(torch.arange(across) + 0.5) / across - 0.5] * self.dim)
        offsets = (inside_cell.reshape(-1, self.dim) * finest.cell).to(self.device)
        values = signal.on_lattice(size, finest.cell, finest.centre + offsets[0])
        for offset in offsets[1:]:
            values += signal.on_lattice(size, finest.cell, finest.centre + offset)
        return values / len(offsets)

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam; a short memory and no epsilon suit the grids, most of whose values a batch does not touch."""
        learned = [level for level in self.levels if level.values.requires_grad]
        groups = [
            *({"params": [level.values], "scale": self._strength(level)} for level in learned),
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
        groups, unfiltered = grouped(x, lines, self.vanishing, self.cells, self.bounds)
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
        self._check(filter, count)
        if self.dim != 3 or not (filter is None or (isinstance(filter, Gaussian) and filter.per_point is None)):
            return super().on_lattice(axes, filter)
        if filter is None or filter.isotropic:
            return self._filtered_on_lattice(axes, 0.0 if filter is None else float(filter.variance))
        return self._averaged_on_lattice([axis.to(self.device) for axis in axes], filter)

    def _filtered_on_lattice(self, axes: Sequence[Float[Tensor, "_"]], variance: float) -> Float[Tensor, "n c"]:
        """With one variance for all points; what the levels have there is kept for the next."""
        count = math.prod(map(len, axes))
        features = [
            self._kept.features(level, axes, len(self.levels))
            if variance < vanishing
            else torch.empty(level.features, 0, device=self.device)
            for level, vanishing in zip(self.levels, self._vanishing, strict=True)
        ]
        variances = torch.full((1,), variance, device=self.device)
        return self._blend(features, variances, count, unfiltered=0 if variance else count)

    def train(self, mode: bool = True) -> Pyramid:
        """As of any module; steps of a training make what is kept of the levels useless."""
        if mode:
            self._kept.forget()
        return super().train(mode)

    def _averaged_on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Gaussian) -> Float[Tensor, "n c"]:
        """With one covariance for all points: all probes are looked up together."""
        covariance = filter.covariance(3).to(axes[0])[None]
        if not self.network:
            return self._summed_on_lattice(axes, split_along_two_axes(covariance, self.recipe.probes))

        def look_up(level: DenseLevel | HashedLevel, probes: Iterator[tuple[Tensor, Tensor]]) -> Float[Tensor, "f n"]:
            return level.averaged_on_lattice(axes, *map(torch.cat, zip(*probes, strict=True)))

        return self._averaged_over_plane(math.prod(map(len, axes)), covariance, look_up)

    def _summed_on_lattice(self, axes: Sequence[Float[Tensor, "_"]], plane: ProbePlane) -> Float[Tensor, "n c"]:
        """Where no network needs to see the levels one by one, those of the same vertices are looked up as one."""
        weights = self.weights(plane.variance)[:, 0].tolist()
        colours = axes[0].new_zeros(self.facts.channels, math.prod(map(len, axes)))
        for _, same in groupby(zip(self.dense_levels, weights, strict=True), key=lambda pair: pair[0].size):
            levels = [(level, weight) for level, weight in same if weight]
            if levels:
                level, weight = levels[0]
                values = weight * level.values
                for other, weight in levels[1:]:
                    values.add_(other.values, alpha=weight)
                offsets, at_offsets = map(torch.cat, zip(*plane.probes(level.cell), strict=True))
                colours += level.averaged_on_lattice(axes, offsets, at_offsets, values)
        return colours.T

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
        x = group.of(x)
        if spread is None or group.either_side == 0:
            return level(x)
        positions, weights = probe_line(group.either_side, x.device)
        probes = torch.addcmul(x, positions[:, None, None], group.of(spread)).flatten(0, 1)
        values = level(folded(probes, self.facts) if group.leaves else probes)
        return (values.unflatten(1, (len(weights), -1)) * weights[:, None]).sum(1)  # a product might round to TF32

    def weights(self, variance: Float[Tensor, "n"]) -> Float[Tensor, "levels n"]:
        """How much of each level a Gaussian of that variance leaves: from the table, if there is one."""
        if self.fading is None:
            return self._formula(variance)
        columns = self.fading.shape[1]
        octaves = variance.clamp_min(torch.finfo(variance.dtype).tiny).log2() - self.fading_start
        position = (octaves / FADING_STEP).clamp(0, columns - 1)
        left = position.long().clamp_max(columns - 2)
        weights = torch.lerp(self.fading[:, left], self.fading[:, left + 1], position - left)
        return weights * (variance < self.vanishing[:, None])

    def _formula(self, variance: Float[Tensor, "n"]) -> Float[Tensor, "levels n"]:
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
        if unfiltered == count or not self.network:
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
    if width == 0:
        return nn.Sequential()
    hidden = nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
    return nn.Sequential(*hidden, nn.Linear(width, outputs))


def _level(recipe: PyramidRecipe, facts: SignalFacts, cell: float) -> DenseLevel | HashedLevel:
    vertices, cell, centre = _lattice(recipe, facts, cell)
    is_coarse = 2 * (max(facts.half_extent) + PADDING) / cell < _COARSE_CELLS + 0.5
    features = facts.channels + recipe.extra_features + (recipe.coarse_features if is_coarse else 0)
    if math.prod(vertices) <= 1 << recipe.log2_entries:
        return (CubicLevel if recipe.cubic else DenseLevel)(vertices, cell, centre, features)
    return HashedLevel(vertices, cell, centre, features, recipe.log2_entries)


def _sample_size(facts: SignalFacts) -> float:
    return 2 * max(facts.half_extent) / max(facts.resolution)


def _cell_sizes(recipe: PyramidRecipe, facts: SignalFacts) -> list[float]:
    """Side of each level's cells, coarsest first, in equal ratios as near to ``growth`` as the two ends allow.

    For a warm start the ratio is exact, and after the finest level, smoothed, there is one as if with finer cells yet.
    """
    side = 2 * (max(facts.half_extent) + PADDING)
    finest = _finest_cell(recipe, facts)
    coarsest = max(side / recipe.coarsest_cells, finest)
    steps = max(1, round(math.log(coarsest / finest) / math.log(recipe.growth)))
    if recipe.warm_start:
        return [finest * recipe.growth**step for step in range(steps, -2, -1)]
    return [finest * (coarsest / finest) ** (step / steps) for step in range(steps, -1, -1)]


def _finest_cell(recipe: PyramidRecipe, facts: SignalFacts) -> float:
    side = 2 * (max(facts.half_extent) + PADDING)
    return max(_sample_size(facts) if facts.resolution else side / recipe.formula_cells, side / recipe.max_cells)


def _lattice(recipe: PyramidRecipe, facts: SignalFacts, cell: float) -> tuple[list[int], float, list[float]]:
    """The vertices along each axis of a level, the side of its cells, and its centre.

    The grid exceeds the signal's box by at least ``PADDING``. Where cells have the size of the signal's samples,
    vertices lie on them. For a warm start all levels share a vertex in their middle, one of the samples where they can.
    """
    samples = facts.resolution or (0,) * len(facts.half_extent)
    finest = _finest_cell(recipe, facts)
    centres = [0.0] * len(samples)
    if recipe.warm_start:
        cell = max(cell, finest)
        centres = [finest / 2 if count % 2 == 0 else 0.0 for count in samples]
    vertices = []
    for half, count, centre in zip(facts.half_extent, samples, centres, strict=True):
        least = math.ceil(2 * (half + PADDING + centre) / cell - 1e-6) + 1
        odd = 1 if recipe.warm_start else count % 2
        vertices.append(least + (least - odd) % 2)  # both even or both odd: the two lattices coincide
    return vertices, cell, centres


def _vanishing_variance(recipe: PyramidRecipe, cell: float) -> float:
    """The variance from which a level's weight is negligible."""
    return _NEGLIGIBLE ** (1 / recipe.sharpness) * (4 * cell) ** 2 / (2 * math.pi**2 * recipe.kappa)
