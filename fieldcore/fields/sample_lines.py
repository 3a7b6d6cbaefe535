"""Where a signal is sampled for its repeated integral."""

from __future__ import annotations

import math

from ..signals import SignalFacts
from ..signals.signal import PADDING
from .smooth_lattice import Line

_FORMULA_CELLS = {1: 4096, 2: 512, 3: 128}
"""Cells of the lattice along the longer side of a formula's padded box, by its number of coordinates."""

_BEYOND_FORMULA = {1: 1.0, 2: 1.0, 3: 0.3}
"""How far beyond the padding a formula is sampled; from there on it is mirrored."""

_STAGES = 16
"""A formula's vertices on either side of the middle are a multiple of this: a shape refines them in steps."""


def sampled_lines(facts: SignalFacts, formula_cells: int = 0) -> tuple[Line, ...]:
    """Where a signal's own samples lie along each axis, or a formula's on a lattice that reaches beyond its box."""
    if facts.resolution:
        axes = zip(facts.half_extent, facts.resolution, facts.borders, strict=True)
        return tuple(Line(half / n - half, 2 * half / n, n, half, border, sampled=True) for half, n, border in axes)
    dim = len(facts.half_extent)
    cell = 2 * (max(facts.half_extent) + PADDING) / (formula_cells or _FORMULA_CELLS[dim])
    reaches = [
        math.ceil((half + PADDING + _BEYOND_FORMULA[dim]) / cell / _STAGES) * _STAGES for half in facts.half_extent
    ]
    return tuple(
        Line(-reach * cell, cell, 2 * reach + 1, half, "mirror")
        for reach, half in zip(reaches, facts.half_extent, strict=True)
    )
