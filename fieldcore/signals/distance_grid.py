"""Signed distance by interpolation: what Monte-Carlo training asks for, far faster than the mesh answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

NEAR_HALF_WIDTH = 1.25  # domain units: the padded box, and a little more
FAR_HALF_WIDTH = 2.5
_NEAR_STAGES = (48, 96, 192)  # cells an axis: exact everywhere, then only where it matters
NEAR_CELLS = _NEAR_STAGES[-1]
FAR_CELLS = 48
_REACH = 1.0  # cells around the surface that the next finer grid computes anew
_JUMP = 1.01  # slope above which there must be a jump: no distance is steeper than 1
_KINK = 0.5  # change of slope from cell to cell above which there must be a crease
_CHUNK = 1 << 15

Distance = Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, "n"]]


@dataclass(frozen=True, eq=False)
class DistanceGrid:
    """Signed distances at the vertices of two cubic grids around the origin, interpolated linearly in between.

    The near grid has 192 cells an axis over [-1.25, 1.25]. Around the surface, and where the distance jumps (behind
    the holes of an open mesh), each of its vertices is exact; elsewhere those of 48 or 96 cells are, with cubic values
    in between, because there distances are smooth. Beyond it a coarse grid over [-2.5, 2.5] serves, and beyond
    that the distance grows along the ray from the origin.

    Attributes:
        near, far: (1, 1, depth, height, width) float32 distances in domain units.
    """

    near: Float[Tensor, "1 1 n n n"]
    far: Float[Tensor, "1 1 m m m"]

    @classmethod
    def of(cls, distance: Distance, report: Callable[[int, int], None] = lambda done, total: None) -> DistanceGrid:
        """The grids of a distance function; ``report`` is told about points done and the total expected by then."""
        near = refined_distances(distance, _NEAR_STAGES, NEAR_HALF_WIDTH, report=report)
        far = refined_distances(distance, (FAR_CELLS,), FAR_HALF_WIDTH)
        return cls(near[None, None], far[None, None])

    def __call__(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Distances at any points. On a curved surface of radius r they are off by up to 4e-5 / r."""
        furthest = x.abs().amax(1)
        on_box = x * (FAR_HALF_WIDTH / furthest.clamp_min(FAR_HALF_WIDTH))[:, None]
        beyond = _interpolated(self.far, on_box / FAR_HALF_WIDTH) + (x - on_box).norm(dim=1)
        within = _interpolated(self.near, x / NEAR_HALF_WIDTH)
        return torch.where(furthest <= NEAR_HALF_WIDTH, within, beyond)

    def to(self, device: torch.device | str) -> DistanceGrid:
        """The same grids on ``device``."""
        return DistanceGrid(self.near.to(device), self.far.to(device))


def refined_distances(
    distance: Distance,
    stages: Sequence[int],
    half_width: float,
    *,
    kinks: bool = False,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Float[Tensor, "n n n"]:
    """Distances at the vertices of a cubic grid around the origin, (depth, height, width), from coarse to fine.

    Args:
        distance: exact, what is to be sampled.
        stages: cells an axis. Each has twice as many as the one before. The first grid is exact everywhere, the next
            ones near the surface and at jumps, with cubic values between the vertices of the grid before elsewhere.
        half_width: of the cube, in domain units.
        kinks: whether later grids are exact also at strong creases.
        report: told about points done and the total known by then.
    """
    count = _Counter(distance, report)
    axis = _axis(stages[0], half_width)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    everywhere = count(np.stack([x.ravel(), y.ravel(), z.ravel()], -1))
    values = torch.from_numpy(everywhere.astype(np.float32)).view(z.shape)
    for cells in stages[1:]:
        values = _refined(count, values, cells, half_width, kinks)
    return values


class _Counter:
    """A distance function that answers in chunks and reports how many points it has answered."""

    def __init__(self, distance: Distance, report: Callable[[int, int], None]) -> None:
        self._distance, self._report = distance, report
        self._done = self._total = 0

    def __call__(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        self._total += len(points)
        parts = []
        for start in range(0, len(points), _CHUNK):
            parts.append(self._distance(points[start : start + _CHUNK]))
            self._done += len(parts[-1])
            self._report(self._done, self._total)
        return np.concatenate([np.zeros(0), *parts])


def _axis(cells: int, half_width: float) -> Float[np.ndarray, "n"]:
    return np.linspace(-half_width, half_width, cells + 1)


def _refined(
    distance: Distance, values: Float[Tensor, "n n n"], cells: int, half_width: float, kinks: bool
) -> Float[Tensor, "m m m"]:
    """The grid with ``cells`` cells, twice as many: exact where that matters, cubic between vertices elsewhere."""
    size = 2 * half_width / (len(values) - 1)
    matters = _matters(values, size, kinks)
    finer = _doubled(_doubled(_doubled(values, 0), 1), 2)
    index = F.interpolate(matters[None, None].float(), size=finer.shape, mode="nearest")[0, 0].nonzero()
    points = _axis(cells, half_width)[index.flip(1).numpy()]
    finer[tuple(index.T)] = torch.from_numpy(distance(points).astype(np.float32))
    return finer


def _doubled(values: Float[Tensor, "*n"], axis: int) -> Float[Tensor, "*m"]:
    """Twice as many cells along an axis: the cubic through the four nearest vertices between each two."""
    count = values.shape[axis]
    ends = [2 * values.narrow(axis, k, 1) - values.narrow(axis, k + step, 1) for k, step in ((0, 1), (count - 1, -1))]
    wider = torch.cat([ends[0], values, ends[1]], axis)
    outer = wider.narrow(axis, 0, count - 1) + wider.narrow(axis, 3, count - 1)
    inner = wider.narrow(axis, 1, count - 1) + wider.narrow(axis, 2, count - 1)
    between = (9 * inner - outer) / 16
    paired = torch.stack([values.narrow(axis, 0, count - 1), between], axis + 1).flatten(axis, axis + 1)
    return torch.cat([paired, values.narrow(axis, count - 1, 1)], axis)


def _matters(values: Float[Tensor, "n n n"], size: float, kinks: bool) -> Bool[Tensor, "n n n"]:
    """Vertices near the surface, beside a jump (a step that no distance can make without one) or at a kink."""
    wanted = values.abs() < _REACH * size
    for axis in range(3):
        count = values.shape[axis] - 1
        step = values.diff(dim=axis).abs() / size
        for side in (0, 1):
            wanted.narrow(axis, side, count).logical_or_(step > _JUMP)
        if kinks:
            bend = values.diff(n=2, dim=axis).abs() / size
            wanted.narrow(axis, 1, count - 1).logical_or_(bend > _KINK)
    return F.max_pool3d(wanted[None, None].float(), 3, stride=1, padding=1)[0, 0] > 0


def _interpolated(values: Float[Tensor, "1 1 m m m"], x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
    return F.grid_sample(values, x[None, None, None], padding_mode="border", align_corners=True).view(-1)
