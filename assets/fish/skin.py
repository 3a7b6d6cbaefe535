"""The paint of the body: a bare head, and behind the gill cover a coat of scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .atlas import BODY
from .body import EYE_RADIUS, Body, gill_distance, smoothstep
from .colours import mixed, ramp, sheen, waves
from .scales import Scales, scales

_NIGHT = (0.03, 0.05, 0.13)
_NEON = (0.35, 0.98, 0.95)
_GOLD = (1.0, 0.86, 0.38)


@dataclass(frozen=True, eq=False)
class _Places:
    """Where on the fish at rest something is: x and y, and the height as ``Body`` has it."""

    x: Float[np.ndarray, "h w"]
    y: Float[np.ndarray, "h w"]
    z: Float[np.ndarray, "h w"]
    height: Float[np.ndarray, "h w"]


def painted_body(body: Body, seed: int) -> Float[np.ndarray, "h w 3"]:
    """The body's patch, top row first."""
    a, b = BODY.texels()
    here = _places(body, a, b)
    scale = scales(seed)
    middle = _places(body, scale.a, scale.b)
    coat = _coat(scale, middle, seed)
    head = _head(here, body.eye_center(), seed)
    wobble = 0.03 * waves(here.x, here.y, 14, seed + 1)
    bare = 1 - smoothstep(1.02, 1.10, gill_distance(here.x, here.y) + wobble)
    crown = (middle.x > 0.585 + 0.25 * (1 - middle.height)).astype(float)
    return np.clip(mixed(coat, head, np.maximum(bare, crown)), 0, 1)


def _places(body: Body, a: Float[np.ndarray, "h w"], b: Float[np.ndarray, "h w"]) -> _Places:
    points = body.at(a, b)
    return _Places(points[..., 0], points[..., 1], points[..., 2], body.height_at(a, b))


def _coat(scale: Scales, middle: _Places, seed: int) -> Float[np.ndarray, "h w 3"]:
    """Every scale has one colour, that of the pattern at its middle, and its own relief."""
    colour = _pattern(middle, scale.dice, seed)
    phase = 5 * middle.x - 4 * middle.height + 2.2 * waves(middle.x, middle.y, 2.2, seed + 2)
    glow = 1 - np.abs(middle.height) ** 2
    shine = sheen(phase + 1.5 * (scale.dice - 0.5) + 2.2 * scale.x)
    colour += (0.05 + 0.09 * glow)[..., None] * shine
    colour *= (0.80 + 0.34 * scale.dice)[..., None]
    pearl = np.exp(-(((scale.rim - 0.50) / 0.26) ** 2))
    colour *= (0.74 + 0.50 * pearl)[..., None]
    grooves = smoothstep(0.25, 0.5, scale.rim) * (1 - smoothstep(0.82, 0.9, scale.rim))
    colour *= (1 + 0.50 * grooves * scale.ridge)[..., None]
    colour = mixed(colour, (1.0, 0.98, 0.92), 0.45 * pearl * np.maximum(scale.ridge, 0) * glow)
    rim = smoothstep(0.82, 0.91, scale.rim)
    dark = ramp(
        middle.height,
        (-1, (0.52, 0.50, 0.58)),
        (-0.35, (0.30, 0.24, 0.36)),
        (-0.1, (0.13, 0.10, 0.20)),
        (0.4, _NIGHT),
        (1, (0, 0.01, 0.05)),
    )
    colour = mixed(colour, dark, 0.86 * rim)
    return _lateral_line(colour, scale, middle)


def _pattern(at: _Places, dice: Float[np.ndarray, "h w"], seed: int) -> Float[np.ndarray, "h w 3"]:
    """Blue in front, gold and ember behind; a dark back, a silver belly, bars and sparks."""
    drift = 0.10 * waves(at.x, at.y, 1.6, seed + 3)
    front = (0.22, 0.42, 0.92)
    flank = ramp(
        -at.x + drift,
        *((-0.55, front), (-0.25, (0.10, 0.62, 0.86)), (0.0, (0.16, 0.80, 0.66)), (0.20, (0.86, 0.82, 0.24))),
        *((0.38, (1.0, 0.60, 0.12)), (0.60, (0.96, 0.34, 0.14))),
    )
    height = at.height + 0.6 * drift
    colour = mixed(flank, (0.97, 0.93, 0.90), 0.92 * smoothstep(-0.12, -0.78, height))
    colour = mixed(colour, (0.98, 0.62, 0.62), 0.40 * np.exp(-(((height + 0.52) / 0.16) ** 2)))
    colour = mixed(colour, _NIGHT, 0.82 * smoothstep(0.42, 0.96, height))
    bars = waves(at.x, at.y * 0.4, 1.5, seed + 4)
    bar = smoothstep(0.25, 0.75, np.cos(2 * np.pi * (at.x + 0.035 * bars + 0.05 * at.y) / 0.135))
    reach = smoothstep(0.46, 0.20, at.x) * smoothstep(-0.62, -0.10, height) * smoothstep(-0.62, -0.40, at.x)
    colour = mixed(colour, (0.07, 0.06, 0.26), 0.72 * bar * reach)
    lit = smoothstep(0.93, 0.94, dice) * smoothstep(-0.45, -0.1, height)
    colour = mixed(colour, np.where(at.x[..., None] > 0.0, _NEON, _GOLD), 0.85 * lit)
    freckle = smoothstep(0.955, 0.96, 1 - dice) * smoothstep(0.1, -0.3, height)
    return mixed(colour, (0.80, 0.26, 0.22), 0.55 * freckle)


def _lateral_line(colour: Float[np.ndarray, "h w 3"], scale: Scales, middle: _Places) -> Float[np.ndarray, "h w 3"]:
    """A row of scales with a pore each, arched above the middle in front."""
    line = 0.16 + 0.20 * smoothstep(-0.2, 0.5, middle.x)
    near = np.exp(-(((middle.height - line) / 0.045) ** 2))
    bright = near * (1 - smoothstep(0.35, 0.75, np.abs(scale.x - 0.25)))
    colour = mixed(colour, (0.98, 0.97, 0.86), 0.75 * bright)
    pore = near * (1 - smoothstep(0.10, 0.20, np.hypot(scale.x - 0.45, 0.2)))
    return mixed(colour, _NIGHT, np.clip(pore, 0, 1))


def _head(at: _Places, eye: Float[np.ndarray, "3"], seed: int) -> Float[np.ndarray, "h w 3"]:
    """Scaleless skin with a maze of bright lines, the eye's socket, the gill cover, the mouth."""
    height = at.height + 0.08 * waves(at.x, at.y, 5, seed + 5)
    colour = ramp(
        height,
        *((-1, (0.96, 0.90, 0.86)), (-0.5, (0.95, 0.66, 0.60)), (-0.15, (0.36, 0.58, 0.88))),
        *((0.3, (0.12, 0.36, 0.74)), (0.7, (0.05, 0.13, 0.33)), (1, _NIGHT)),
    )
    x, y, z = at.x - eye[0], at.y - eye[1], np.abs(at.z) - eye[2]
    away = np.sqrt(x * x + y * y + z * z)
    colour = _maze(colour, at, np.arctan2(y, x), away, seed)
    grain = waves(at.x + 0.6 * at.z, at.y + 0.7 * at.z, 95, seed + 6) + waves(
        at.x - 0.6 * at.z, at.y - 0.7 * at.z, 150, seed + 7
    )
    colour *= (1 + 0.17 * grain)[..., None]
    colour = _gill_cover(colour, at)
    ring = away / EYE_RADIUS
    colour = mixed(colour, _NIGHT, 0.9 * (1 - smoothstep(1.10, 1.22, ring)))
    colour = mixed(colour, _GOLD, 0.9 * np.exp(-(((ring - 1.24) / 0.06) ** 2)))
    return _mouth(colour, at)


def _maze(
    colour: Float[np.ndarray, "h w 3"],
    at: _Places,
    turn: Float[np.ndarray, "h w"],
    away: Float[np.ndarray, "h w"],
    seed: int,
) -> Float[np.ndarray, "h w 3"]:
    """Bright lines that leave the eye like the rays of a star and lose their way; none under the chin."""
    wander = 1.5 * waves(at.x, at.y, 5.0, seed + 8)
    rays = np.cos(11 * turn + 31 * away + 1.6 * wander)
    line = smoothstep(0.45, 0.85, rays) * smoothstep(0.05, 0.09, away) * smoothstep(-0.95, -0.55, at.height)
    bright = ramp(at.y, (-0.12, (1.0, 0.60, 0.36)), (0.02, (0.45, 0.98, 0.88)), (0.16, (0.30, 0.75, 1.0)))
    edge = smoothstep(0.15, 0.45, rays) * smoothstep(0.05, 0.09, away) * smoothstep(-0.95, -0.55, at.height)
    return mixed(mixed(colour, (0.05, 0.10, 0.34), 0.5 * edge), bright, 0.9 * line)


def _gill_cover(colour: Float[np.ndarray, "h w 3"], at: _Places) -> Float[np.ndarray, "h w 3"]:
    """A bright edge with the dark slit behind it, and the fold of the cheek in front."""
    distance = gill_distance(at.x, at.y)
    behind = smoothstep(0.66, 0.60, at.x) * smoothstep(0.98, 0.80, np.abs(at.height))
    colour = mixed(colour, (0.03, 0.03, 0.08), 0.75 * behind * np.exp(-(((distance - 0.64) / 0.018) ** 2)))
    colour = mixed(colour, _NEON, 0.75 * behind * np.exp(-(((distance - 0.955) / 0.022) ** 2)))
    colour = mixed(colour, _GOLD, 0.85 * behind * np.exp(-(((distance - 0.905) / 0.014) ** 2)))
    slit = smoothstep(0.985, 1.01, distance) * smoothstep(1.12, 1.05, distance)
    return mixed(colour, (0.08, 0.01, 0.05), 0.92 * behind * slit)


def _mouth(colour: Float[np.ndarray, "h w 3"], at: _Places) -> Float[np.ndarray, "h w 3"]:
    """Coral lips, the corner of the mouth, a dark throat, a nostril."""
    across = np.hypot(at.z / 0.030, (at.y + 0.039) / 0.014)
    lips = smoothstep(0.962, 0.985, at.x)
    colour = mixed(colour, (0.98, 0.56, 0.46), 0.85 * lips)
    corner = at.y + 0.036 + 0.55 * (1 - at.x)
    line = np.exp(-((corner / 0.0045) ** 2)) * smoothstep(0.895, 0.91, at.x)
    colour = mixed(colour, (0.20, 0.02, 0.06), 0.9 * line)
    throat = smoothstep(1.1, 0.85, across) * smoothstep(0.90, 0.93, at.x)
    colour = mixed(colour, (0.20, 0.02, 0.05), throat)
    nostril = np.hypot(at.x - 0.915, 0.8 * (at.y - 0.030))
    return mixed(colour, (0.01, 0.01, 0.05), 1 - smoothstep(0.006, 0.010, nostril))
