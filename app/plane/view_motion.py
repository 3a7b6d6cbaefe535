"""How a view of a plane moves: its center and its zoom together.

From one key to the next the picture expands or shrinks about one fixed point of the frame, at a constant rate, or pans
where the zoom is the same. That is the group of scalings and translations, of which these are the one-parameter
subgroups.
"""

from __future__ import annotations

import math

import numpy as np

from ..path.tracks import Points, Space


def _expansion(start: Points, end: Points) -> Points:
    """The change of log zoom, and the constant velocity on the screen, that lead to ``end`` in unit time."""
    growth = end[..., :1] - start[..., :1]
    velocity = (end[..., 1:] - start[..., 1:]) * np.exp(start[..., :1]) / _shrinkage(growth)
    return np.concatenate([growth, velocity], -1)


def _expanded(start: Points, step: Points) -> Points:
    growth = step[..., :1]
    center = start[..., 1:] + step[..., 1:] * np.exp(-start[..., :1]) * _shrinkage(growth)
    return np.concatenate([start[..., :1] + growth, center], -1)


def _shrinkage(growth: Points) -> Points:
    """Mean of exp(-growth s) over s in [0, 1]: how much shorter a way becomes while the view closes in."""
    divisor = np.where(growth == 0, 1, growth)
    return np.where(growth == 0, 1, -np.expm1(-divisor) / divisor)


VIEWS = Space(
    point=lambda view: np.array([math.log(view[1]), *view[0]]),
    value=lambda point: ((float(point[1]), float(point[2])), math.exp(point[0])),
    step=_expansion,
    moved=_expanded,
)
"""Where views move: as pairs of a center and a zoom."""

OTHER_VIEWS = Space(*VIEWS)
"""The same of what stands beside, where that has a view of its own."""
