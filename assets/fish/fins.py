"""The fins of the fish at rest: fans of rays that stand on the body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator

from . import atlas
from .atlas import Patch
from .body import Body

_SUNK = 0.012
"""How deep a fin's base lies in the body, so that no gap opens where the skin curves."""


@dataclass(frozen=True, eq=False)
class Fin:
    """A fin's middle surface.

    Attributes:
        patch: where it lies in the atlas.
        middle: its points, in rows from base to edge, in columns along the base.
        thickness: half of it at the base; there is none at the edge.
    """

    patch: Patch
    middle: Float[np.ndarray, "rows columns 3"]
    thickness: float


def fins(body: Body) -> list[Fin]:
    """All fins; the pairs once on each side."""
    pectoral, pelvic = _pectoral(body), _pelvic(body)
    return [_dorsal(body), _anal(body), _caudal(), pectoral, _mirrored(pectoral), pelvic, _mirrored(pelvic)]


def _dorsal(body: Body) -> Fin:
    share = np.linspace(0, 1, 49)
    base = body.edge(0.42 - 0.80 * share, 0.5) - np.array([0, _SUNK, 0])
    lean = np.radians(np.interp(share, [0, 0.5, 1], [28, 40, 66]))
    length = _curve(
        share, (0, 0.02), (0.05, 0.10), (0.16, 0.180), (0.42, 0.142), (0.60, 0.130), (0.80, 0.185), (1, 0.10)
    )
    # Between its hard rays in front the skin hangs a little.
    length *= 1 - 0.11 * np.abs(np.sin(12 * np.pi * share / 0.75)) * np.clip(4 - 6 * share, 0, 1)
    bow = np.stack([-0.10 * length, 0 * share, 0.022 * np.sin(7 * share)], -1)
    return Fin(atlas.DORSAL, _fan(base, _leaning(lean, 1), length, bow, 9), 0.006)


def _anal(body: Body) -> Fin:
    share = np.linspace(0, 1, 29)
    base = body.edge(-0.02 - 0.40 * share, 0.0) + np.array([0, _SUNK, 0])
    lean = np.radians(np.interp(share, [0, 0.5, 1], [30, 46, 70]))
    length = _curve(share, (0, 0.03), (0.12, 0.165), (0.30, 0.175), (0.65, 0.125), (1, 0.085))
    bow = np.stack([-0.14 * length, 0 * share, -0.016 * np.sin(5 * share)], -1)
    return Fin(atlas.ANAL, _fan(base, _leaning(lean, -1), length, bow, 9), 0.006)


def _caudal() -> Fin:
    share = np.linspace(0, 1, 33)
    side = 1 - 2 * share
    base = np.stack([np.full_like(share, -0.575) - 0.05 * np.abs(side), 0.014 + 0.083 * side, 0 * share], -1)
    angle = np.radians(31) * side
    direction = np.stack([-np.cos(angle), np.sin(angle), 0 * share], -1)
    length = 0.225 + 0.215 * np.abs(side) ** 1.7 - 0.03 * np.abs(side) ** 12
    bow = np.stack([-0.02 * np.abs(side), -0.035 * side * np.abs(side), 0.018 * np.sin(2.5 * np.pi * share)], -1)
    return Fin(atlas.CAUDAL, _fan(base, direction, length, bow, 17), 0.008)


def _pectoral(body: Body) -> Fin:
    share = np.linspace(0, 1, 17)
    base = _line(body.flank(0.425, -0.065), body.flank(0.405, -0.140), share) - np.array([0, 0, 0.018])
    direction = _turning((-0.84, 0.28, 0.48), (-0.50, -0.80, 0.30), share)
    length = _curve(share, (0, 0.19), (0.14, 0.285), (0.40, 0.300), (0.75, 0.235), (1, 0.12))
    bow = np.stack([-0.035 + 0 * share, 0.012 * np.sin(6 * share), -0.030 + 0 * share], -1)
    return Fin(atlas.PECTORAL, _fan(base, direction, length, bow, 11), 0.005)


def _pelvic(body: Body) -> Fin:
    share = np.linspace(0, 1, 13)
    front, rear = body.flank(0.315, -0.262), body.flank(0.235, -0.266)
    base = _line(front, rear, share) + np.array([0, 0.012, -0.006])
    direction = _turning((-0.62, -0.74, 0.30), (-0.90, -0.30, 0.10), share)
    length = _curve(share, (0, 0.13), (0.1, 0.215), (0.3, 0.205), (0.7, 0.13), (1, 0.06))
    bow = np.stack([-0.03 + 0 * share, 0.01 * np.sin(5 * share), 0.012 + 0 * share], -1)
    return Fin(atlas.PELVIC, _fan(base, direction, length, bow, 9), 0.004)


def _mirrored(fin: Fin) -> Fin:
    return Fin(fin.patch, fin.middle * (1, 1, -1), fin.thickness)


def _fan(
    base: Float[np.ndarray, "n 3"],
    direction: Float[np.ndarray, "n 3"],
    length: Float[np.ndarray, "n"],
    bow: Float[np.ndarray, "n 3"],
    rows: int,
) -> Float[np.ndarray, "rows n 3"]:
    """Rays from ``base``; each bows by ``bow`` at its end."""
    along = np.linspace(0, 1, rows)[:, None, None]
    return base + along * (length[:, None] * direction) + along**2 * bow


def _leaning(angle: Float[np.ndarray, "n"], up: int) -> Float[np.ndarray, "n 3"]:
    """Directions in the middle plane that lean back from the vertical."""
    return np.stack([-np.sin(angle), up * np.cos(angle), np.zeros_like(angle)], -1)


def _turning(
    first: tuple[float, float, float], last: tuple[float, float, float], share: Float[np.ndarray, "n"]
) -> Float[np.ndarray, "n 3"]:
    """Unit directions from one to another."""
    between = _line(np.array(first), np.array(last), share)
    return between / np.linalg.norm(between, axis=-1, keepdims=True)


def _line(
    first: Float[np.ndarray, "3"], last: Float[np.ndarray, "3"], share: Float[np.ndarray, "n"]
) -> Float[np.ndarray, "n 3"]:
    return first + share[:, None] * (last - first)


def _curve(share: Float[np.ndarray, "n"], *knots: tuple[float, float]) -> Float[np.ndarray, "n"]:
    """Through knots, without overshoot."""
    return np.asarray(PchipInterpolator(*np.array(knots).T)(share))
