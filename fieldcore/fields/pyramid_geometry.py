"""Where the vertices of a pyramid's levels lie.

The finest level's vertices are the signal's own samples, or those of a fine enough lattice for a formula. Then come
levels of the same cell, of twice that, four times that and so on, until a cell is as long as the signal's box; they all
share a vertex in the middle, and reach a few vertices beyond the box.

Samples of a volume, such as a video's, may lie closer along one axis than along another. Each axis keeps its samples
until a level's cell is as long as their distance; levels that would take far more room than the samples are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..borders import Border
from ..signals import SignalFacts
from ..signals.signal import PADDING
from .smooth_lattice import Line

_SMOOTHING = 0.85
"""Standard deviation, in cells, that a level is smoothed by: little is left beyond what its vertices can show."""

_MARGIN = 6
"""Vertices beyond what a level has to cover, after which the end of a spline matters no more."""

_FORMULA_CELLS = {1: 4096, 2: 512, 3: 144}
"""Cells of the finest level along the longer side of a formula, by its number of coordinates."""

_BEYOND_FORMULA = {1: 1.0, 2: 1.0, 3: 0.2}
"""How far beyond the padding a formula is sampled, for wide filters; from there on straight lines continue it."""

_MOST_OF_SAMPLES, _FEW = 0.5, 1 << 18
"""Vertices of a volume's level, of each of its samples or in all; each takes as much room as four that are bytes."""

_STAGES = 16
"""A formula's vertices on either side of the middle are a multiple of this: a shape refines them in steps."""


@dataclass(frozen=True)
class PyramidGeometry:
    """The vertices of all levels, finest first.

    Attributes:
        lines: of each level, the vertices along each axis.
        variances: of each level, of the Gaussian that the signal is smoothed by.
        sampled: whether the finest level's vertices are the signal's own samples.
    """

    lines: tuple[tuple[Line, ...], ...]
    variances: tuple[float, ...]
    sampled: bool

    @property
    def cell(self) -> float:
        """Of the finest level, along the axis where it is shortest."""
        return min(line.cell for line in self.lines[0])

    @property
    def finest_size(self) -> tuple[int, ...]:
        """Vertices of the finest level along each axis."""
        return tuple(line.count for line in self.lines[0])


def pyramid_geometry(facts: SignalFacts, max_cells: int, formula_cells: int) -> PyramidGeometry:
    """The levels for a signal.

    Args:
        facts: of the signal.
        max_cells: most cells of the finest level along the longer side.
        formula_cells: cells of the finest level along the longer side of a formula; 0 for what suits its dimension.
    """
    if not facts.resolution:
        return _of_formula(facts, formula_cells or _FORMULA_CELLS[len(facts.half_extent)])
    return _of_volume(facts) if len(facts.half_extent) == 3 else _of_samples(facts, max_cells)


def _of_samples(facts: SignalFacts, max_cells: int) -> PyramidGeometry:
    sizes = [2 * half / n for half, n in zip(facts.half_extent, facts.resolution, strict=True)]
    cell = max(min(sizes), 2 * max(facts.half_extent) / max_cells)
    sampled = all(n * abs(size / cell - 1) < 1e-3 for size, n in zip(sizes, facts.resolution, strict=True))
    axes = list(zip(facts.half_extent, facts.resolution, facts.borders, strict=True))
    cells = _cells(cell, max(facts.half_extent))
    lines: list[tuple[Line, ...]] = []
    for size in cells:
        reaches = [math.ceil((half + cell) / size) + _MARGIN for half in facts.half_extent]
        lines.append(
            tuple(
                _around(cell / 2 if n % 2 == 0 else 0.0, size, reach, half, border)
                for reach, (half, n, border) in zip(reaches, axes, strict=True)
            )
        )
    if sampled:
        lines[0] = tuple(_samples(*axis) for axis in axes)
    return PyramidGeometry(tuple(lines), _variances(cells), sampled)


def _of_volume(facts: SignalFacts) -> PyramidGeometry:
    axes = list(zip(facts.half_extent, facts.resolution, facts.borders, strict=True))
    lines, cells = [tuple(_samples(*axis) for axis in axes)], [min(2 * half / n for half, n, _ in axes)]
    most = max(_MOST_OF_SAMPLES * math.prod(facts.resolution), _FEW)
    for size in _cells(cells[0], max(facts.half_extent))[1:]:
        level = tuple(_samples(*axis) if size < 2 * axis[0] / axis[1] else _beyond(size, *axis) for axis in axes)
        if math.prod(line.count for line in level) <= most:
            lines.append(level)
            cells.append(size)
    return PyramidGeometry(tuple(lines), _variances(cells), sampled=True)


def _samples(half: float, n: int, border: Border) -> Line:
    """The centres of a signal's own samples along an axis."""
    size = 2 * half / n
    return Line(size / 2 - half, size, n, half, border, sampled=True)


def _beyond(size: float, half: float, n: int, border: Border) -> Line:
    """Vertices that reach beyond the box, one of which is a sample, or lies between the two in the middle."""
    own = 2 * half / n
    return _around(own / 2 if n % 2 == 0 else 0.0, size, math.ceil((half + own) / size) + _MARGIN, half, border)


def _of_formula(facts: SignalFacts, formula_cells: int) -> PyramidGeometry:
    beyond = PADDING + _BEYOND_FORMULA[len(facts.half_extent)]
    cell = 2 * (max(facts.half_extent) + PADDING) / formula_cells
    cells = _cells(cell, max(facts.half_extent))
    finest = [math.ceil((half + beyond) / cell / _STAGES) * _STAGES for half in facts.half_extent]
    lines = []
    for size in cells:
        reaches = [max(int(reach * cell / size + 1e-6), 3) for reach in finest]
        lines.append(
            tuple(_around(0.0, size, reach, half, None) for reach, half in zip(reaches, facts.half_extent, strict=True))
        )
    return PyramidGeometry(tuple(lines), _variances(cells), sampled=False)


def _around(centre: float, cell: float, reach: int, half: float, border: Border | None) -> Line:
    """So many vertices on either side of one in the middle."""
    return Line(centre - reach * cell, cell, 2 * reach + 1, half, border)


def _cells(finest: float, half: float) -> list[float]:
    """Side of each level's cells: the finest twice, then doubled until one is as long as the box."""
    doublings = max(math.ceil(math.log2(2 * half / finest) - 1e-6), 0)
    return [finest, *(finest * 2**step for step in range(doublings + 1))]


def _variances(cells: list[float]) -> tuple[float, ...]:
    return (0.0, *((_SMOOTHING * cell) ** 2 for cell in cells[1:]))
