"""What a radiance field is made of: the density at a point, and its colour seen in a direction."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from ..radiance.rendering import Located
from .coordinate_recipe import CoordinateRecipe
from .dense_network import DenseNetwork
from .mappings import NoMapping, Positional
from .networks import ACTIVATIONS
from .radiance_recipe import RadianceRecipe
from .trilinear_levels import Corners, TrilinearGrid

_STEEPEST = 15.0
"""Log densities beyond it have the gradient of this one."""

_FIRST_LOG_DENSITY = -1.5
"""Of a field that nothing was learned of yet: rays see through half of the box."""

_FIRST_TABLES = 1e-2
_GOLDEN = 2654435769 - 2**32
_DIRECTIONS = 9
"""Numbers by which a colour network sees a direction."""


class RadianceVolume(nn.Module, ABC):
    """From points to density and colour."""

    asks_twice: ClassVar[bool] = False
    """Whether densities are so dear that they are first asked for without a gradient, to see where rays end."""

    @abstractmethod
    def at(self, x: Float[Tensor, "n 3"], variance: Float[Tensor, "n"] | None = None) -> Located:
        """Points, each averaged over a Gaussian of its variance where the volume can."""

    @abstractmethod
    def parameter_groups(self) -> list[dict[str, Any]]:
        """What the optimiser trains, each group with its share of the learning rate as ``scale``."""


class GridVolume(RadianceVolume):
    """Grids from coarse to fine, trilinear, and a small network for the colour.

    The log density is the sum of each level's first value, and the other values of all levels are what the colour
    network sees, beside the direction. A Gaussian of variance ``v`` dampens level ``l``, whose cells have side ``s``,
    by ``exp(-2 pi^2 kappa f^2 v)`` with ``f = 1/(4 s)``, half the level's Nyquist frequency: seen from afar, where a
    pixel's cone is wider than the cells, the level fades.

    Sources: T. Mueller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, SIGGRAPH 2022;
    J. T. Barron et al., Mip-NeRF: A Multiscale Representation for Anti-Aliasing Neural Radiance Fields, ICCV 2021, and
    Zip-NeRF: Anti-Aliased Grid-Based Neural Radiance Fields, ICCV 2023 (fading levels by the cone).
    """

    def __init__(self, recipe: RadianceRecipe, generator: torch.Generator) -> None:
        super().__init__()
        self._grids = [_grid(n, recipe.log2_entries) for n in recipe.level_cells]
        self.densities, self.features = nn.ParameterList(), nn.ParameterList()
        for grid in self._grids:
            self.densities.append(torch.zeros(grid.row_count, 1))
            first = torch.empty(grid.row_count, recipe.level_features)
            self.features.append(nn.init.uniform_(first, -_FIRST_TABLES, _FIRST_TABLES, generator=generator))
        sizes = (recipe.levels * recipe.level_features + _DIRECTIONS, recipe.colour_width, recipe.colour_width, 3)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in itertools.pairwise(sizes):
            within = math.sqrt(6 / fan_in)
            weight = torch.empty(fan_out, fan_in)
            self.weights.append(nn.init.uniform_(weight, -within, within, generator=generator))
            self.biases.append(torch.zeros(fan_out))
        self.levels_on = recipe.levels
        self._inputs = recipe.levels * recipe.level_features
        self._kappa = recipe.kappa
        self._density_rate, self._network_rate = recipe.density_rate, recipe.network_rate

    def at(self, x: Float[Tensor, "n 3"], variance: Float[Tensor, "n"] | None = None) -> Located:
        """See ``RadianceVolume``."""
        corners = [grid.corners(x) for grid in self._grids[: self.levels_on]]
        return _GridPoints(self, corners, None if variance is None else self.level_weights(variance))

    def level_weights(self, variance: Float[Tensor, "n"]) -> Float[Tensor, "n l"]:
        """What is left of each level under Gaussians."""
        frequency = variance.new_tensor([1 / (4 * grid.cell) for grid in self._grids[: self.levels_on]])
        return torch.exp(-2 * math.pi**2 * self._kappa * frequency.square() * variance[:, None])

    def colour(self, features: Float[Tensor, "n f"], directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """The colour network."""
        off = features.new_zeros(len(features), self._inputs - features.shape[1])
        h = torch.cat([features, off, harmonics(directions)], 1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = F.linear(h, weight, bias).relu()
        return F.linear(h, self.weights[-1], self.biases[-1]).sigmoid()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The tables, and the network."""
        return [
            {"params": [*self.densities], "scale": self._density_rate, "levelwise": True},
            {"params": [*self.features], "scale": 1.0},
            {"params": [*self.weights, *self.biases], "scale": self._network_rate},
        ]


class _GridPoints(Located):
    def __init__(self, volume: GridVolume, corners: list[Corners], weights: Float[Tensor, "n l"] | None) -> None:
        self._volume, self._corners, self._weights = volume, corners, weights

    def density(self) -> Float[Tensor, "n"]:
        levels = [corners.of(table) for corners, table in zip(self._corners, self._volume.densities, strict=False)]
        summed = torch.cat(levels, 1) if self._weights is None else torch.cat(levels, 1) * self._weights
        return density_from_log(summed.sum(1) + _FIRST_LOG_DENSITY)

    def colours(self, directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        levels = [corners.of(table) for corners, table in zip(self._corners, self._volume.features, strict=False)]
        if self._weights is not None:
            levels = [values * self._weights[:, [level]] for level, values in enumerate(levels)]
        return self._volume.colour(torch.cat(levels, 1), directions)

    def kept(self, keep: Bool[Tensor, "n"]) -> Located:
        corners = [corners.kept(keep) for corners in self._corners]
        return _GridPoints(self._volume, corners, None if self._weights is None else self._weights[keep])


class HashedGrid(TrilinearGrid):
    """A grid whose vertices share a table of fewer rows, found by hashing their numbers.

    Source of the hash: D. E. Knuth, The Art of Computer Programming 3, section 6.4 (multiplication by a golden ratio).

    Args:
        cells: along each axis, at most 1289.
        log2_rows: of the table, as a power of two.
    """

    def __init__(self, cells: int, log2_rows: int) -> None:
        super().__init__(cells)
        self.row_count = 2**log2_rows
        self._dropped = 32 - log2_rows

    def renumbered(self, corners: Corners) -> Corners:
        """See ``TrilinearGrid``."""
        rows = (corners.rows * _GOLDEN >> self._dropped) & (self.row_count - 1)  # the product wraps round
        return Corners(rows, corners.weights, self.row_count)


def _grid(cells: int, log2_rows: int) -> TrilinearGrid:
    return TrilinearGrid(cells) if (cells + 1) ** 3 <= 2**log2_rows else HashedGrid(cells, log2_rows)


class DenseVolume(RadianceVolume):
    """Two dense networks, as FINER's comparison has them.

    From the point the first gives the log density and as many features as it is wide; from these and the direction the
    second gives the colour. It cannot be filtered.

    Source: V. Saragadam et al., WIRE: Wavelet Implicit Neural Representations, CVPR 2023 (section 4.3), and Z. Liu et
    al., FINER, CVPR 2024.
    """

    asks_twice = True

    def __init__(self, recipe: RadianceRecipe, generator: torch.Generator) -> None:
        super().__init__()
        settings = _of_networks(recipe)
        self.mapping = Positional(settings, 3) if recipe.encoding == "relu" else NoMapping(settings, 3)
        self.density_network = DenseNetwork(settings, self.mapping.width, 1 + recipe.width, generator)
        self.colour_network = DenseNetwork(settings, recipe.width + 3, 3, generator)

    def at(self, x: Float[Tensor, "n 3"], variance: Float[Tensor, "n"] | None = None) -> Located:
        """See ``RadianceVolume``; variances change nothing."""
        return _DensePoints(self, x)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """All at one rate."""
        return [{"params": list(self.parameters()), "scale": 1.0}]


class _DensePoints(Located):
    def __init__(self, volume: DenseVolume, x: Float[Tensor, "n 3"], found: Tensor | None = None) -> None:
        self._volume, self._x, self._found = volume, x, found

    def _outputs(self) -> Float[Tensor, "n w"]:
        if self._found is None:
            self._found = self._volume.density_network(self._volume.mapping(self._x))
        return self._found

    def density(self) -> Float[Tensor, "n"]:
        return density_from_log(self._outputs()[:, 0] + _FIRST_LOG_DENSITY)

    def colours(self, directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        seen = torch.cat([directions, self._outputs()[:, 1:]], 1)
        found: Tensor = self._volume.colour_network(seen)
        return found.sigmoid()

    def kept(self, keep: Bool[Tensor, "n"]) -> Located:
        found = self._found
        serves = found is not None and (found.requires_grad or not torch.is_grad_enabled())
        return _DensePoints(self._volume, self._x[keep], found[keep] if serves and found is not None else None)


def _of_networks(recipe: RadianceRecipe) -> CoordinateRecipe:
    """The settings of both networks."""
    known = ACTIVATIONS[recipe.encoding].numbers
    return CoordinateRecipe(
        activation=recipe.encoding,
        width=recipe.width,
        hidden_layers=recipe.layers - 2,
        omega_first=recipe.omega,
        omega_hidden=recipe.omega,
        spread=recipe.spread,
        first_bias=recipe.first_bias if "first_bias" in known else None,
        mapping_levels=recipe.mapping_levels,
        seed=recipe.seed,
    )


def new_volume(recipe: RadianceRecipe, generator: torch.Generator) -> RadianceVolume:
    """The volume that a recipe asks for."""
    return (GridVolume if recipe.encoding == "grid" else DenseVolume)(recipe, generator)


def density_from_log(log_density: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Its exponential, whose gradient is cut off where it would be too steep for a step."""
    found: Tensor = _CutExponential.apply(log_density)
    return found


class _CutExponential(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.exp()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradient * x.clamp(-_STEEPEST, _STEEPEST).exp()


def harmonics(directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 9"]:
    """Polynomials of unit vectors that span the spherical harmonics up to degree 2, each of mean square about 1."""
    x, y, z = directions.unbind(1)
    squares = [1.9 * (x * x - y * y), 1.1 * (3 * z * z - 1)]
    products = [3.9 * x * y, 3.9 * y * z, 3.9 * z * x]
    return torch.stack([torch.ones_like(x), 1.7 * x, 1.7 * y, 1.7 * z, *products, *squares], 1)
