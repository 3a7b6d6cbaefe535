"""The body of the fish at rest, before it bends: superellipses swept along x, from the throat to the tail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d, map_coordinates

_STATIONS = np.array(
    [  # x, y of the widest line, height above it, depth below it, half width
        (0.925, -0.040, 0.000, 0.000, 0.000),
        (0.950, -0.040, 0.007, 0.006, 0.018),
        (0.982, -0.040, 0.010, 0.008, 0.025),
        (0.999, -0.039, 0.018, 0.015, 0.032),
        (0.996, -0.037, 0.032, 0.026, 0.041),
        (0.980, -0.034, 0.049, 0.042, 0.052),
        (0.950, -0.030, 0.076, 0.066, 0.066),
        (0.880, -0.020, 0.117, 0.103, 0.088),
        (0.780, -0.008, 0.165, 0.152, 0.109),
        (0.640, 0.000, 0.219, 0.210, 0.128),
        (0.480, 0.000, 0.263, 0.255, 0.139),
        (0.300, 0.000, 0.290, 0.280, 0.141),
        (0.120, 0.000, 0.291, 0.272, 0.132),
        (-0.060, 0.002, 0.268, 0.238, 0.114),
        (-0.240, 0.006, 0.217, 0.182, 0.088),
        (-0.400, 0.010, 0.153, 0.127, 0.060),
        (-0.520, 0.012, 0.109, 0.097, 0.039),
        (-0.590, 0.012, 0.095, 0.088, 0.024),
        (-0.650, 0.012, 0.097, 0.091, 0.012),
        (-0.690, 0.012, 0.090, 0.084, 0.006),
        (-0.706, 0.012, 0.064, 0.060, 0.005),
        (-0.714, 0.012, 0.000, 0.000, 0.000),
    ]
)
_ROUNDNESS = 2.15
"""Exponent of the superellipses."""

_ROWS, _COLUMNS = 600, 289
"""Of the fine grid; an odd number of columns, so that one runs along the back."""

_BENDS = 1201

_EYE_CENTER_XY = (0.80, 0.062)

EYE_RADIUS = 0.052

_GILL_CENTER, _GILL_RADII = (0.68, -0.015), (0.215, 0.185)


@dataclass(frozen=True, eq=False)
class Body:
    """The surface on a fine grid.

    Attributes:
        positions: in rows of equal a, in columns of equal b: the coordinates of its patch of the atlas.
        height: 1 on the back, 0 on the widest line, -1 on the belly.
        girth: length once around, of each row.
    """

    positions: Float[np.ndarray, "rows columns 3"]
    height: Float[np.ndarray, "rows columns"]
    girth: Float[np.ndarray, "rows"]

    def at(self, a: Float[np.ndarray, "*n"], b: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 3"]:
        """Points of the surface; b is periodic."""
        return np.stack([_sampled(self.positions[..., axis], a, b) for axis in range(3)], -1)

    def height_at(self, a: Float[np.ndarray, "*n"], b: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """``height`` at points of the surface."""
        return _sampled(self.height, a, b)

    def edge(self, x: Float[np.ndarray, "*n"], b: float) -> Float[np.ndarray, "*n 3"]:
        """Where the line of constant b passes x, behind the lips; the back is at b = 1/2 and the belly at 0."""
        line = self.positions[:, round(b * (_COLUMNS - 1))]
        outside = line[np.argmax(line[:, 0]) :][::-1]
        return np.stack([np.interp(x, outside[:, 0], outside[:, axis]) for axis in range(3)], -1)

    def eye_center(self) -> Float[np.ndarray, "3"]:
        """Of the right eye, z > 0."""
        return self.flank(*_EYE_CENTER_XY)

    def flank(self, x: float, y: float) -> Float[np.ndarray, "3"]:
        """The point of the right side, z > 0, that is seen at x and y."""
        half = self.positions[:, _COLUMNS // 2 :].reshape(-1, 3)
        distance = (half[:, 0] - x) ** 2 + (half[:, 1] - y) ** 2 + np.where(half[:, 0] > 0.985, 1.0, 0.0)
        return half[np.argmin(distance)]


@cache
def body() -> Body:
    """The body of the shipped fish."""
    stations = _swept_stations()
    raw = _sections(stations)
    girth = np.linalg.norm(np.diff(raw, axis=1), axis=-1).sum(1)
    rows = _even_rows(raw, girth)
    again = [np.interp(rows, np.arange(len(stations)), column) for column in stations.T]
    stations = np.stack(again, -1)
    positions = _sections(stations)
    above, below = np.maximum(stations[:, 2:3], 1e-6), np.maximum(stations[:, 3:4], 1e-6)
    up = positions[..., 1] - stations[:, 1:2]
    positions[..., 2] *= 1 + 0.085 * gill_relief(positions[..., 0], positions[..., 1])
    return Body(positions, np.where(up > 0, up / above, up / below), np.interp(rows, np.arange(len(girth)), girth))


def gill_distance(x: Float[np.ndarray, "*n"], y: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """1 on the rear edge of the gill cover, less in front of it."""
    across = (y - _GILL_CENTER[1]) / _GILL_RADII[1]
    along = np.maximum(_GILL_CENTER[0] - x, 0) / _GILL_RADII[0]
    return np.hypot(along, across)


def gill_relief(x: Float[np.ndarray, "*n"], y: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """How far the gill cover stands out, from 0 to 1: it rises toward its rear edge and drops there."""
    distance = gill_distance(x, y)
    rising = smoothstep(0.35, 0.95, distance) * smoothstep(0.0, 0.12, _GILL_CENTER[0] - x)
    return rising * (1 - smoothstep(0.97, 1.18, distance))


def smoothstep(low: float, high: float, x: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """From 0 at ``low`` to 1 at ``high`` without a corner."""
    share = np.clip((x - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def _swept_stations() -> Float[np.ndarray, "n 5"]:
    """The stations on many rows, rounded where the table has corners."""
    steps = np.linalg.norm(np.diff(_STATIONS[:, [0, 2]], axis=0), axis=1)
    length = np.concatenate([[0], np.cumsum(steps)])
    fine = PchipInterpolator(length, _STATIONS)(np.linspace(0, length[-1], 2000))
    wide = gaussian_filter1d(fine, 45, axis=0, mode="nearest")
    narrow = gaussian_filter1d(fine, 7, axis=0, mode="nearest")
    # The lips and the end of the tail are small: they keep their shape.
    share = (smoothstep(120, 420, np.arange(2000.0)) * smoothstep(0, 200, 1999 - np.arange(2000.0)))[:, None]
    result = narrow + share * (wide - narrow)
    result[[0, -1], 2:] = 0  # closed at both ends
    return result


def _sections(stations: Float[np.ndarray, "n 5"]) -> Float[np.ndarray, "n columns 3"]:
    """Superellipses around x, their points at equal steps of length."""
    angle = np.linspace(-np.pi, np.pi, _BENDS)
    up, side = np.cos(angle), np.sin(angle)
    up, side = (np.sign(c) * np.abs(c) ** (2 / _ROUNDNESS) for c in (up, side))
    result = np.empty((len(stations), _COLUMNS, 3))
    result[..., 0] = stations[:, :1]
    for row, (_, middle, above, below, half_width) in enumerate(stations):
        y, z = middle + np.where(up > 0, above, below) * up, half_width * side
        length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(y), np.diff(z)))])
        wanted = np.linspace(0, length[-1], _COLUMNS)
        result[row, :, 1], result[row, :, 2] = np.interp(wanted, length, y), np.interp(wanted, length, z)
    return result


def _even_rows(sections: Float[np.ndarray, "n columns 3"], girth: Float[np.ndarray, "n"]) -> Float[np.ndarray, "rows"]:
    """Fractional rows at equal steps of a: longer texels where the body is thick, as they are wider there too."""
    middle = sections[:, [0, _COLUMNS // 4, _COLUMNS // 2]]
    steps = np.linalg.norm(np.diff(middle, axis=0), axis=-1).mean(1)
    weight = np.minimum((girth.max() / np.maximum(girth, 1e-3)) ** 0.5, 1.9)
    weight[: np.argmax(sections[:, 0, 0])] = 0.5  # the throat, which nobody sees
    along = np.concatenate([[0], np.cumsum(steps * (weight[1:] + weight[:-1]) / 2)])
    return np.interp(np.linspace(0, along[-1], _ROWS), along, np.arange(len(along)))


def _sampled(
    grid: Float[np.ndarray, "rows columns"], a: Float[np.ndarray, "*n"], b: Float[np.ndarray, "*n"]
) -> Float[np.ndarray, "*n"]:
    """Linear between grid points."""
    place = np.stack([np.clip(a, 0, 1) * (_ROWS - 1), np.mod(b, 1.0) * (_COLUMNS - 1)])
    return np.asarray(map_coordinates(grid, place, order=1, mode="nearest"))
