"""Weights of a pyramid's levels by variance: those with which levels add up to what a Gaussian of it gives, nearly.

Where each point has a filter of its own, the levels are summed there with

    field(x, v) = sum_l w_l(v) level_l(x),    sum_l w_l(v) = 1

where only the two levels below ``v`` and the two above it count. The weights are those of least squares against the
exact filter, in a table by the logarithm of ``v``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

STEP = 0.5
"""Octaves of the variance from column to column of the table."""

_FIRST = 0.125
"""Standard deviation, in cells of the finest level, of the table's first column: so little is no smoothing yet."""

_LAST = 16.0
"""Variance of the last column, in squared domain units: a box of side 2 is one colour long before."""

_INDIFFERENCE = 1e-7
"""Squared error a value for which weights stay nearer to those of the nearest level."""


def first_octave(cell: float) -> float:
    """Logarithm to base 2 of the first column's variance; ``cell`` is that of the finest level."""
    return 2 * math.log2(_FIRST * cell)


def column_count(cell: float) -> int:
    """Columns of the table."""
    return math.ceil((math.log2(_LAST) - first_octave(cell)) / STEP) + 1


def column_variance(column: int, cell: float) -> float:
    """Variance that a column is for; the first one is for 0 as well."""
    return float(2 ** (first_octave(cell) + STEP * column))


def levels_around(variance: float, level_variances: Sequence[float]) -> range:
    """Up to four neighbouring levels, two of which are smoothed less than that, two more."""
    below = sum(level <= variance for level in level_variances)
    return range(max(below - 2, 0), min(below + 2, len(level_variances)))


def nearest_table(level_variances: Sequence[float], cell: float) -> list[list[float]]:
    """The table of weights that takes the nearest level alone, until it is solved for; arguments as below."""
    table = [[0.0] * column_count(cell) for _ in level_variances]
    for column in range(column_count(cell)):
        distances = [abs(level - column_variance(column, cell)) for level in level_variances]
        table[distances.index(min(distances))][column] = 1.0
    return table


def solved_table(
    level_variances: Sequence[float],
    cell: float,
    values_of: Callable[[int], Float[Tensor, "n"]],
    smoothed: Callable[[float], Float[Tensor, "n"]],
) -> Float[Tensor, "levels columns"]:
    """The table of weights.

    Args:
        level_variances: how much each level is smoothed, finest first.
        cell: of the finest level.
        values_of: gives the values of a level, by index, at the points of the fit.
        smoothed: gives the exact values there for a variance.
    """
    table = torch.zeros(len(level_variances), column_count(cell))
    values: dict[int, Tensor] = {}
    for column in range(table.shape[1]):
        if column == 0:
            table[0, 0] = 1.0
            continue
        variance = column_variance(column, cell)
        around = levels_around(variance, level_variances)
        for level in around:
            if level not in values:
                values[level] = values_of(level)
        rows = torch.stack([values[level] for level in around])
        nearest = min(range(len(around)), key=lambda k: abs(level_variances[around[k]] - variance))
        table[around.start : around.stop, column] = _least_squares(rows, smoothed(variance), nearest)
    return table


def _least_squares(rows: Float[Tensor, "k n"], target: Float[Tensor, "n"], usual: int) -> Float[Tensor, "k"]:
    """Weights of sum 1 with which the rows are nearest to ``target``: beside one row, how much of each difference."""
    rows, target = rows.double(), target.double()
    differences = torch.cat([rows[:usual], rows[usual + 1 :]]) - rows[usual]
    indifference = _INDIFFERENCE * len(target) * torch.eye(len(differences), dtype=rows.dtype, device=rows.device)
    gram = differences @ differences.T + indifference
    shares = torch.linalg.solve(gram, differences @ (target - rows[usual]))
    weights = torch.cat([shares[:usual], (1 - shares.sum())[None], shares[usual:]])
    return weights.float().cpu()


def weights_at(
    table: Float[Tensor, "levels columns"], variance: Float[Tensor, "n"], cell: float
) -> Float[Tensor, "levels n"]:
    """Weights between the table's columns, and those of its ends beyond them."""
    columns = table.shape[1]
    octaves = variance.clamp_min(torch.finfo(variance.dtype).tiny).log2() - first_octave(cell)
    position = (octaves / STEP).clamp(0, columns - 1)
    left = position.long().clamp_max(columns - 2)
    return torch.lerp(table[:, left], table[:, left + 1], (position - left).to(table.dtype))
