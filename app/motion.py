"""Controls in motion: smooth curves through keyframes.

The filter and the view (center and zoom together) are two tracks, each keyed only at the keyframes that name it. A
track is a cubic Bezier curve from key to key whose velocities at the keys are those of monotone cubic interpolation
(Fritsch, Butland 1984): once continuously differentiable, no swinging beyond what is keyed, and at rest between two
equal keys. What is keyed first and last is held before and after, so an open path begins and ends at rest.

The curves are drawn by de Casteljau's construction from the shortest ways between two keys, and what is short depends
on what moves:

* filters move on straight lines in ``log_covariance`` coordinates;
* views move by expanding or shrinking about one fixed point of the frame, at a constant rate, or by panning where
  the zoom is the same. That is the group of scalings and translations, of which these are the one-parameter subgroups.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .controls import Controls, Point
from .keyframes import KeyframePath
from .log_covariance import covariance_from_log, log_coordinates

_Point = Float[np.ndarray, "3"]
_Points = Float[np.ndarray, "n 3"]


class Motion:
    """The controls at any moment of a path; on a closed one, time wraps around."""

    def __init__(self, path: KeyframePath) -> None:
        period = path.duration if path.closed else None
        filters = {k.time: log_coordinates(k.covariance) for k in path.keyframes if k.covariance is not None}
        self._still = Controls(str(path.field), caption=path.caption)
        self._filter = _Track(_keys(path, filters, log_coordinates(self._still.covariance)), period, _STRAIGHT)
        self._view = _Track(_keys(path, _views(path), _view_point((0.0, 0.0), 1.0)), period, _EXPANDING)

    def at(self, time: float) -> Controls:
        """What is shown at ``time``, in seconds."""
        log_zoom, x, y = self._view(time).tolist()
        return Controls(
            field=self._still.field,
            covariance=covariance_from_log(self._filter(time)),
            center=(x, y),
            zoom=math.exp(log_zoom),
            caption=self._still.caption,
        )


def _view_point(center: Point, zoom: float) -> _Point:
    return np.array([math.log(zoom), *center])


def _views(path: KeyframePath) -> dict[float, _Point]:
    """Where the view is keyed; the one of center and zoom that a keyframe leaves out is that of the view before."""
    views: dict[float, _Point] = {}
    center, zoom = (0.0, 0.0), 1.0
    for keyframe in path.keyframes:
        if keyframe.center is not None or keyframe.zoom is not None:
            center = center if keyframe.center is None else keyframe.center
            zoom = zoom if keyframe.zoom is None else keyframe.zoom
            views[keyframe.time] = _view_point(center, zoom)
    return views


def _keys(path: KeyframePath, keyed: dict[float, _Point], default: _Point) -> dict[float, _Point]:
    """The keys of a track in order of time; a closed path's last moment is its first."""
    start, end = path.keyframes[0].time, path.keyframes[-1].time
    if path.closed and end in keyed:
        last = keyed.pop(end)
        keyed.setdefault(start, last)
    return dict(sorted(keyed.items())) or {start: default}


class _Space(NamedTuple):
    """Where a track runs: ``step`` leads from one point to another along the shortest way, ``moved`` walks it."""

    step: Callable[[_Point, _Point], _Point]
    moved: Callable[[_Point, _Point], _Point]


def _expansion(start: _Point, end: _Point) -> _Point:
    """The change of log zoom, and the constant velocity on the screen, that lead to ``end`` in unit time."""
    growth = end[0] - start[0]
    return np.array([growth, *((end[1:] - start[1:]) * math.exp(start[0]) / _shrinkage(growth))])


def _expanded(start: _Point, step: _Point) -> _Point:
    return np.array([start[0] + step[0], *(start[1:] + step[1:] * math.exp(-start[0]) * _shrinkage(step[0]))])


def _shrinkage(growth: float) -> float:
    """Mean of exp(-growth s) over s in [0, 1]: how much shorter a way becomes while the view closes in."""
    return -math.expm1(-growth) / growth if growth else 1.0


_STRAIGHT = _Space(step=lambda start, end: end - start, moved=lambda start, step: start + step)
_EXPANDING = _Space(step=_expansion, moved=_expanded)


class _Track:
    """A smooth curve through ``keys`` (point by time) in a space; with a period, a closed one."""

    def __init__(self, keys: dict[float, _Point], period: float | None, space: _Space) -> None:
        times, points = list(keys), list(keys.values())
        if period is not None:
            times, points = [*times, times[0] + period], [*points, points[0]]
        steps = [space.step(start, end) for start, end in pairwise(points)]
        self._times, self._points, self._period, self._space = times, points, period, space
        self._velocities = _velocities(np.diff(times), np.array(steps).reshape(-1, 3), period is not None)

    def __call__(self, time: float) -> _Point:
        first, last = self._times[0], self._times[-1]
        time = min(max(time, first), last) if self._period is None else first + (time - first) % self._period
        key = int(np.searchsorted(self._times[1:-1], time, side="right"))
        if len(self._points) == 1 or time == self._times[key]:
            return self._points[key]
        span = self._times[key + 1] - self._times[key]
        share = (time - self._times[key]) / span
        start, end = self._points[key], self._points[key + 1]
        after_start = self._space.moved(start, self._velocities[key] * span / 3)
        before_end = self._space.moved(end, -self._velocities[key + 1] * span / 3)
        return self._casteljau([start, after_start, before_end, end], share)

    def _casteljau(self, points: Sequence[_Point], share: float) -> _Point:
        while len(points) > 1:
            ways = [(start, self._space.step(start, end)) for start, end in pairwise(points)]
            points = [self._space.moved(start, share * way) for start, way in ways]
        return points[0]


def _velocities(spans: Float[np.ndarray, "k"], steps: Float[np.ndarray, "k 3"], closed: bool) -> _Points:
    """At each of the k + 1 keys, the weighted harmonic mean of the mean velocities before and after it.

    It is 0 in each coordinate in which the two disagree in sign, and at the ends of an open track.
    """
    if len(spans) == 0:
        return np.zeros((1, 3))
    mean = steps / spans[:, None]
    before, after = np.vstack([mean[-1:], mean]), np.vstack([mean, mean[:1]])
    span_before, span_after = np.append(spans[-1], spans)[:, None], np.append(spans, spans[0])[:, None]
    weight_before, weight_after = span_before + 2 * span_after, 2 * span_before + span_after
    agree = before * after > 0
    if not closed:
        agree[[0, -1]] = False
    inverse = weight_before / np.where(agree, before, 1) + weight_after / np.where(agree, after, 1)
    return np.where(agree, (weight_before + weight_after) / np.where(agree, inverse, 1), 0.0)
