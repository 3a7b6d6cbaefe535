"""Levels of a pyramid: features at the vertices of one grid, interpolated linearly, stored densely or hashed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Num
from torch import Tensor, nn

_SMALL_MATRIX = 512  # vertices along an axis up to which a matrix, though mostly zeros, is quicker than picking
_MANY = 1 << 22  # values at offsets worked off together
_SMALL = 1 << 18  # values of a level of which a gradient for each thread costs nothing


class DenseLevel(nn.Module):
    """Features at the vertices of a grid of square cells, interpolated linearly.

    Args:
        vertices: along each axis.
        cell: side of a cell, in domain units.
        centre: of the grid.
        features: features a vertex.
    """

    centre: Tensor
    corner: Tensor

    def __init__(self, vertices: Sequence[int], cell: float, centre: Sequence[float], features: int) -> None:
        super().__init__()
        self.cell, self.features = cell, features
        self.size = tuple(vertices)
        self.register_buffer("centre", torch.tensor(centre), persistent=False)
        self.register_buffer("corner", torch.tensor([(n - 1) * cell / 2 for n in vertices]), persistent=False)
        self.values = nn.Parameter(torch.zeros(features, 1, *reversed(vertices)))

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "f n"]:
        """Features at ``x``, one row a feature; beyond the grid those of its border."""
        if x.shape[1] == 3 and (not torch.is_grad_enabled() or self.values.numel() < _SMALL):
            return self._by_runs(x)
        points = self._across(x).view(1, *[1] * (x.shape[1] - 1), *x.shape)
        # Features stand where grid_sample expects a batch: its backward pass uses a thread for each batch entry.
        points = points.expand(len(self.values), *points.shape[1:])
        values = F.grid_sample(self.values, points, padding_mode="border", align_corners=True)
        return values.view(self.features, len(x))

    def _across(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Where in the grid that is, from -1 at its first vertices to 1 at its last ones."""
        return torch.addcdiv(-self.centre / self.corner, x, self.corner)

    def _by_runs(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "f n"]:
        """The same with runs of points as the batch: the features share the search for a point's cell.

        In training each run has a gradient of its own, so that this is for small levels.
        """
        runs = torch.get_num_threads() if x.device.type == "cpu" else 1
        length = -(-len(x) // runs)
        points = F.pad(self._across(x), (0, 0, 0, runs * length - len(x))).view(runs, 1, 1, length, 3)
        values = self.values.transpose(0, 1).expand(runs, *self.values.shape[:1], *self.values.shape[2:])
        features = F.grid_sample(values, points, padding_mode="border", align_corners=True)
        return features.movedim(1, 0).reshape(self.features, -1)[:, : len(x)]

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]]) -> Float[Tensor, "f n"]:
        """Features where positions along each axis cross, the first axis varying fastest: one axis after the other."""
        values = self.values[:, 0]
        for axis in reversed(range(len(axes))):  # the last one first: of that a tile has few positions
            dim = values.ndim - 1 - axis
            if self.size[axis] <= _SMALL_MATRIX:
                matrix = self._matrix(axes[axis], axis)
                values = torch.tensordot(values, matrix, ([dim], [1])).movedim(-1, dim)
                continue
            vertices, weights = self._taps(axes[axis], axis)
            taps = zip(vertices, weights.unflatten(1, (-1, *[1] * axis)), strict=True)
            values = torch.stack([values.index_select(dim, vertex) * weight for vertex, weight in taps]).sum(0)
        return values.flatten(1)

    def averaged_on_lattice(
        self,
        axes: Sequence[Float[Tensor, "_"]],
        offsets: Float[Tensor, "p 3"],
        weights: Float[Tensor, "p"],
        values: Float[Tensor, "f 1 *shape"] | None = None,
    ) -> Float[Tensor, "f n"]:
        """The weighted sum of ``on_lattice`` at several offsets, which are worked off together.

        ``values`` may take the place of the level's own.
        """
        values = self.values if values is None else values
        at_once = max(1, _MANY // (values[0, 0, 0].numel() * len(axes[2])))
        parts = zip(offsets.split(at_once), weights.split(at_once), strict=True)
        return torch.stack([self._sum_over_offsets(axes, *part, values) for part in parts]).sum(0)

    def _sum_over_offsets(
        self,
        axes: Sequence[Float[Tensor, "_"]],
        offsets: Float[Tensor, "p 3"],
        weights: Float[Tensor, "p"],
        values: Float[Tensor, "f 1 *shape"],
    ) -> Float[Tensor, "f n"]:
        x, y, z = (axis + offset[:, None] for axis, offset in zip(axes, offsets.T, strict=True))
        vertices, shares = self._taps(z.flatten(), 2)
        layers = values[:, 0].movedim(1, 0)  # z, feature, y, x
        crossed = F.embedding_bag(vertices.T, layers.flatten(1), per_sample_weights=shares.T, mode="sum")
        crossed = crossed.view(*z.shape, *layers.shape[1:])  # offset, z, feature, and still vertices of y and x
        along_y = self._matrix(y.flatten(), 1).view(*y.shape, -1)
        along_x = self._matrix(x.flatten(), 0).view(*x.shape, -1)
        crossed = torch.matmul(along_y[:, None, None], crossed)
        # The offsets are summed over as if they were more vertices along x.
        crossed = torch.tensordot(crossed, along_x * weights[:, None, None], ([0, 4], [0, 2]))
        return crossed.movedim(1, 0).flatten(1)

    def _matrix(self, x: Float[Tensor, "n"], axis: int) -> Float[Tensor, "n vertices"]:
        """The weight of each vertex along one axis at each position."""
        vertices, weights = self._taps(x, axis)
        return weights.new_zeros(len(x), self.size[axis]).scatter_add(1, vertices.T, weights.T)

    def _taps(self, x: Float[Tensor, "n"], axis: int) -> tuple[Int[Tensor, "taps n"], Float[Tensor, "taps n"]]:
        """Along one axis, the vertices that matter at each position, and their weights."""
        lower, share = self._cell_of(x, axis)
        return torch.stack([lower, lower + 1]), torch.stack([1 - share, share])

    def _cell_of(self, x: Float[Tensor, "n"], axis: int) -> tuple[Int[Tensor, "n"], Float[Tensor, "n"]]:
        position = ((x - self.centre[axis] + self.corner[axis]) / self.cell).clamp(0, self.size[axis] - 1)
        lower = position.floor().clamp_max(self.size[axis] - 2)
        return lower.long(), position - lower

    @property
    def axes(self) -> list[Float[Tensor, "_"]]:
        """Positions of the vertices along each axis."""
        places = zip(self.size, self.centre, self.corner, strict=True)
        return [torch.arange(n, device=centre.device) * self.cell + (centre - corner) for n, centre, corner in places]

    def set_colours(self, values: Float[Tensor, "c *shape"]) -> None:
        """Let the first features be the middle of ``values``, which may reach farther than the grid."""
        for axis, (have, want) in enumerate(zip(values.shape[1:], reversed(self.size), strict=True), start=1):
            values = values.narrow(axis, (have - want) // 2, want)
        self.values[: len(values), 0].copy_(values)

    def nearest_vertex(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Position of the vertex nearest to each point."""
        first = self.centre - self.corner
        return ((x - first) / self.cell).round() * self.cell + first


class CubicLevel(DenseLevel):
    """A level like ``DenseLevel`` interpolated by cubics, whose slopes do not jump where cells meet.

    Source: R. Keys, Cubic Convolution Interpolation for Digital Image Processing, IEEE Trans. ASSP 1981.
    """

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "f n"]:
        """Features at ``x``, one row a feature; beyond the grid those of its border."""
        entries, weights, stride = [], [], 1
        for axis, n in enumerate(self.size):
            vertices, shares = self._taps(x[:, axis], axis)
            entries.append(vertices.T * stride)
            weights.append(shares.T)
            stride *= n
        return F.embedding_bag(
            _over_corners(torch.add, torch.stack(entries, 1)),
            self.values.flatten(1).T.contiguous(),
            per_sample_weights=_over_corners(torch.mul, torch.stack(weights, 1)),
            mode="sum",
        ).T

    def _taps(self, x: Float[Tensor, "n"], axis: int) -> tuple[Int[Tensor, "taps n"], Float[Tensor, "taps n"]]:
        lower, t = self._cell_of(x, axis)
        weights = [
            ((2 - t) * t - 1) * t / 2,
            ((3 * t - 5) * t * t + 2) / 2,
            ((4 - 3 * t) * t + 1) * t / 2,
            (t - 1) * t * t / 2,
        ]
        vertices = torch.stack([lower - 1, lower, lower + 1, lower + 2]).clamp(0, self.size[axis] - 1)
        return vertices, torch.stack(weights)


class HashedLevel(nn.Module):
    """A level like ``DenseLevel`` whose vertices share a table of fewer entries, found by hashing.

    Vertices that share an entry learn what serves the points that are seen most, near a surface; elsewhere fine detail
    is zero for all of them.

    Source: T. Mueller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, SIGGRAPH 2022.

    Args:
        vertices: along each axis.
        cell: side of a cell, in domain units.
        centre: of the grid.
        features: features a vertex.
        log2_entries: of the table, a power of two.
    """

    centre: Tensor
    last: Tensor

    def __init__(
        self, vertices: Sequence[int], cell: float, centre: Sequence[float], features: int, log2_entries: int
    ) -> None:
        super().__init__()
        self.cell, self.features = cell, features
        self._mask = (1 << log2_entries) - 1
        self.register_buffer("centre", torch.tensor(centre), persistent=False)
        self.register_buffer("last", torch.tensor([float(n - 1) for n in vertices]), persistent=False)
        self.values = nn.Parameter(torch.zeros(1 << log2_entries, features))

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "f n"]:
        """Features at ``x``, one row a feature; beyond the grid those of its border."""
        position = torch.minimum(((x - self.centre) / self.cell + self.last / 2).clamp_min(0), self.last)
        lower = torch.minimum(position.floor(), self.last - 1)
        share = position - lower
        entries = _hashed(lower.long()) & self._mask
        weights = _over_corners(torch.mul, torch.stack([1 - share, share], -1))
        # One fused sum over the corners; its backward pass is the scatter that training needs.
        return F.embedding_bag(entries, self.values, per_sample_weights=weights, mode="sum").T

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]]) -> Float[Tensor, "f n"]:
        """Features where positions along each axis cross, the first axis varying fastest."""
        return self(torch.cartesian_prod(*reversed(axes)).flip(-1))

    def averaged_on_lattice(
        self, axes: Sequence[Float[Tensor, "_"]], offsets: Float[Tensor, "p 3"], weights: Float[Tensor, "p"]
    ) -> Float[Tensor, "f n"]:
        """The weighted sum of ``on_lattice`` at several offsets."""
        average = weights.new_zeros(self.features, math.prod(map(len, axes)))
        for offset, weight in zip(offsets, weights, strict=True):
            average += weight * self.on_lattice([axis + shift for axis, shift in zip(axes, offset, strict=True)])
        return average


_PRIMES = (1, 2654435761, 805459861)  # of the source's hash


def _hashed(lower: Int[Tensor, "n d"]) -> Int[Tensor, "n corners"]:
    """A number for each corner of a cell, of which this is the lowest vertex; its low bits are spread evenly."""
    primes = torch.tensor(_PRIMES[: lower.shape[1]], device=lower.device)
    return _over_corners(torch.bitwise_xor, torch.stack([lower * primes, (lower + 1) * primes], -1))


def _over_corners(
    combine: Callable[[Tensor, Tensor], Tensor], sides: Num[Tensor, "n d taps"]
) -> Num[Tensor, "n corners"]:
    """For each corner of a cell, or each vertex around it, what its places along the axes come to together."""
    result = sides[:, 0]
    for axis in range(1, sides.shape[1]):
        result = combine(result[:, :, None], sides[:, axis, None, :]).flatten(1)
    return result
