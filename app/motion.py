"""Controls in motion: smooth curves through keyframes.

The filter, the view (center and zoom together), the divider and the gaze are tracks, each keyed only at the keyframes
that name it. A track is a cubic Bezier curve from key to key whose velocities at the keys are those of monotone cubic
interpolation (Fritsch, Butland 1984): once continuously differentiable, no swinging beyond what is keyed, and at rest
between two equal keys. What is keyed first and last is held before and after, so an open path begins and ends at rest.

The curves are drawn by de Casteljau's construction from the shortest ways between two keys, and what is short depends
on what moves:

* filters move on straight lines in ``log_covariance`` coordinates;
* views move by expanding or shrinking about one fixed point of the frame, at a constant rate, or by panning where
  the zoom is the same. That is the group of scalings and translations, of which these are the one-parameter subgroups;
* dividers and gazes move on straight lines.

What is compared and whether a picture is foveated cannot move: they are held from key to key.

At a key, and between two equal ones, exactly what was keyed comes out, not what became of it in a logarithm and back:
a path with a keyframe a frame gives the frames it was recorded from.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from .controls import Controls, Point
from .keyframes import KeyframePath
from .log_covariance import covariance_from_log, log_coordinates

_Point = Float[np.ndarray, "d"]
_Points = Float[np.ndarray, "*n d"]


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
        start, period = path.keyframes[0].time, path.duration if path.closed else None
        self._view = _Curve(_keys(path, _views(path)) or {start: ((0.0, 0.0), 1.0)}, period, _VIEW)
        self._tracks: dict[str, Callable[[float], Any]] = {}
        for name, space in _MOVING.items():
            keys = _keys(path, _keyed(path, name)) or {start: getattr(self._still, name)}
            self._tracks[name] = _Curve(keys, period, space)
        for name in _HELD:
            self._tracks[name] = _Steps({start: getattr(self._still, name)} | _keys(path, _keyed(path, name)))

    def at(self, time: float) -> Controls:
        """What is shown at ``time``, in seconds."""
        start, end = self._path.keyframes[0].time, self._path.keyframes[-1].time
        if self._path.closed and not start <= time < end:
            time = start + (time - start) % (end - start)
        center, zoom = self._view(time)
        tracks = {name: track(time) for name, track in self._tracks.items()}
        return replace(self._still, center=center, zoom=zoom, **tracks)


def _keyed(path: KeyframePath, name: str) -> dict[float, Any]:
    """What is keyed under a name, by time."""
    return {k.time: getattr(k, name) for k in path.keyframes if getattr(k, name) is not None}


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


def _keys(path: KeyframePath, keyed: dict[float, Any]) -> dict[float, Any]:
    """The keys of a track in order of time; a closed path's last moment is its first."""
    start, end = path.keyframes[0].time, path.keyframes[-1].time
    if path.closed and end in keyed:
        last = keyed.pop(end)
        keyed.setdefault(start, last)
    return dict(sorted(keyed.items()))


class _Space(NamedTuple):
    """Where a track runs: ``point`` leads into it and ``value`` out of it, by default in straight lines.

    ``step`` goes from points to others along the shortest way, ``moved`` walks it.
    """

    point: Callable[[Any], _Point]
    value: Callable[[_Point], Any]
    step: Callable[[_Points, _Points], _Points] = lambda start, end: end - start
    moved: Callable[[_Points, _Points], _Points] = lambda start, step: start + step


def _expansion(start: _Points, end: _Points) -> _Points:
    """The change of log zoom, and the constant velocity on the screen, that lead to ``end`` in unit time."""
    growth = end[..., :1] - start[..., :1]
    velocity = (end[..., 1:] - start[..., 1:]) * np.exp(start[..., :1]) / _shrinkage(growth)
    return np.concatenate([growth, velocity], -1)


def _expanded(start: _Points, step: _Points) -> _Points:
    growth = step[..., :1]
    center = start[..., 1:] + step[..., 1:] * np.exp(-start[..., :1]) * _shrinkage(growth)
    return np.concatenate([start[..., :1] + growth, center], -1)


def _shrinkage(growth: _Points) -> _Points:
    """Mean of exp(-growth s) over s in [0, 1]: how much shorter a way becomes while the view closes in."""
    divisor = np.where(growth == 0, 1, growth)
    return np.where(growth == 0, 1, -np.expm1(-divisor) / divisor)


_VIEW = _Space(
    point=lambda view: np.array([math.log(view[1]), *view[0]]),
    value=lambda point: ((float(point[1]), float(point[2])), math.exp(point[0])),
    step=_expansion,
    moved=_expanded,
)
_MOVING = {
    "covariance": _Space(log_coordinates, covariance_from_log),
    # Rounding may lead beyond what is keyed, but not out of the frame.
    "divider": _Space(lambda share: np.array([share]), lambda point: min(max(float(point[0]), 0.0), 1.0)),
    "gaze": _Space(np.array, lambda point: (float(point[0]), float(point[1]))),
}
_HELD = ("comparison", "foveated")


class _Curve:
    """A smooth curve through ``keys`` (values by time) in a space; with a period, a closed one."""

    def __init__(self, keys: dict[float, Any], period: float | None, space: _Space) -> None:
        self._times, self._values, self._period, self._space = list(keys), list(keys.values()), period, space
        if period is not None:
            self._times.append(self._times[0] + period)
            self._values.append(self._values[0])
        self._points = np.array([space.point(value) for value in self._values])
        steps = space.step(self._points[:-1], self._points[1:])
        self._velocities = _velocities(np.diff(self._times), steps, period is not None)

    def __call__(self, time: float) -> Any:
        if self._period is not None and time < self._times[0]:
            time += self._period
        key = _latest(self._times, time)
        values = self._values[key : key + 2]
        if time <= self._times[key] or values[0] == values[-1]:
            return values[0]
        return self._space.value(self._between(key, time))

    def _between(self, key: int, time: float) -> _Point:
        """The point at ``time``, between a key and the next: de Casteljau's construction."""
        span = self._times[key + 1] - self._times[key]
        share = (time - self._times[key]) / span
        ends = self._points[key : key + 2]
        inner = self._space.moved(ends, self._velocities[key : key + 2] * np.array([[span / 3], [-span / 3]]))
        corners = np.stack([ends[0], *inner, ends[1]])
        while len(corners) > 1:
            ways = self._space.step(corners[:-1], corners[1:])
            corners = self._space.moved(corners[:-1], share * ways)
        return corners[0]


class _Steps:
    """Values held from one of ``keys`` (values by time) to the next."""

    def __init__(self, keys: dict[float, Any]) -> None:
        self._times, self._values = list(keys), list(keys.values())

    def __call__(self, time: float) -> Any:
        return self._values[_latest(self._times, time)]


def _latest(times: list[float], time: float) -> int:
    """The index of the last of ``times`` that has come, or of the first."""
    return max(bisect_right(times, time) - 1, 0)


def _velocities(spans: Float[np.ndarray, "k"], steps: Float[np.ndarray, "k d"], closed: bool) -> _Points:
    """At each of the k + 1 keys, the weighted harmonic mean of the mean velocities before and after it.

    It is 0 in each coordinate in which the two disagree in sign, and at the ends of an open track.
    """
    if len(spans) == 0:
        return np.zeros((1, steps.shape[1]))
    mean = steps / spans[:, None]
    before, after = np.vstack([mean[-1:], mean]), np.vstack([mean, mean[:1]])
    span_before, span_after = np.append(spans[-1], spans)[:, None], np.append(spans, spans[0])[:, None]
    weight_before, weight_after = span_before + 2 * span_after, 2 * span_before + span_after
    agree = before * after > 0
    if not closed:
        agree[[0, -1]] = False
    inverse = weight_before / np.where(agree, before, 1) + weight_after / np.where(agree, after, 1)
    return np.where(agree, (weight_before + weight_after) / np.where(agree, inverse, 1), 0.0)
