"""Our instant scale-space field: a pyramid of lattices that is solved for, not trained.

Level ``l`` is the signal smoothed by a Gaussian of standard deviation ``0.85 s_l`` at the vertices of a lattice with
cells of side ``s_l``, interpolated by cubic B-splines; below all of them are the signal's own samples. Levels are
nested and each follows from the one below it (pyramid_geometry.py, smooth_lattice.py), so that a file holds the samples
alone.

One Gaussian for all points is applied exactly, to a few digits: the nearest level that is smoothed less, and what is
left of the covariance as a sum over its vertices (shared_filter.py).

Where each point has a Gaussian of its own, signals in 2-D are looked up on a ladder of finer lattices that follow from
the levels (scale_ladder.py). In 1-D and 3-D, and for a shader, the levels around its variance are added up there,

    field(x, v) = sum_l w_l(v) level_l(x)

with the weights that are best for this signal, found by least squares (scale_weights.py). Anisotropic ones are split
into isotropic probes along the major axis (probe_lines.py), in 3-D over the two longer axes (probe_planes.py).

Kin:
    Burt and Adelson, The Laplacian Pyramid as a Compact Image Code, IEEE Trans. Communications 1983, and Williams,
    Pyramidal Parametrics, SIGGRAPH 1983 (nested levels, mixed by scale);
    Unser, Aldroubi and Eden, The L2 Polynomial Spline Pyramid, IEEE Trans. PAMI 1993 (splines on them);
    Greene and Heckbert, Creating Raster Omnimax Images from Multiple Perspective Views Using the Elliptical Weighted
    Average Filter, IEEE CG&A 1986, and McCormack et al., Feline: Fast Elliptical Lines for Anisotropic Texture
    Mapping, SIGGRAPH 1999 (the probes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as setting
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from ..errors import InputError
from ..filters import Filter, Gaussian
from ..recipe import Recipe
from ..signals import Signal, SignalFacts
from ..signals.signal import PADDING
from ..validation import ADDED_LATER
from .compact_samples import STEPS, rounded
from .lattice_cache import Newest
from .probe_groups import group_points
from .probe_lines import ProbeLines, split_along_major_axis, split_finely
from .probe_planes import ProbePlane, split_along_two_axes
from .pyramid_geometry import PyramidGeometry, pyramid_geometry
from .scale_ladder import ScaleLadder
from .scale_weights import nearest_table, solved_table, weights_at
from .shared_filter import aligned_on_lattice, is_aligned, nearest_level, slanted_on_lattice
from .smooth_lattice import SmoothLattice
from .solved_field import SolvedField

_FIT_POINTS = {1: 4096, 2: 64, 3: 16}
"""Positions an axis of the lattice on which weights are fitted."""

_POINT_MARGIN = 12
"""Vertices around points that what is filtered for them reaches, so that its ends matter no more."""

_MOST_TAPS = 256
"""Samples that a point may read itself."""


@dataclass(frozen=True, kw_only=True)
class PyramidRecipe(Recipe):
    """Settings of a solved pyramid.

    Attributes:
        interpolation: at single points with filters of their own: ``linear`` between the vertices of the levels, which
            a shader does in hardware, or ``cubic``, in whose place signals in 2-D have their ladder. Lattices with one
            filter are cubic anyway.
        max_cells: most cells of the finest level along the longer side; a picture with more samples is averaged.
        formula_cells: cells of the finest level along the longer side of a signal that is a formula and has no samples;
            0 for what suits its number of coordinates.
        probes: most probes of an anisotropic Gaussian on levels, where each point has one of its own.
        held: how samples are kept in memory: as ``floats``, or as ``bytes``, a quarter as many, where they are whole
            steps of 1/255.
    """

    kind: ClassVar[str] = "pyramid"

    steps: int = 1
    interpolation: Literal["cubic", "linear"] = "cubic"
    max_cells: int = 16384
    formula_cells: int = 0
    probes: int = 32
    held: Literal["floats", "bytes"] = setting(default="floats", metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("max_cells", 4 <= self.max_cells <= 32768, "from 4 to 32768")
        self._require("formula_cells", self.formula_cells == 0 or 4 <= self.formula_cells <= 8192, "0, or 4 to 8192")
        self._require("probes", 1 <= self.probes <= 200, "from 1 to 200")
        self._require_one_of("held", ("floats", "bytes"))


class Pyramid(SolvedField):
    """The field described at the head of this file. Nothing is trained: ``prepare`` solves for all of it.

    Example:
        >>> import numpy as np
        >>> from fieldcore import Gaussian, Picture
        >>> picture = Picture(np.full((32, 32, 3), 0.25, np.float32))
        >>> field = Pyramid(Pyramid.presets["picture"], picture.facts)
        >>> field.prepare(picture)
        >>> field([[0.0, 0.0]], Gaussian(1e-2))
        tensor([[0.2500, 0.2500, 0.2500]])
    """

    kind = "pyramid"
    recipe_type = PyramidRecipe
    dims: ClassVar[tuple[int, ...]] = (1, 2, 3)
    presets: ClassVar = {
        "picture": PyramidRecipe(preset="picture"),
        "texture": PyramidRecipe(preset="texture", interpolation="linear"),
        "shape": PyramidRecipe(preset="shape", probes=25),
        "video": PyramidRecipe(preset="video", probes=121, held="bytes"),
    }
    filters = (Gaussian,)

    weights: Tensor

    def __init__(self, recipe: PyramidRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.recipe: PyramidRecipe = recipe
        self.geometry = pyramid_geometry(facts, recipe.max_cells, recipe.formula_cells)
        dtype = torch.uint8 if recipe.held == "bytes" else torch.float32
        self.register_buffer("samples", torch.zeros(facts.channels, *reversed(self.geometry.finest_size), dtype=dtype))
        self.register_buffer("weights", torch.tensor(nearest_table(self.geometry.variances, self.geometry.cell)))
        self._derived: Newest[tuple[SmoothLattice, ...]] = Newest(1)
        self._laddered: Newest[ScaleLadder] = Newest(1)
        self._filtered: Newest[SmoothLattice] = Newest(2)

    @property
    def dtype(self) -> torch.dtype:
        """Of what it gives, for which bytes are made numbers."""
        return self.samples.dtype if self.samples.is_floating_point() else self.weights.dtype

    @property
    def levels(self) -> tuple[SmoothLattice, ...]:
        """All levels, finest first; they follow from the samples."""
        return self._derived.get(self._state, self._derive)

    @property
    def ladder(self) -> ScaleLadder:
        """What points in 2-D with Gaussians of their own are looked up in; it follows from the levels."""
        return self._laddered.get(self._state, lambda: ScaleLadder(self.levels))

    @property
    def _climbs(self) -> bool:
        """Whether points with Gaussians of their own are looked up on the ladder, and not mixed from the levels."""
        return self.dim == 2 and self.recipe.interpolation == "cubic"

    @torch.no_grad()
    def _derive(self) -> tuple[SmoothLattice, ...]:
        return tuple(_levels(self.geometry, self.samples))

    @torch.no_grad()
    def prepare(self, signal: Signal) -> None:
        """Solve for the samples, and for the weights where levels are mixed."""
        self.solve(rounded(self._sampled(signal)))

    @torch.no_grad()
    def solve(self, samples: Shaped[Tensor, "c *shape"]) -> None:
        """The same where the values at the finest level's vertices are known.

        Raises InputError where bytes are to be held and they are none.
        """
        if self.samples.dtype == torch.uint8 != samples.dtype:
            raise InputError("held: only samples that are bytes can be held as such; expected 'floats'")
        self.samples.copy_(samples)
        levels = self.levels
        if self._climbs:
            return
        axes = self._fit_axes()
        self.weights.copy_(
            solved_table(
                list(self.geometry.variances),
                self.geometry.cell,
                lambda level: self._at_crossings(levels[level], axes).flatten(),
                lambda variance: aligned_on_lattice(levels, axes, [variance] * self.dim).flatten(),
            )
        )

    def _sampled(self, signal: Signal) -> Shaped[Tensor, "c *shape"]:
        """The signal at the finest level's vertices; the mean over a cell where samples are closer than vertices."""
        own = signal.own_samples()
        if own is not None and self.geometry.sampled:
            return own if self.samples.dtype == own.dtype else own.float() / STEPS
        lines = self.geometry.lines[0]
        middle = [line.count // 2 for line in lines]
        size = [2 * index + 1 for index in middle]
        cell = self.geometry.cell
        centre = torch.tensor([line.first + line.cell * m for line, m in zip(lines, middle, strict=True)])
        spacing = min(
            (2 * half / n for half, n in zip(self.facts.half_extent, self.facts.resolution, strict=False)), default=cell
        )
        across = max(math.ceil(cell / spacing - 1e-3), 1)
        inside_cell = (torch.arange(across) + 0.5) / across - 0.5
        offsets = torch.cartesian_prod(*[inside_cell] * self.dim).reshape(-1, self.dim) * cell
        values: Tensor | None = None
        for offset in offsets:
            part = signal.on_lattice(size, cell, (centre + offset).to(self.device))
            for axis, line in enumerate(lines):  # an even number of samples has none in the middle
                part = part.narrow(-1 - axis, 0, line.count)
            values = part if values is None else values.add_(part)
        assert values is not None
        return values if across == 1 else values / len(offsets)

    def _fit_axes(self) -> list[Float[Tensor, "n"]]:
        """Positions along each axis, one in each of equal parts of the box and its padding."""
        generator = torch.Generator().manual_seed(self.recipe.seed)
        count = _FIT_POINTS[self.dim]
        return [
            (half + PADDING) * (2 * (torch.arange(count) + torch.rand(count, generator=generator)) / count - 1)
            for half in self.facts.half_extent
        ]

    def _at_crossings(self, level: SmoothLattice, axes: Sequence[Float[Tensor, "_"]]) -> Float[Tensor, "c *shape"]:
        """A level as single points see it, where positions along axes cross."""
        if self.recipe.interpolation == "linear":
            on_device = [axis.to(self.device) for axis in reversed(axes)]
            return self._at(level, torch.cartesian_prod(*on_device).reshape(-1, self.dim).flip(-1))
        values = level.coefficients
        for axis, x in enumerate(axes):
            values = level.axis_map(axis, x, 0.0)(values, -1 - axis)
        return values

    def _at(self, level: SmoothLattice, x: Float[Tensor, "n d"]) -> Float[Tensor, "c n"]:
        """A level at points."""
        return level.linear_at(x) if self.recipe.interpolation == "linear" else level.at(x)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: a picture or a shape as a page; of a film or a line nothing but its text."""
        from ..web.notebook import framed

        return framed(self) if self.dim == 2 or (self.is_distance and self.facts.type != "video") else None

    # One filter for all points

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``Field.on_lattice``; with one filter for all, one axis after the other."""
        count = math.prod(map(len, axes))
        filter = self._check(filter, count)
        if count == 0 or not _is_shared(filter, self.dim):
            on_device = [axis.to(self.device) for axis in reversed(axes)]
            return self._values(torch.cartesian_prod(*on_device).reshape(-1, self.dim).flip(-1), filter)
        return self._shared_on_lattice(axes, _covariance(filter, self.dim)).flatten(1).T

    def _shared_on_lattice(
        self, axes: Sequence[Float[Tensor, "_"]], covariance: Float[np.ndarray, "d d"]
    ) -> Float[Tensor, "c *shape"]:
        with torch.no_grad():
            if is_aligned(covariance, self.geometry.cell):
                return aligned_on_lattice(self.levels, axes, covariance.diagonal().tolist())
            if self.dim == 2:
                return slanted_on_lattice(self.levels, axes, covariance)
            plane = self._plane(covariance)
            if self.geometry.sampled:
                return self._probed_on_lattice(axes, plane)
            bounds = [(float(axis.min()), float(axis.max())) for axis in axes]
            smooth = self._smooth_lattice(np.eye(self.dim) * float(plane.variance), bounds, plane)
            total: Tensor | None = None
            for offset, weight in plane.probes(smooth.cell):
                values = smooth.coefficients
                for axis in reversed(range(self.dim)):
                    shifted = axes[axis].double().cpu() + offset[0, axis].double()
                    values = smooth.axis_map(axis, shifted, 0.0)(values, -1 - axis)
                total = values.mul_(weight) if total is None else total.add_(values, alpha=float(weight))
            assert total is not None
            return total

    def _probed_on_lattice(self, axes: Sequence[Float[Tensor, "_"]], plane: ProbePlane) -> Float[Tensor, "c *shape"]:
        """Every probe applied to the whole lattice, exactly: samples may be too far apart to be smoothed first."""
        total: Tensor | None = None
        for offset, weight in plane.probes(self.geometry.cell):
            shifted = [axis.double().cpu() + offset[0, k].double() for k, axis in enumerate(axes)]
            values = aligned_on_lattice(self.levels, shifted, [float(plane.variance)] * self.dim)
            total = values.mul_(weight) if total is None else total.add_(values, alpha=float(weight))
        assert total is not None
        return total

    def _shared_values(self, x: Float[Tensor, "n d"], covariance: Float[np.ndarray, "d d"]) -> Float[Tensor, "n c"]:
        if not covariance.any():
            return self.levels[0].at(x).T
        is_aligned_here = is_aligned(covariance, self.geometry.cell)
        x = self._near_box(x, covariance if not is_aligned_here else None)
        if is_aligned_here and not x.requires_grad and self._reads_few(covariance):
            return self.levels[0].smoothed_at(x, covariance.diagonal().tolist()).T
        bounds = list(zip(*(bound.tolist() for bound in x.detach().aminmax(dim=0)), strict=True))
        if self.dim == 3 and self.geometry.sampled and not x.requires_grad:
            return self._volume_values(x, covariance, is_aligned_here)
        if self.dim < 3 or is_aligned_here:
            return self._smooth_lattice(covariance, bounds).at(x).T
        plane = self._plane(covariance)
        smooth = self._smooth_lattice(np.eye(self.dim) * float(plane.variance), bounds, plane)
        values = x.new_zeros(smooth.channels, len(x))
        for offset, weight in plane.probes(smooth.cell):
            values = values + weight.to(x) * smooth.at(x + offset.to(x))
        return values.T

    def _volume_values(
        self, x: Float[Tensor, "n 3"], covariance: Float[np.ndarray, "3 3"], is_aligned_here: bool
    ) -> Float[Tensor, "n c"]:
        """At points of a sampled volume, each of which sums what it needs: a lattice around all would be too large."""
        if is_aligned_here:
            level = nearest_level(self.levels, covariance.diagonal().tolist())
            rest = [max(v - level.variance_along(axis), 0.0) for axis, v in enumerate(covariance.diagonal().tolist())]
            return level.smoothed_at(x, rest).T
        plane = self._plane(covariance)
        values = x.new_zeros(len(x), self.facts.channels)
        for offset, weight in plane.probes(self.geometry.cell):
            isotropic = np.eye(3) * float(plane.variance)
            values = values + weight.to(x) * self._volume_values(x + offset.to(x), isotropic, True)
        return values

    def _near_box(self, x: Float[Tensor, "n d"], slanted: Float[np.ndarray, "d d"] | None) -> Float[Tensor, "n d"]:
        """Points folded back into the box. A slanted filter is another one there: only far points are folded."""
        lines = self.geometry.lines[0]
        if slanted is not None and bool((x.abs() < 3 * x.new_tensor(self.facts.half_extent)).all()):
            return x
        return torch.stack([line.folded(x[:, axis]) for axis, line in enumerate(lines)], -1)

    def _reads_few(self, covariance: Float[np.ndarray, "d d"]) -> bool:
        """Whether an aligned filter is so small that each point may read all samples under it."""
        level = nearest_level(self.levels, covariance.diagonal().tolist())
        taps = [level.tap_count(axis, variance) for axis, variance in enumerate(covariance.diagonal().tolist())]
        return level.sampled and math.prod(taps) <= _MOST_TAPS

    def _plane(self, covariance: Float[np.ndarray, "3 3"]) -> ProbePlane:
        return split_along_two_axes(torch.from_numpy(covariance).float()[None], self.recipe.probes)

    def _smooth_lattice(
        self,
        covariance: Float[np.ndarray, "d d"],
        bounds: Sequence[tuple[float, float]],
        plane: ProbePlane | None = None,
    ) -> SmoothLattice:
        """The signal smoothed by one Gaussian, at vertices close enough together, as far as points need them.

        Args:
            covariance: of the Gaussian.
            bounds: of the points along each axis.
            plane: probes around each point that are looked up as well.
        """
        level = nearest_level(self.levels, [float(np.linalg.eigvalsh(covariance)[0])] * self.dim)
        reach = [0.0] * self.dim if plane is None else plane.reach().tolist()
        variances = covariance.diagonal().tolist() if is_aligned(covariance, self.geometry.cell) else [0.0] * self.dim
        lines = [
            line.spaced(low - beyond, high + beyond, line.cell * _spacing(level, variance), _POINT_MARGIN)
            for line, (low, high), beyond, variance in zip(level.lines, bounds, reach, variances, strict=True)
        ]
        key = (*self._state, covariance.tobytes(), *lines)

        def smooth() -> SmoothLattice:
            values = self._shared_on_lattice([line.vertices for line in lines], covariance)
            return SmoothLattice.through(lines, values, float("nan"))

        return self._filtered.get(key, smooth)

    # A filter for each point

    def _values(self, x: Float[Tensor, "n d"], filter: Any) -> Float[Tensor, "n c"]:
        if len(x) == 0:
            return x.new_zeros(0, self.facts.channels)
        if _is_shared(filter, self.dim):
            return self._shared_values(x, _covariance(filter, self.dim))
        assert filter is not None
        if filter.isotropic or self.dim == 1:
            variance = (filter.variance if filter.isotropic else filter.covariance(1).flatten()).to(x).expand(len(x))
            probes = ProbeLines(variance, None, torch.zeros_like(variance))
            return self.ladder.at(x, probes).T if self._climbs else self._summed(x, probes)
        covariance = filter.covariance(self.dim).to(x).expand(len(x), self.dim, self.dim)
        if self._climbs:
            return self.ladder.at(x, split_finely(covariance, self.ladder.least_deviation)).T
        if self.dim == 2:
            return self._summed(x, split_along_major_axis(covariance, self.recipe.probes))
        return self._summed_over_planes(x, covariance)

    def _summed_over_planes(self, x: Float[Tensor, "n 3"], covariance: Float[Tensor, "n 3 3"]) -> Float[Tensor, "n c"]:
        plane = split_along_two_axes(covariance, self.recipe.probes)
        values = x.new_zeros(len(x), self.facts.channels)
        for offset, weight in plane.probes():
            probes = ProbeLines(plane.variance, None, torch.zeros_like(plane.variance))
            values = values + weight[:, None] * self._summed(x + offset, probes)
        return values

    def _summed(self, x: Float[Tensor, "n d"], lines: ProbeLines) -> Float[Tensor, "n c"]:
        """The formula at the head of this file, at the probes of each point."""
        levels = self.levels
        weights = weights_at(self.weights, lines.variance, self.geometry.cell)
        cells = x.new_tensor([level.cell for level in levels])
        groups = group_points(x, lines, weights != 0, cells, x.new_full((self.dim,), math.inf))
        values = x.new_zeros(self.facts.channels, len(x))
        for level, weight, level_groups in zip(levels, weights, groups, strict=True):
            for group in level_groups:
                average = group.average(partial(self._at, level), x, lines.spread)
                if group.points is None:
                    values = values + weight * average
                else:
                    values = values.index_add(1, group.points, weight[group.points] * average)
        return values.T


def _spacing(level: SmoothLattice, variance: float) -> float:
    """Cells of a level between vertices for what is smoothed along an axis: fewer where samples are hardly smoothed."""
    deviation = math.sqrt(variance) / level.cell
    if level.sampled and 0 < deviation < 0.8:
        return 0.25 if deviation < 0.4 else 0.5
    return max(1.0, deviation / 2)


def _levels(geometry: PyramidGeometry, samples: Shaped[Tensor, "c *shape"]) -> list[SmoothLattice]:
    """Each level smoothed and sampled from the one below it."""
    levels = [SmoothLattice.through(geometry.lines[0], samples, 0.0)]
    for lines, variance in zip(geometry.lines[1:], geometry.variances[1:], strict=True):
        values, before = levels[-1].coefficients, levels[-1]
        # The axis that leaves least comes first, for what is in between to be small.
        shares = [round(line.count / old.count, 1) for line, old in zip(lines, before.lines, strict=True)]
        for axis in sorted(range(len(lines)), key=shares.__getitem__):
            if not lines[axis].sampled:
                rest = variance - before.variance_along(axis)
                values = before.axis_map(axis, lines[axis].vertices, rest)(values, -1 - axis)
        levels.append(SmoothLattice.through(lines, values, variance))
    return levels


def _is_shared(filter: Filter | None, dim: int) -> bool:
    """Whether all points have the same filter, whose gradient nobody wants."""
    if filter is None:
        return True
    assert isinstance(filter, Gaussian)
    return filter.per_point is None and not filter.covariance(dim).requires_grad


def _covariance(filter: Filter | None, dim: int) -> Float[np.ndarray, "d d"]:
    if filter is None:
        return np.zeros((dim, dim))
    assert isinstance(filter, Gaussian)
    return filter.covariance(dim).detach().double().cpu().numpy()
