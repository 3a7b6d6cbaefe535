"""Where each part of the fish lies in its one texture. The patches tile it, so that no texel belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

SIZE = 2048
"""Texels along either side of the texture."""


@dataclass(frozen=True)
class Patch:
    """A rectangle of the texture; its coordinates a (rightward) and b (upward) run from 0 to 1 inside its margin.

    The margin is painted like the rest: filters that reach beyond a part's edge find its own colours there.

    Attributes:
        left, bottom, width, height: in texels, from the lower left corner of the texture.
        margin: in texels, on all four sides.
    """

    left: int
    bottom: int
    width: int
    height: int
    margin: int = 10

    @property
    def inner(self) -> tuple[int, int]:
        """Width and height inside the margin, in texels."""
        return self.width - 2 * self.margin, self.height - 2 * self.margin

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the picture, top row first."""
        top = SIZE - self.bottom - self.height
        return slice(top, top + self.height), slice(self.left, self.left + self.width)

    def uv(self, a: Float[np.ndarray, "*n"], b: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 2"]:
        """Texture coordinates in [0, 1], v upward."""
        width, height = self.inner
        u = self.left + self.margin + a * width
        v = self.bottom + self.margin + b * height
        return np.stack([u, v], -1) / SIZE

    def texels(self) -> tuple[Float[np.ndarray, "h w"], Float[np.ndarray, "h w"]]:
        """Coordinates a and b of all texel centres, top row first; in the margin they lie outside [0, 1]."""
        width, height = self.inner
        a = (np.arange(self.width) + 0.5 - self.margin) / width
        b = (np.arange(self.height)[::-1] + 0.5 - self.margin) / height
        grid = np.meshgrid(a, b)
        return grid[0], grid[1]


BODY = Patch(0, 0, 2048, 1440)
"""a from the mouth to the tail, b once around: from the belly up the left side, over the back, down the right side."""

CAUDAL = Patch(0, 1440, 640, 608)
DORSAL = Patch(640, 1744, 960, 304)
ANAL = Patch(640, 1440, 576, 304)
PELVIC = Patch(1216, 1440, 384, 304)
PECTORAL = Patch(1600, 1440, 448, 304)
"""Of fins: a along their base, b from there to their edge. Both sides of a fin, and both fins of a pair, share it."""

EYE = Patch(1600, 1744, 448, 304)
EYE_RADIUS = 0.48 * (EYE.height - 2 * EYE.margin)
"""In texels; the eye is a disc in the middle of its patch."""
