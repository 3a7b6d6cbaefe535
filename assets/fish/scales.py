"""Scales in staggered rows, each over the one behind it like the tiles of a roof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from .atlas import BODY

ALONG = 106
"""Scales from the mouth to the tail, in each row."""

ROWS = 138
"""Once around, of which every other one is shifted by half a scale; even, so that they meet at the seam."""

_REACH, _HALF_HEIGHT = 0.66, 1.06
_RIDGES = 11
_FOCUS = 0.30
"""How far in front of a scale's middle its ridges meet."""


@dataclass(frozen=True, eq=False)
class Scales:
    """Of each texel, the scale that covers it.

    Attributes:
        a, b: the middle of the scale in its patch.
        x: from the middle toward the tail, in scale lengths.
        rim: 1 on the scale's edge, 0 in its middle.
        ridge: from -1 in the grooves to 1 on the ridges.
        dice: a number in [0, 1) that belongs to the scale.
    """

    a: Float[np.ndarray, "h w"]
    b: Float[np.ndarray, "h w"]
    x: Float[np.ndarray, "h w"]
    rim: Float[np.ndarray, "h w"]
    ridge: Float[np.ndarray, "h w"]
    dice: Float[np.ndarray, "h w"]


def scales(seed: int) -> Scales:
    """The scales of the body's patch."""
    a, b = BODY.texels()
    along, across = a * ALONG, b * ROWS
    top = _Top(np.full(a.shape, np.inf), *(np.zeros(a.shape) for _ in range(4)))
    for step in range(-1, 3):
        row = np.floor(across) + step
        shift = 0.5 * np.mod(row, 2)
        first = np.floor(along - shift)
        for column in (first, first + 1):
            top.lay(column, row, along - column - shift, across - row)
    angle = np.arctan2(0.62 * top.y, top.x + _FOCUS)
    dice = np.random.default_rng(seed).random((ALONG + 8, ROWS))
    chosen = dice[_index(top.column + 4), _index(np.mod(top.row, ROWS))]
    middle_a = (top.column + 0.5 * np.mod(top.row, 2)) / ALONG
    return Scales(middle_a, top.row / ROWS, top.x, top.distance(), np.cos(2 * _RIDGES * angle), chosen)


@dataclass(eq=False)
class _Top:
    """The foremost scale so far that covers each texel: it lies over those behind it."""

    place: Float[np.ndarray, "h w"]
    column: Float[np.ndarray, "h w"]
    row: Float[np.ndarray, "h w"]
    x: Float[np.ndarray, "h w"]
    y: Float[np.ndarray, "h w"]

    def lay(
        self,
        column: Float[np.ndarray, "h w"],
        row: Float[np.ndarray, "h w"],
        x: Float[np.ndarray, "h w"],
        y: Float[np.ndarray, "h w"],
    ) -> None:
        """One more candidate a texel, where its outline covers the texel."""
        place = column + 0.5 * np.mod(row, 2)
        wins = (np.hypot(x / _REACH, y / _HALF_HEIGHT) < 1) & (place < self.place)
        for mine, new in ((self.place, place), (self.column, column), (self.row, row), (self.x, x), (self.y, y)):
            mine[wins] = new[wins]

    def distance(self) -> Float[np.ndarray, "h w"]:
        """``Scales.rim``."""
        return np.hypot(self.x / _REACH, self.y / _HALF_HEIGHT)


def _index(x: Float[np.ndarray, "h w"]) -> Int[np.ndarray, "h w"]:
    return x.astype(np.int64)
