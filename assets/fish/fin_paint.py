"""The paint of fins and eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from . import atlas
from .atlas import Patch
from .body import smoothstep
from .colours import Colour, mixed, ramp, sheen, waves


@dataclass(frozen=True)
class FinPaint:
    """How a fin is painted.

    Attributes:
        patch: its place.
        rays: that leave its base; each forks half way.
        spots: rows and columns of dark-ringed sparks on the skin between the rays.
        base, middle, edge: colours of the skin on its way outward.
        outer: whether the first and last rays are streaked with the edge's blue.
    """

    patch: Patch
    rays: int
    spots: tuple[int, int]
    base: Colour
    middle: Colour
    edge: Colour
    outer: bool = False


_ORANGE, _EMBER, _YELLOW = (0.98, 0.50, 0.12), (0.86, 0.20, 0.14), (1.0, 0.80, 0.26)
_TEAL, _PALE = (0.08, 0.50, 0.62), (0.98, 0.88, 0.62)

FIN_PAINTS = (
    FinPaint(atlas.CAUDAL, 34, (5, 12), _EMBER, _ORANGE, _YELLOW, outer=True),
    FinPaint(atlas.DORSAL, 48, (3, 30), _TEAL, _ORANGE, _EMBER),
    FinPaint(atlas.ANAL, 30, (3, 17), _PALE, _ORANGE, _EMBER),
    FinPaint(atlas.PELVIC, 18, (2, 7), _PALE, _YELLOW, _ORANGE),
    FinPaint(atlas.PECTORAL, 24, (3, 7), _ORANGE, _YELLOW, _PALE),
)


def painted_fin(paint: FinPaint, seed: int) -> Float[np.ndarray, "h w 3"]:
    """A fin's patch, top row first."""
    a, b = paint.patch.texels()
    colour = ramp(b, (0.0, paint.base), (0.35, paint.middle), (0.8, paint.edge))
    colour += 0.08 * sheen(8 * a + 5 * b + waves(a, b, 2.0, seed))
    colour = _sparks(colour, paint, a, b)
    colour = _rays(colour, paint, a + 0.006 * waves(a, b, 1.5, seed + 1) * b, b)
    return np.clip(_border(colour, paint, a, b), 0, 1)


def _sparks(
    colour: Float[np.ndarray, "h w 3"], paint: FinPaint, a: Float[np.ndarray, "h w"], b: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, "h w 3"]:
    rows, columns = paint.spots
    row = np.floor((b - 0.12) / 0.70 * rows)
    y = (b - 0.12) / 0.70 * rows - row - 0.5
    x = np.mod(a * columns + 0.5 * np.mod(row, 2), 1) - 0.5
    away = np.where((row >= 0) & (row < rows), np.hypot(x, y), 1.0)
    colour = mixed(colour, (0.16, 0.04, 0.20), 0.8 * smoothstep(0.36, 0.30, away))
    return mixed(colour, (0.35, 0.95, 1.0), 0.95 * smoothstep(0.20, 0.14, away))


def _rays(
    colour: Float[np.ndarray, "h w 3"], paint: FinPaint, a: Float[np.ndarray, "h w"], b: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, "h w 3"]:
    """Pale jointed rays with dark flanks; from b = 0.35 on each is two that part."""
    place = np.mod(a * paint.rays, 1) - 0.5
    apart = 0.25 * smoothstep(0.35, 0.70, b)
    away = np.abs(np.abs(place) - apart) * np.interp(b, [0.3, 0.7], [1.0, 1.7])
    joints = np.cos(2 * np.pi * (b * 46 + 0.5 * np.floor(a * paint.rays)))
    colour = mixed(colour, (0.25, 0.04, 0.08), 0.62 * smoothstep(0.36, 0.24, away))
    bone = smoothstep(0.20, 0.11, away)
    colour = mixed(colour, (1.0, 0.93, 0.72), 0.85 * bone)
    joint = bone * smoothstep(0.55, 0.8, joints) * smoothstep(0.1, 0.25, b)
    return mixed(colour, (0.45, 0.12, 0.06), 0.8 * joint)


def _border(
    colour: Float[np.ndarray, "h w 3"], paint: FinPaint, a: Float[np.ndarray, "h w"], b: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, "h w 3"]:
    """A dark band, an electric blue one and a pale hem along the edge."""
    side = np.minimum(a, 1 - a)
    near = np.minimum(1 - b, 2.2 * side) if paint.outer else 1 - b
    colour = mixed(colour, (0.05, 0.04, 0.20), 0.85 * smoothstep(0.150, 0.125, near) * smoothstep(0.06, 0.08, near))
    colour = mixed(colour, (0.15, 0.70, 1.0), 0.88 * smoothstep(0.095, 0.080, near))
    return mixed(colour, (0.97, 0.99, 1.0), 0.9 * smoothstep(0.032, 0.022, near))


def painted_eye(seed: int) -> Float[np.ndarray, "h w 3"]:
    """The eye's patch, top row first: pupil, iris, a dark rim, and the glint of the sky in front and above."""
    a, b = atlas.EYE.texels()
    width, height = atlas.EYE.inner
    x, y = (a - 0.5) * width / atlas.EYE_RADIUS, (b - 0.5) * height / atlas.EYE_RADIUS
    away, turn = np.hypot(x, y), np.arctan2(y, x)
    colour = ramp(
        away,
        *((0.44, (1.0, 0.95, 0.55)), (0.55, (1.0, 0.74, 0.16)), (0.70, (0.93, 0.35, 0.08))),
        *((0.80, (0.45, 0.10, 0.12)), (0.90, (0.02, 0.02, 0.06))),
    )
    fibres = np.cos(64 * turn + 2 * waves(x, y, 1.5, seed)) + 0.6 * np.cos(101 * turn + 9 * away)
    colour *= (1 + 0.22 * fibres * smoothstep(0.42, 0.5, away))[..., None]
    colour = mixed(colour, (0.25, 0.75, 0.95), 0.6 * np.exp(-(((away - 0.76) / 0.03) ** 2)))
    pupil = np.hypot(x + 0.02, y) - 0.05 * np.maximum(-x, 0)
    colour = mixed(colour, (0.0, 0.0, 0.02), smoothstep(0.44, 0.41, pupil))
    colour = mixed(colour, (1, 1, 1), smoothstep(0.15, 0.11, np.hypot(x + 0.22, y - 0.27)))
    colour = mixed(colour, (0.75, 0.88, 1.0), 0.7 * smoothstep(0.07, 0.04, np.hypot(x - 0.20, y + 0.24)))
    return np.clip(colour, 0, 1)
