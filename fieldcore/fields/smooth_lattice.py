"""A signal smoothed by a Gaussian, on a lattice: one level of a solved pyramid, or what a filter makes of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from ..borders import Border, folded_axis, folded_index
from ..splines import tent_weights
from .axis_map import AxisMap, Taps
from .compact_samples import STEPS
from .spline_taps import coefficient_taps, cubic_taps, linear_taps, value_taps

REACH = 4.5
"""Standard deviations beyond which a Gaussian counts as zero: 7e-6 of its mass."""


_MOST_READ = 1 << 22
"""Vertices read at once for points that read many each."""


@dataclass(frozen=True)
class Line:
    """Vertices along one axis.

    Attributes:
        first: position of the first vertex, in domain units.
        cell: from one vertex to the next.
        count: of vertices.
        half: half the extent of the signal's box.
        border: how the signal continues beyond its box; None for a formula, which has no border.
        sampled: the vertices are the signal's own samples, not smoothed along this axis, between which it is linear.
    """

    first: float
    cell: float
    count: int
    half: float
    border: Border | None
    sampled: bool = False

    @property
    def vertices(self) -> Float[Tensor, "count"]:
        """Their positions, in double precision."""
        return self.first + self.cell * torch.arange(self.count, dtype=torch.float64)

    def folded(self, x: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Positions where the signal, smoothed or not, has the same value, within the box if there are such.

        Beyond a clamped border a smoothed signal still changes, as far as the vertices reach.
        """
        return x if self.border in (None, "clamp") else folded_axis(x, self.half, self.border)

    def spaced(self, low: float, high: float, step: float, margin: int) -> Line:
        """Multiples of ``step`` from ``low`` to ``high`` and so many more on either side; none of them is folded."""
        start, stop = math.floor(low / step) - margin, math.ceil(high / step) + margin + 1
        return Line(start * step, step, stop - start, self.half, None)


@dataclass(frozen=True, eq=False)
class SmoothLattice:
    """Values at the vertices of a lattice, interpolated by cubic B-splines, or by straight lines.

    Attributes:
        lines: the vertices along each axis.
        coefficients: of the B-splines, or along axes that are ``sampled`` the values themselves;
            (channels, ..., height, width). Bytes stand for steps of 1/255.
        variance: of the Gaussian that the signal has been smoothed by, along axes that are not ``sampled``.
    """

    lines: tuple[Line, ...]
    coefficients: Shaped[Tensor, "c *shape"]
    variance: float

    @classmethod
    def through(cls, lines: Sequence[Line], values: Shaped[Tensor, "c *shape"], variance: float) -> SmoothLattice:
        """The cubic B-splines through values at the vertices; along axes that are sampled the values themselves."""
        for axis, line in enumerate(lines):
            if not line.sampled:
                values = AxisMap.of(coefficient_taps(line.count), values)(values, -1 - axis)
        return cls(tuple(lines), values, variance)

    @property
    def cell(self) -> float:
        """From one vertex to the next along the axis where they are closest."""
        return min(line.cell for line in self.lines)

    @property
    def sampled(self) -> bool:
        """Whether the vertices are all of the signal's own samples."""
        return all(line.sampled for line in self.lines)

    def variance_along(self, axis: int) -> float:
        """Of the Gaussian that the signal has been smoothed by along one axis."""
        return 0.0 if self.lines[axis].sampled else self.variance

    @property
    def channels(self) -> int:
        """Values a vertex."""
        return len(self.coefficients)

    def axis_map(self, axis: int, x: Float[Tensor, "n"], variance: float) -> AxisMap:
        """What a Gaussian of this variance along one axis makes of the coefficients, at positions ``x``."""
        return AxisMap.of(self._taps(axis, x.double().cpu(), variance), self.coefficients)

    def _taps(self, axis: int, x: Float[Tensor, "n"], variance: float) -> Taps:
        line = self.lines[axis]
        if line.sampled:
            return _smoothed_tents(line, x, variance)
        offsets, shares = _quadrature(line.cell, variance)
        position = (line.folded(x[:, None] + offsets) - line.first) / line.cell
        taps = _extrapolated_taps if line.border is None else cubic_taps
        index, weights = taps(position.flatten(), line.count)
        weights = weights.unflatten(0, position.shape) * shares[:, None]
        return index.view(len(x), -1), weights.flatten(1)

    def at(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "c n"]:
        """Values at points, folded back into the box where they lie beyond a border."""
        if self.sampled:
            return self.linear_at(x)
        taps = [_point_taps(line, x[:, axis]) for axis, line in enumerate(self.lines)]
        return _at_crossings(self._table, self.coefficients.shape[1:], taps)

    def tap_count(self, axis: int, variance: float) -> int:
        """Vertices that ``smoothed_at`` reads along an axis."""
        return 2 * _tent_reach(self.lines[axis], variance)

    def smoothed_at(self, x: Float[Tensor, "n d"], variances: Sequence[float]) -> Float[Tensor, "c n"]:
        """What a Gaussian with these variances along the axes makes of the lattice at points; exact for samples."""
        taps = [
            _gathered(self._taps(axis, column.double().cpu(), variance))
            for axis, (column, variance) in enumerate(zip(x.T, variances, strict=True))
        ]
        at_once = max(1, _MOST_READ // math.prod(weights.shape[1] for _, weights in taps))
        parts = []
        for start in range(0, len(x), at_once):
            part = [tuple(t[start : start + at_once].to(x.device) for t in pair) for pair in taps]
            parts.append(_at_crossings(self._table, self.coefficients.shape[1:], part))  # type: ignore[arg-type]
        return torch.cat(parts, 1)

    def linear_at(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "c n"]:
        """The same with straight lines between the values at vertices."""
        lines, values = self.vertex_values
        columns = [(line.folded(x[:, axis]) - line.first) / line.cell for axis, line in enumerate(lines)]
        if len(columns) == 2:
            return _bilinear(values, torch.stack(columns, -1))
        taps = [linear_taps(column, line.count) for column, line in zip(columns, lines, strict=True)]
        return _at_crossings(values.flatten(1).T.contiguous(), values.shape[1:], taps)

    @cached_property
    def vertex_values(self) -> tuple[tuple[Line, ...], Shaped[Tensor, "c *shape"]]:
        """Vertices and the values there; samples that repeat have one more at either end, to interpolate across."""
        lines, values = list(self.lines), self.coefficients
        for axis, line in enumerate(self.lines):
            if not line.sampled:
                values = AxisMap.of(value_taps(line.count), values)(values, -1 - axis)
            elif line.border == "repeat":
                ends = [values.narrow(-1 - axis, start, 1) for start in (line.count - 1, 0)]
                values = torch.cat([ends[0], values, ends[1]], -1 - axis)
                lines[axis] = replace(line, first=line.first - line.cell, count=line.count + 2)
        return tuple(lines), values

    @cached_property
    def _table(self) -> Shaped[Tensor, "vertices c"]:
        return self.coefficients.flatten(1).T.contiguous()


def _bilinear(values: Float[Tensor, "c h w"], position: Float[Tensor, "n 2"]) -> Float[Tensor, "c n"]:
    """Bilinear values at positions counted in vertices; beyond the ends the last value continues."""
    corner = position.new_tensor([max(n - 1, 1) / 2 for n in reversed(values.shape[1:])])
    grid = (position / corner - 1)[None, None].to(values.dtype)
    return F.grid_sample(values[None], grid, padding_mode="border", align_corners=True)[0, :, 0]


def _at_crossings(
    table: Shaped[Tensor, "vertices c"], shape: Sequence[int], taps: Sequence[Taps]
) -> Float[Tensor, "c n"]:
    """The sum over all vertices that lie on every axis' taps of a point."""
    entries, weights = taps[0]
    stride = shape[-1]
    for axis, (index, share) in enumerate(taps[1:], start=1):
        entries = (entries[:, :, None] + (index * stride)[:, None]).flatten(1)
        weights = (weights[:, :, None] * share[:, None]).flatten(1)
        stride *= shape[-1 - axis]
    if table.dtype == torch.uint8:  # of which PyTorch has no such sum
        weights = weights.float() / STEPS
        read = table.index_select(0, entries.flatten()).unflatten(0, entries.shape).float()
        return torch.einsum("nk,nkc->cn", weights, read)
    return F.embedding_bag(entries, table, per_sample_weights=weights.to(table.dtype), mode="sum").T


def _point_taps(line: Line, x: Float[Tensor, "n"]) -> Taps:
    """The vertices that are read at single points, folded back into the box where they lie beyond a border."""
    position = (line.folded(x) - line.first) / line.cell
    if not line.sampled:
        return cubic_taps(position, line.count)
    assert line.border is not None
    lower = position.floor()
    index = lower.long()[:, None] + torch.arange(2, device=x.device)
    folded = torch.from_numpy(folded_index(index.cpu().numpy(), line.count, line.border)).to(x.device)
    return folded, torch.stack([1 - (position - lower), position - lower], -1)


def _gathered(taps: Taps) -> Taps:
    """The same with every vertex once, where several taps read it: the range of those that any point reads."""
    index, weights = taps
    first = index.amin(1, keepdim=True)
    width = int((index.amax(1, keepdim=True) - first).max()) + 1
    if width >= index.shape[1]:
        return taps
    first = first.clamp_max(int(index.max()) + 1 - width)  # where others reach further, it begins before it must
    summed = torch.zeros(len(index), width, dtype=weights.dtype).scatter_add_(1, index - first, weights)
    return first + torch.arange(width), summed


def _extrapolated_taps(position: Float[Tensor, "n"], count: int) -> Taps:
    """As ``cubic_taps``, but beyond the ends a straight line goes on, as distances do far from their surface."""
    inside = position.clamp(1, count - 2)
    beyond = position - inside
    index, weights = cubic_taps(inside, count)
    if not bool(beyond.any()):
        return index, weights
    before_index, before = cubic_taps(inside - beyond.sign(), count)
    slope = beyond.abs()[:, None]
    return torch.cat([index, before_index], 1), torch.cat([weights * (1 + slope), -before * slope], 1)


def _quadrature(cell: float, variance: float) -> tuple[Float[Tensor, "k"], Float[Tensor, "k"]]:
    """Offsets and shares that stand for a Gaussian: no farther apart than vertices, nor than a standard deviation."""
    deviation = math.sqrt(variance)
    if deviation < 1e-6 * cell:
        return torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    step = min(cell, deviation)
    reach = math.ceil(REACH * deviation / step)
    offsets = step * torch.arange(-reach, reach + 1, dtype=torch.float64)
    shares = torch.exp(-0.5 * (offsets / deviation).square())
    return offsets, shares / shares.sum()


def _tent_reach(line: Line, variance: float) -> int:
    return math.ceil(1 + REACH * math.sqrt(variance) / line.cell)


def _smoothed_tents(line: Line, x: Float[Tensor, "n"], variance: float) -> Taps:
    """Exact: what is linear between its samples is a sum of tents, and tents smoothed by a Gaussian have a formula."""
    deviation = math.sqrt(variance) / line.cell
    position = (x - line.first) / line.cell
    reach = _tent_reach(line, variance)
    index = position.floor().long()[:, None] + torch.arange(1 - reach, reach + 1)
    weights = torch.from_numpy(tent_weights((position[:, None] - index).numpy(), deviation))
    assert line.border is not None
    index = torch.from_numpy(folded_index(index.numpy(), line.count, line.border))
    return index, weights / weights.sum(1, keepdim=True)
