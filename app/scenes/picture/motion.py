"""Controls in motion: smooth curves through keyframes.

The filter, the view (center and zoom together), the divider and the gaze are tracks, each keyed only at the keyframes
that name it, with the velocities of monotone interpolation; see tracks.py. The ways between two keys:

* filters move on straight lines in ``log_covariance`` coordinates;
* views move by expanding or shrinking about one fixed point of the frame, at a constant rate, or by panning where
  the zoom is the same. That is the group of scalings and translations, of which these are the one-parameter subgroups;
* dividers and gazes move on straight lines.

What is compared and whether a picture is foveated cannot move: they are held from key to key.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...log_covariance import covariance_from_log, log_coordinates
from ...path.tracks import SHARE, Curve, Points, Space, Track, come_round, held, moving
from .controls import Controls, Point
from .keyframes import KeyframePath


class Motion:
    """The controls at any moment of a path; on a closed one, time wraps around."""

    def __init__(self, path: KeyframePath) -> None:
        self._path = path
        self._still = Controls(
            field=str(path.field),
            caption=path.caption,
            other=str(path.other or ""),
            error_range=path.error_range,
            falloff=path.falloff,
        )
        views = come_round(path, _views(path)) or {path.start: ((0.0, 0.0), 1.0)}
        self._view = Curve(views, path.period, _VIEW)
        self._tracks: dict[str, Track] = {}
        for name, space in _MOVING.items():
            self._tracks[name] = moving(path, name, space, getattr(self._still, name))
        for name in _HELD:
            self._tracks[name] = held(path, name, getattr(self._still, name))

    def at(self, time: float) -> Controls:
        """What is shown at ``time``, in seconds."""
        time = self._path.wrapped(time)
        center, zoom = self._view(time)
        tracks = {name: track(time) for name, track in self._tracks.items()}
        return replace(self._still, center=center, zoom=zoom, **tracks)


def _views(path: KeyframePath) -> dict[float, tuple[Point, float]]:
    """Center and zoom where the view is keyed; the one a keyframe leaves out is that of the view before."""
    views: dict[float, tuple[Point, float]] = {}
    center, zoom = (0.0, 0.0), 1.0
    for keyframe in path.keyframes:
        if keyframe.center is not None or keyframe.zoom is not None:
            center = center if keyframe.center is None else keyframe.center
            zoom = zoom if keyframe.zoom is None else keyframe.zoom
            views[keyframe.time] = center, zoom
    return views


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


_VIEW = Space(
    point=lambda view: np.array([math.log(view[1]), *view[0]]),
    value=lambda point: ((float(point[1]), float(point[2])), math.exp(point[0])),
    step=_expansion,
    moved=_expanded,
)
_MOVING = {
    "covariance": Space(log_coordinates, covariance_from_log),
    "divider": SHARE,
    "gaze": Space(np.array, lambda point: (float(point[0]), float(point[1]))),
}
_HELD = ("comparison", "foveated")
