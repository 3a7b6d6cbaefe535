"""Which cells of the box hold anything: what lies in an empty one is not asked for.

Source: T. Mueller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, SIGGRAPH 2022
(appendix E.2), and R. Li et al., NerfAcc: Efficient Sampling Accelerates NeRFs, ICCV 2023, for the rules of refreshing.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

REFRESH_STEPS = 16
"""Steps from one refresh to the next."""

_WHOLE_REFRESHES = 16  # at the beginning: all cells are asked
_DECAY = 0.95
_OF_MEAN = 0.9  # a field that is the same everywhere is not empty
_AT_ONCE = 1 << 18

DensityOf = Callable[[Float[Tensor, "n 3"]], Float[Tensor, "n"]]


class OccupancyGrid(nn.Module):
    """Cells of the cube [-1, 1]^3 with the greatest density that was lately met in each.

    A cell is occupied where that is above a threshold, or where a neighbour's is (dilated once). In the beginning all
    cells are.

    Args:
        cells: along each axis.

    Attributes:
        density: (cells, cells, cells), z, y, x; per domain unit.
        occupied: likewise.
        refreshes: how often it was refreshed.
    """

    density: Tensor
    occupied: Tensor
    refreshes: Tensor

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.register_buffer("density", torch.zeros(cells, cells, cells))
        self.register_buffer("occupied", torch.ones(cells, cells, cells, dtype=torch.bool))
        self.register_buffer("refreshes", torch.zeros((), dtype=torch.long))

    @property
    def share(self) -> float:
        """Of the cells that are occupied."""
        return float(self.occupied.float().mean())

    def occupied_along(
        self, origins: Float[Tensor, "r 3"], directions: Float[Tensor, "r 3"], distance: Float[Tensor, "r k"]
    ) -> Bool[Tensor, "r k"]:
        """Whether the cells are occupied in which rays are after these distances; beyond the cube those at its border.

        One axis after the other, which is faster than points of three coordinates.
        """
        pairs = zip(origins.unbind(1), directions.unbind(1), strict=True)
        along = [start[:, None] + distance * way[:, None] for start, way in pairs]
        x, y, z = (((each + 1) * (self.cells / 2)).to(torch.int32).clamp_(0, self.cells - 1) for each in along)
        flat = z.mul_(self.cells).add_(y).mul_(self.cells).add_(x)
        return self.occupied.view(-1).index_select(0, flat.flatten()).view(flat.shape)

    @torch.no_grad()
    def refresh(self, density_of: DensityOf, least: float, generator: torch.Generator) -> None:
        """Ask for the density at a random point of cells, and renew what is occupied.

        All cells are asked the first 16 times, later a quarter of them at random and a quarter of the occupied ones.

        Args:
            density_of: the density at points.
            least: a cell is occupied above this density, or above nine tenths of the mean of all cells if that is less.
            generator: of the points, on the grid's device.
        """
        chosen = self._chosen(generator)
        found = torch.cat([density_of(self._points_in(part, generator)) for part in chosen.split(_AT_ONCE)])
        flat = self.density.view(-1)
        flat.mul_(_DECAY)
        flat[chosen] = torch.maximum(flat[chosen], found.to(flat))
        above = self.density > min(least, _OF_MEAN * float(self.density.mean()))
        self.occupied.copy_(F.max_pool3d(above[None, None].float(), 3, stride=1, padding=1)[0, 0] > 0)
        self.refreshes += 1

    def _chosen(self, generator: torch.Generator) -> Int[Tensor, "n"]:
        """Cells without repetition, as flat indices."""
        count, device = self.occupied.numel(), self.occupied.device
        if int(self.refreshes) < _WHOLE_REFRESHES:
            return torch.arange(count, device=device)
        chosen = torch.rand(count, generator=generator, device=device) < 0.25
        again = torch.rand(count, generator=generator, device=device) < 0.25
        return (chosen | (again & self.occupied.view(-1))).nonzero()[:, 0]

    def _points_in(self, cells: Int[Tensor, "n"], generator: torch.Generator) -> Float[Tensor, "n 3"]:
        n = self.cells
        corner = torch.stack([cells % n, cells // n % n, cells // n**2], 1)
        within = torch.rand(len(cells), 3, generator=generator, device=cells.device)
        return (corner + within) * (2 / n) - 1
