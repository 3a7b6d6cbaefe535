"""Convolution by repeated integration: any piecewise polynomial kernel, any size, another one at every point.

A kernel of degree ``n`` becomes a few Diracs after ``n + 1`` derivatives, so that its convolution with a signal is a
few look-ups of the ``n + 1`` times repeated integral of the signal. The publication trains a network for that integral.
Of what lies on a grid it is a B-spline whose coefficients are running sums of the samples (kernel_taps.py), right to
many digits, so that a file holds the samples alone.

Source: N. E. Nsampi, A. Djeacoumar, H.-P. Seidel, T. Ritschel, T. Leimkuehler, Neural Field Convolutions by Repeated
Differentiation, ACM TOG 42(6), 2023, arXiv 2304.01834.

Kin: P. S. Heckbert, Filtering by Repeated Integration, SIGGRAPH 1986 (the sums); F. C. Crow, Summed-Area Tables for
Texture Mapping, SIGGRAPH 1984 (the box); F. Rubab et al., Learning Neural Antiderivatives, 2025, arXiv 2509.17755.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..filters import Box, Filter, Gaussian, Kernel, Profile
from ..filters.profile import MOST_DEGREE
from ..recipe import Recipe
from ..signals import Signal, SignalFacts
from ..signals.signal import PADDING
from .compact_samples import in_whole_steps
from .field import Field
from .gaussian_profile import as_kernel, is_askew
from .integral_network import IntegralNetwork
from .integral_recipe import PRESETS, SUITED, IntegralRecipe
from .lattice_cache import Newest
from .repeated_integral import MOST_LOOKUPS, RepeatedIntegral
from .sample_lines import sampled_lines
from .smooth_lattice import SmoothLattice
from .solved_field import SolvedField, as_floats, lattice_samples
from .turned_kernels import products_of_turned, squares_along

_VERTICES_A_HALF_SIZE = 8
"""Of a lattice that a kernel of degree 2 was applied to, which leaves nothing finer."""

_MARGIN = 12
"""Vertices around points, beyond which the ends of a spline matter no more."""

_MOST_VERTICES = 1 << 25


class Integral(SolvedField):
    """The field described at the head of this file. Nothing is trained: ``prepare`` takes the samples.

    A Gaussian along the axes is taken for the kernel of 9 Diracs an axis that is nearest to it, which is approximate.

    Example:
        >>> import numpy as np
        >>> from fieldcore import Picture, Tent
        >>> picture = Picture(np.full((32, 32, 3), 0.25, np.float32))
        >>> field = Integral(Integral.presets["solved"], picture.facts)
        >>> field.prepare(picture)
        >>> field([[0.0, 0.0]], Tent(3.0))
        tensor([[0.2500, 0.2500, 0.2500]])
    """

    kind = "integral"
    recipe_type = IntegralRecipe
    dims: ClassVar[tuple[int, ...]] = (1, 2, 3)
    presets: ClassVar = {
        "solved": PRESETS["solved"],
        "preview": PRESETS["preview"],
        "paper": PRESETS["paper"],
    }
    suited: ClassVar = SUITED
    filters = (Kernel, Gaussian)

    def __init__(self, recipe: IntegralRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self.recipe: IntegralRecipe = recipe
        self.lines = sampled_lines(facts, recipe.formula_cells)
        size = [line.count for line in reversed(self.lines)]
        dtype = torch.uint8 if recipe.held == "bytes" else torch.float32
        self.register_buffer("samples", torch.zeros(facts.channels, *size, dtype=dtype))
        self._summed: Newest[RepeatedIntegral] = Newest(1)
        self._filtered: Newest[SmoothLattice] = Newest(2)
        self._products: Newest[Kernel] = Newest(1)

    @classmethod
    def built(cls, recipe: Recipe, facts: SignalFacts) -> Field:
        """The field, or the network that takes its place where the recipe says so."""
        assert isinstance(recipe, IntegralRecipe)
        return _METHODS[recipe.method](recipe, facts)

    @classmethod
    def is_solved_by(cls, preset: str) -> bool:
        """Whether that preset solves, and does not train."""
        return preset not in PRESETS or PRESETS[preset].method == "solved"

    @torch.no_grad()
    def prepare(self, signal: Signal) -> None:
        """Take the samples; running sums of them are made as they are needed.

        Raises InputError where bytes are to be held and the samples are none.
        """
        samples = lattice_samples(signal, self.lines, self.device)
        if self.samples.dtype == torch.uint8 != samples.dtype:
            raise InputError("held: only samples that are bytes can be held as such; expected 'floats'")
        is_held = self.samples.dtype == samples.dtype == torch.uint8
        self.samples.copy_(samples if is_held else in_whole_steps(as_floats(samples)))

    @property
    def integral(self) -> RepeatedIntegral:
        """The samples under kernels, with their running sums; they follow from the samples."""
        return self._summed.get(self._state, lambda: RepeatedIntegral(self.lines, self.samples))

    def refuses(self, filter: Filter) -> str | None:
        """As ``Field.refuses``; neither Gaussians nor kernels may be askew."""
        if isinstance(filter, Gaussian) and is_askew(filter, len(self.facts.smoothed_axes)):
            return f"an {self.kind} field takes Gaussians along the axes, not one that is askew; a pyramid takes any"
        if isinstance(filter, Kernel) and filter.turned:
            return self._refuses_turned(filter)
        return super().refuses(filter)

    def _refuses_turned(self, kernel: Kernel) -> str | None:
        """In 2-D one turned kernel for all points is taken, and a box at each of them."""
        name = type(kernel).__name__
        if self.dim != 2:
            return f"an {self.kind} field in {self.dim}-D takes kernels along the axes, not a {name} that is turned"
        if kernel.per_point is not None and not isinstance(kernel, Box):
            return f"an {self.kind} field takes another angle at every point for boxes, not for a {name}"
        return None

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``Field.on_lattice``; with one filter for all, by a matrix along each axis."""
        count = math.prod(map(len, axes))
        filter = self._check(filter, count)
        if count == 0 or (filter is not None and filter.per_point is not None):
            return self._at_crossings(axes, filter)
        kernel = self._kernel(filter)
        sizes = kernel.lengths(self.dim)
        if sizes.requires_grad:
            return self._at_crossings(axes, kernel)
        with torch.no_grad():
            values = self.integral.on_lattice(axes, kernel.term_profiles(self.dim), sizes.double().tolist())
        return values.flatten(1).T

    def _at_crossings(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None) -> Float[Tensor, "n c"]:
        on_device = [axis.to(self.device) for axis in reversed(axes)]
        return self._values(torch.cartesian_prod(*on_device).reshape(-1, self.dim).flip(-1), filter)

    def _values(self, x: Float[Tensor, "n d"], filter: Any) -> Float[Tensor, "n c"]:
        if len(x) == 0:
            return x.new_zeros(0, self.facts.channels)
        if isinstance(filter, Box) and filter.turned and filter.per_point is not None:
            return self._turned_boxes(x, filter)
        kernel = self._kernel(filter)
        sizes = kernel.lengths(self.dim).to(x.device).expand(len(x), self.dim)
        if kernel.per_point is None and self._reads_too_many(kernel) and not (x.requires_grad or sizes.requires_grad):
            return self._filtered_lattice(x, kernel).at(x).T
        return self.integral.at(x, kernel.term_profiles(self.dim), sizes).to(x.dtype)

    def _turned_boxes(self, x: Float[Tensor, "n 2"], box: Box) -> Float[Tensor, "n c"]:
        """Turned boxes, each as a row of squares; approximate."""
        offsets, half_sizes = squares_along(box, x)
        profiles, total = [Profile.box()] * 2, x.new_zeros(len(x), self.facts.channels)
        for offset in offsets.unbind(1):
            total = total + self.integral.at(x + offset, [profiles], half_sizes.expand(-1, 2)).to(x.dtype)
        return total / offsets.shape[1]

    def _reads_too_many(self, kernel: Kernel) -> bool:
        """Whether a point would read more than it may: then a kernel for all points is applied to a lattice first."""
        sizes = kernel.lengths(self.dim).tolist()
        return any(self.integral.reads(profiles, sizes) > MOST_LOOKUPS for profiles in kernel.term_profiles(self.dim))

    @torch.no_grad()
    def _filtered_lattice(self, x: Float[Tensor, "n d"], kernel: Kernel) -> SmoothLattice:
        """The filtered signal at vertices as close as the samples, or as a smooth kernel lets them be, around points.

        Between them it is read by cubic B-splines.
        """
        sizes = kernel.lengths(self.dim).double().tolist()
        terms = kernel.term_profiles(self.dim)
        is_smooth = all(profile.degree == MOST_DEGREE for profiles in terms for profile in profiles)
        lines = []
        for axis, (line, size) in enumerate(zip(self.lines, sizes, strict=True)):
            low, high = (float(bound) for bound in x[:, axis].aminmax())
            step = max(line.cell, size / _VERTICES_A_HALF_SIZE) if is_smooth else line.cell
            reach = line.half + PADDING
            lines.append(line.spaced(min(low, -reach), max(high, reach), step, _MARGIN))
        if (count := math.prod(line.count for line in lines)) > _MOST_VERTICES:
            raise InputError(
                f"filter: a {type(kernel).__name__} so wide at single points takes a lattice of {count >> 20} million "
                f"values, more than {_MOST_VERTICES >> 20} million; evaluate whole pictures or frames instead"
            )
        key = (*self._state, *sizes, *(profile for profiles in terms for profile in profiles), *lines)

        def filtered() -> SmoothLattice:
            values = self.integral.on_lattice([line.vertices for line in lines], terms, sizes)
            return SmoothLattice.through(lines, values, float("nan"))

        return self._filtered.get(key, filtered)

    def _kernel(self, filter: Filter | None) -> Kernel:
        if filter is None:
            return Kernel(Profile.box(), 0.0)
        if isinstance(filter, Gaussian):
            return as_kernel(filter, self.dim)
        assert isinstance(filter, Kernel)
        if not filter.turned:
            return filter
        profiles = (profile for term in filter.terms for profile in term)  # compared by identity
        key = (*filter.lengths(2).tolist(), *filter.axes(2).flatten().tolist(), *profiles)
        return self._products.get(key, lambda: products_of_turned(filter))


_METHODS: dict[str, type[Field]] = {"solved": Integral, "network": IntegralNetwork}
