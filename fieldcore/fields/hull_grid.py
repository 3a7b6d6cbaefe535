"""The geometry of a surface as its visual hull and what levels of values add to it, where the hull can be wrong."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from .lattice_cache import Newest
from .surface_losses import NEAREST_RANGE
from .surface_recipe import SurfaceRecipe
from .surface_rendering import volume_at
from .trilinear_levels import Corners, TrilinearGrid

COARSEST_CELLS = 16
DENSE_CELLS = 40
"""Cells along an axis up to which a level has all its vertices."""


class HullGrid(nn.Module):
    """``distance(x) = hull(x) + sum of levels``, and features from the same levels one after the other.

    The hull's distance is given and stays; the levels are linear between vertices. Fine levels have vertices near the
    hull and inside it alone, by a table of numbers, so that unlike hashed ones they have no collisions.

    Args:
        recipe: its numbers.
    """

    hull: Tensor
    nearest_range = NEAREST_RANGE

    def __init__(self, recipe: SurfaceRecipe) -> None:
        super().__init__()
        self.recipe = recipe
        cells = [COARSEST_CELLS]
        while cells[-1] < recipe.finest_cells:
            cells.append(2 * cells[-1])
        self.register_buffer("hull", torch.zeros(2, 2, 2))
        self._grids = nn.ModuleList([TrilinearGrid(count) for count in cells])
        self.distances = nn.ParameterList([torch.zeros(1, 1) for _ in cells])
        self.features = nn.ParameterList([torch.zeros(1, recipe.features) for _ in cells])
        self.hull_grid = TrilinearGrid(1)
        self.levels_on = len(cells)
        self._newest: Newest[Tensor] = Newest(1)
        self.step = 2 / cells[-1]

    @property
    def grids(self) -> list[TrilinearGrid]:
        """The levels' vertices, coarsest first."""
        return cast("list[TrilinearGrid]", [*self._grids])

    @property
    def feature_count(self) -> int:
        """Of a point."""
        return self.recipe.features * len(self.grids)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For ``LevelwiseAdam``."""
        return [
            {"params": list(self.features), "scale": 1.0},
            {"params": list(self.distances), "scale": self.recipe.distance_rate, "levelwise": True},
        ]

    @torch.no_grad()
    def begin(self, hull: Float[Tensor, "n n n"]) -> None:
        """Become the hull, whose distances are given at vertices over [-1, 1]^3, with levels that are 0."""
        self.hull = hull.float().contiguous()
        self._lay_out()
        for grid, distances, features in zip(self.grids, self.distances, self.features, strict=True):
            distances.data = distances.new_zeros(grid.row_count, 1)
            features.data = features.new_zeros(grid.row_count, self.recipe.features)

    def _lay_out(self) -> None:
        """The grids' vertices, which follow from the hull."""
        self.hull_grid = TrilinearGrid(len(self.hull) - 1)
        for grid in self.grids:
            if grid.cells > DENSE_CELLS:
                near = self._hull_at_vertices(grid) < self.recipe.shell
                grid.keep(near)

    def _hull_at_vertices(self, grid: TrilinearGrid) -> Float[Tensor, "n n n"]:
        size = [grid.cells + 1] * 3
        return F.interpolate(self.hull[None, None], size, mode="trilinear", align_corners=True)[0, 0]

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        """What a file holds has its own sizes: those of its hull."""
        hull = state_dict.get(f"{prefix}hull")
        if hull is not None and hull.ndim == 3:
            self.begin(hull.to(self.hull.device))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def distance(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Signed distances at points; beyond the cube, with the way to it added."""
        hull, corners = self._corners(x)
        return self._summed(x, hull, corners)

    def distance_and_features(self, x: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n"], Float[Tensor, "n f"]]:
        """Both at points, whose corners are searched for once."""
        hull, corners = self._corners(x)
        features = [each.of(values) for each, values in zip(corners, self.features, strict=False)]
        features += [torch.zeros_like(features[0])] * (len(self.features) - len(features))
        return self._summed(x, hull, corners), torch.cat(features, 1)

    def _corners(self, x: Float[Tensor, "n 3"]) -> tuple[Corners, list[Corners]]:
        """In the hull's grid and in each level's, of which one has the hull's cells."""
        hull = self.hull_grid.corners(x)
        same = [grid.cells == self.hull_grid.cells for grid in self.grids]
        pairs = zip(self.grids[: self.levels_on], same, strict=False)
        return hull, [grid.renumbered(hull) if is_same else grid.corners(x) for grid, is_same in pairs]

    def _summed(self, x: Float[Tensor, "n 3"], hull: Corners, corners: list[Corners]) -> Float[Tensor, "n"]:
        total = hull.of(self.hull.view(-1, 1))
        for each, distances in zip(corners, self.distances, strict=False):
            total = total + each.of(distances)
        return total[:, 0] + (x - x.clamp(-1, 1)).norm(dim=1)

    def dense(self) -> Float[Tensor, "n n n"]:
        """The distance at all vertices of the finest level or the hull, whichever is finer; the axes are z, y, x."""
        weights = (self.hull, *self.distances)
        return self._newest.get(tuple((each.data_ptr(), each._version) for each in weights), self._spread)

    @torch.no_grad()
    def _spread(self) -> Float[Tensor, "n n n"]:
        size = max(len(self.hull), self.recipe.finest_cells + 1)
        total = _resampled(self.hull[None], size)
        for grid, distances in zip(self.grids, self.distances, strict=True):
            total = total + _resampled(grid.spread(distances), size)
        return total[0]

    @torch.no_grad()
    def distance_at_many(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """``distance`` without gradients, looked up in what ``dense`` gives, which is as linear between vertices."""
        return volume_at(self.dense(), x) + (x - x.clamp(-1, 1)).norm(dim=1)

    def searched(self) -> Float[Tensor, "n n n"]:
        """What rays find the surface in: all of it."""
        return self.dense()

    def most_slope(self, share_done: float) -> float:
        """Silhouettes are as steep as pixels from the beginning, since the hull is right there already."""
        return math.inf


def _resampled(volume: Float[Tensor, "1 m m m"], size: int) -> Float[Tensor, "1 n n n"]:
    if volume.shape[-1] == size:
        return volume
    return F.interpolate(volume[None], [size] * 3, mode="trilinear", align_corners=True)[0]
