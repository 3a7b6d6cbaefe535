"""One Gaussian for a whole lattice of positions, applied to the level of a pyramid that is nearest below it.

A pyramid's level ``l`` is the signal smoothed by a Gaussian of variance ``v_l``. What is left of a covariance ``C`` is

    R = C - v_l 1,    for the coarsest level that leaves a deviation of 0.8 cells at least,

a Gaussian of a few cells, which is summed over the level's vertices: a short product with a matrix along one axis after
the other where ``R`` is aligned to the axes. Along an axis where ``R`` is wide the result is smooth, so that it is
summed at few positions and interpolated by cubic B-splines.

In two dimensions any other ``R`` is a Gaussian along one axis and then one along a slanted line

    R = r e_p e_p^T + a u u^T,    u = e_q + t e_p,    a = R_qq,  t = R_pq / a,  r = R_pp - t^2 a,  |t| <= 1

so that rows are shifted until the line stands upright, summed over, and shifted back.

Source of the slanted line: Lampert and Wirjadi, An Optimal Nonorthogonal Separation of the Anisotropic Gaussian
Convolution Filter, IEEE Trans. Image Processing 2006.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .axis_map import AxisMap, Taps
from .smooth_lattice import REACH, SmoothLattice
from .spline_taps import coefficient_taps, cubic_taps, cubic_weights

_LEAST_REST = 0.64
"""Variance, in squared cells of a level, that is left to be summed over its vertices at least."""

_PER_DEVIATION = 1.6
"""Positions a standard deviation that suffice for cubic B-splines through what a Gaussian leaves."""

_ROW_STEPS = 0.125, 1.0
"""Distance of the rows that a slanted line is summed over, in cells: a standard deviation, within these bounds."""

_MARGIN = 7
"""More of these on either side, beyond which the ends of a spline matter no more."""


def nearest_level(levels: Sequence[SmoothLattice], variances: Sequence[float]) -> SmoothLattice:
    """The coarsest level from which a Gaussian of these variances can be reached; the first one is not smoothed."""

    def fits(level: SmoothLattice) -> bool:
        return all(
            line.sampled or level.variance + _LEAST_REST * line.cell**2 <= variance
            for line, variance in zip(level.lines, variances, strict=True)
        )

    return next((level for level in reversed(levels[1:]) if fits(level)), levels[0])


def is_aligned(covariance: Float[np.ndarray, "d d"], cell: float) -> bool:
    """Whether its axes are those of the coordinates, or it is too small beside a cell for its direction to matter."""
    off_diagonal = np.abs(covariance - np.diag(covariance.diagonal())).max(initial=0.0)
    largest = float(covariance.diagonal().max())
    return bool(off_diagonal <= 1e-7 * largest) or largest < (_ROW_STEPS[0] * cell) ** 2


def aligned_on_lattice(
    levels: Sequence[SmoothLattice], axes: Sequence[Float[Tensor, "_"]], variances: Sequence[float]
) -> Float[Tensor, "c *shape"]:
    """The signal smoothed by a Gaussian aligned to the axes, where positions along the axes cross.

    Args:
        levels: of a pyramid, finest first.
        axes: positions along each axis, in any order.
        variances: along each axis.
    """
    level = nearest_level(levels, variances)
    maps = [
        _axis_maps(level, axis, x, max(variance - level.variance_along(axis), 0.0))
        for axis, (x, variance) in enumerate(zip(axes, variances, strict=True))
    ]
    # The axes that leave least come first.
    order = sorted(range(len(axes)), key=lambda axis: maps[axis][0].rows / level.lines[axis].count)
    values = level.coefficients
    for axis in order:
        values = maps[axis][0](values, -1 - axis)
    for axis in reversed(order):
        for axis_map in maps[axis][1:]:
            values = axis_map(values, -1 - axis)
    return values


def _axis_maps(level: SmoothLattice, axis: int, x: Float[Tensor, "n"], variance: float) -> list[AxisMap]:
    """What smooths along one axis: at ``x``, or at fewer positions that suffice and from them to ``x``."""
    coarse = _Coarse.for_positions(x, variance, level.lines[axis].cell)
    if coarse is None:
        return [level.axis_map(axis, x, variance)]
    return [level.axis_map(axis, coarse.positions, variance), *coarse.maps(x, level.coefficients)]


@dataclass(frozen=True)
class _Coarse:
    """Evenly spaced positions that suffice for what is smoothed along an axis."""

    first: float
    step: float
    count: int

    @classmethod
    def for_positions(cls, x: Float[Tensor, "n"], variance: float, cell: float) -> _Coarse | None:
        """Those that cover ``x``; None if that would save little."""
        step = math.sqrt(variance) / _PER_DEVIATION
        if len(x) == 0 or step < 2 * cell:
            return None
        low, high = (float(bound) for bound in x.aminmax())
        count = math.ceil((high - low) / step) + 2 * _MARGIN + 1
        return cls(low - _MARGIN * step, step, count) if 2 * count < len(x) else None

    @property
    def positions(self) -> Float[Tensor, "count"]:
        return self.first + self.step * torch.arange(self.count, dtype=torch.float64)

    def maps(self, x: Float[Tensor, "n"], like: Tensor) -> list[AxisMap]:
        """From values at the positions to those at ``x``."""
        to_x = cubic_taps((x.double().cpu() - self.first) / self.step, self.count)
        return [AxisMap.of(coefficient_taps(self.count), like), AxisMap.of(to_x, like)]


def slanted_on_lattice(
    levels: Sequence[SmoothLattice], axes: Sequence[Float[Tensor, "_"]], covariance: Float[np.ndarray, "2 2"]
) -> Float[Tensor, "c h w"]:
    """The same for a Gaussian of any direction, in two dimensions."""
    level = nearest_level(levels, [float(np.linalg.eigvalsh(covariance)[0])] * 2)
    rest = covariance - level.variance * np.eye(2)
    q = int(rest[1, 1] >= rest[0, 0])  # the axis nearer to the line
    x, y = (axes[axis].double().cpu() for axis in (1 - q, q))
    along = float(rest[q, q])
    slant = _Slant(level, q, float(rest[0, 1]) / along, max(float(np.linalg.det(rest)) / along, 0.0), along)
    values = slant.on_lattice(x, y)
    return values if q == 1 else values.transpose(1, 2)


@dataclass(frozen=True)
class _Slant:
    """A Gaussian along an axis and one along a slanted line, here called x and y; see the file's head.

    Attributes:
        level: what is smoothed.
        axis: which of its axes is y.
        slope: of the line: so much farther along x for each unit of y.
        across, along: variances along x, and along the line as it is seen along y.
    """

    level: SmoothLattice
    axis: int
    slope: float
    across: float
    along: float

    def on_lattice(self, x: Float[Tensor, "n"], y: Float[Tensor, "m"]) -> Float[Tensor, "c m n"]:
        """Values where the positions ``x`` and ``y`` cross."""
        cell = self.level.cell
        coarse = _Coarse.for_positions(y, self.along, cell)
        rows_wanted = y if coarse is None else coarse.positions
        # Rows of the level as far as the line reaches, each shifted until the line stands upright at u = x - slope y.
        deviation = math.sqrt(self.along)
        step = min(max(deviation, _ROW_STEPS[0] * cell), _ROW_STEPS[1] * cell)
        reach = REACH * deviation + step
        row_y = _spaced(float(rows_wanted.min()) - reach, float(rows_wanted.max()) + reach, step)
        slanted = self.slope * y
        u = _spaced(float(x.min() - slanted.max()) - 4 * cell, float(x.max() - slanted.min()) + 4 * cell, cell)
        upright = self._upright(row_y, u)
        upright = AxisMap.of(_normal_taps(row_y, rows_wanted, self.along), upright)(upright, -2)
        for axis_map in [] if coarse is None else coarse.maps(y, upright):
            upright = axis_map(upright, -2)
        position = ((x - slanted[:, None] - u[0]) / cell).to(upright.device)
        return _cubic_in_rows(upright, position)

    def _upright(self, row_y: Float[Tensor, "rows"], u: Float[Tensor, "columns"]) -> Float[Tensor, "c rows columns"]:
        """Coefficients in each row, smoothed along it, shifted by what the line has moved there."""
        level, cell = self.level, self.level.cell
        shift = self.slope * row_y
        x = _spaced(float(u[0] + shift.min()) - 3 * cell, float(u[-1] + shift.max()) + 3 * cell, cell)
        values = level.coefficients if self.axis == 1 else level.coefficients.transpose(1, 2)
        values = level.axis_map(1 - self.axis, x, self.across)(values, -1)
        # Once for the shift below, once for that back: shifts and this filter may change places.
        to_coefficients = AxisMap.of(coefficient_taps(len(x)), values)
        values = to_coefficients(to_coefficients(values, -1), -1)
        values = level.axis_map(self.axis, row_y, 0.0)(values, -2)
        position = (u[0] + shift - x[0]) / cell
        first = position.floor()
        weights = cubic_weights(position - first).to(values)
        columns = (first.long() - 1)[:, None] + torch.arange(len(u) + 3)
        read = values.gather(2, columns.to(values.device).expand(len(values), -1, -1))
        upright = read[..., : len(u)] * weights[:, :1]
        for tap in range(1, 4):
            upright.addcmul_(read[..., tap : tap + len(u)], weights[:, tap : tap + 1])
        return upright


def _spaced(low: float, high: float, step: float) -> Float[Tensor, "n"]:
    return low + step * torch.arange(math.ceil((high - low) / step) + 1, dtype=torch.float64)


def _normal_taps(vertices: Float[Tensor, "m"], x: Float[Tensor, "n"], variance: float) -> Taps:
    """A Gaussian around each of ``x``, summed over evenly spaced vertices that reach beyond it."""
    step = float(vertices[1] - vertices[0])
    deviation = math.sqrt(variance)
    reach = math.ceil(REACH * deviation / step)
    index = ((x.double() - vertices[0]) / step).floor().long()[:, None] + torch.arange(1 - reach, reach + 1)
    index = index.clamp(0, len(vertices) - 1)
    weights = torch.exp(-0.5 * ((vertices[index] - x.double()[:, None]) / deviation).square())
    return index, weights / weights.sum(1, keepdim=True)


def _cubic_in_rows(
    coefficients: Float[Tensor, "c m columns"], position: Float[Tensor, "m n"]
) -> Float[Tensor, "c m n"]:
    """Each row looked up at positions of its own, counted in columns."""
    first = position.floor()
    weights = cubic_weights(position - first).to(coefficients)
    columns = first.long() - 1
    values = coefficients.new_zeros(len(coefficients), *position.shape)
    for tap in range(4):
        values.addcmul_(coefficients.gather(2, (columns + tap).expand(len(coefficients), -1, -1)), weights[..., tap])
    return values
