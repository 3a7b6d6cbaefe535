"""Tracks: values in motion through keys, as smooth curves or in steps.

A curve is a cubic Bezier from key to key, drawn by de Casteljau's construction from the shortest ways between two
points; what is short depends on what moves, and a ``Space`` says so. Three choices of the velocities at the keys:

* ``monotone`` (Fritsch, Butland 1984): once continuously differentiable, and no swinging beyond what is keyed;
* ``flowing``: twice continuously differentiable (the cubic spline), so that what flies through a turn does not slow
  down at it.

Either way a track is at rest between two equal keys and at the ends of an open path: what is keyed first and last is
held before and after.

At a key, and between two equal ones, exactly what was keyed comes out, not what became of it in a logarithm and back:
a path with a keyframe a frame gives the frames it was recorded from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from .timeline import Timeline

Point = Float[np.ndarray, "d"]
Points = Float[np.ndarray, "*n d"]
Track = Callable[[float], Any]
"""The value at a time, in seconds."""


def monotone(spans: Float[np.ndarray, "k"], steps: Float[np.ndarray, "k d"], closed: bool) -> Float[np.ndarray, "n d"]:
    """At each of the k + 1 keys, the weighted harmonic mean of the mean velocities before and after it.

    It is 0 in each coordinate in which the two disagree in sign, and at the ends of an open track.

    Args:
        spans: seconds from key to key.
        steps: ways from key to key.
        closed: whether the last key is the first one.
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


def running(spans: Float[np.ndarray, "k"], steps: Float[np.ndarray, "k d"], closed: bool) -> Float[np.ndarray, "n d"]:
    """As ``monotone``, but an open track begins and ends in motion, at the mean velocity between its last two keys.

    Where all keys ask for one pace, it is kept throughout.
    """
    velocities = monotone(spans, steps, closed)
    if len(spans) and not closed:
        velocities[0], velocities[-1] = steps[0] / spans[0], steps[-1] / spans[-1]
    return velocities


def flowing(spans: Float[np.ndarray, "k"], steps: Float[np.ndarray, "k d"], closed: bool) -> Float[np.ndarray, "n d"]:
    """Velocities of the cubic spline through the k + 1 keys, 0 at both ends of each hold and of an open track.

    Arguments as of ``monotone``; ways must be straight lines.
    """
    held = np.flatnonzero((steps == 0).all(1))
    if closed and len(held) == 0 and len(spans) > 0:
        return _periodic(spans, steps)
    turn = int(held[0]) if closed and len(held) else 0  # a closed track begins at its hold, with both ends at rest
    spans, steps = np.roll(spans, -turn), np.roll(steps, -turn, axis=0)
    velocities = np.zeros((len(spans) + 1, steps.shape[1]))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (steps != 0).any(1), [0]])))
    for begin, end in edges.reshape(-1, 2):
        times = np.append(0.0, np.cumsum(spans[begin:end]))
        points = np.vstack([np.zeros((1, steps.shape[1])), np.cumsum(steps[begin:end], axis=0)])
        velocities[begin : end + 1] = _cubic_spline(times, points, bc_type="clamped")(times, 1)
    if turn:
        velocities = np.roll(velocities[:-1], turn, axis=0)
        velocities = np.vstack([velocities, velocities[:1]])
    return velocities


def _periodic(spans: Float[np.ndarray, "k"], steps: Float[np.ndarray, "k d"]) -> Float[np.ndarray, "n d"]:
    times = np.append(0.0, np.cumsum(spans))
    points = np.vstack([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)])
    drift = points[-1] / times[-1]  # of what turns round once and more
    points -= times[:, None] * drift
    points[-1] = points[0]
    return _cubic_spline(times, points, bc_type="periodic")(times, 1) + drift


def _cubic_spline(*arguments: Any, **more: Any) -> Any:
    from scipy.interpolate import CubicSpline  # which a page of help should not wait for

    return CubicSpline(*arguments, **more)


class Space(NamedTuple):
    """Where a track runs: ``point`` leads into it and ``value`` out of it, by default in straight lines.

    ``step`` goes from points to others along the shortest way, ``moved`` walks it. ``velocities`` chooses how a track
    passes its keys, ``unwrapped`` counts turns where points a turn apart are the same.
    """

    point: Callable[[Any], Point]
    value: Callable[[Point], Any]
    step: Callable[[Points, Points], Points] = lambda start, end: end - start
    moved: Callable[[Points, Points], Points] = lambda start, step: start + step
    velocities: Callable[[np.ndarray, np.ndarray, bool], np.ndarray] = monotone
    unwrapped: Callable[[Points], Points] = lambda points: points


# Rounding may lead beyond what is keyed, but not out of the frame.
SHARE = Space(lambda share: np.array([share]), lambda point: min(max(float(point[0]), 0.0), 1.0))
"""Shares of a whole, in [0, 1]."""


class Curve:
    """A smooth curve through ``keys`` (values by time) in a space; with a period, a closed one."""

    def __init__(self, keys: dict[float, Any], period: float | None, space: Space) -> None:
        self._times, self._values, self._period, self._space = list(keys), list(keys.values()), period, space
        if period is not None:
            self._times.append(self._times[0] + period)
            self._values.append(self._values[0])
        self._points = space.unwrapped(np.array([space.point(value) for value in self._values]))
        steps = space.step(self._points[:-1], self._points[1:])
        self._velocities = space.velocities(np.diff(self._times), steps, period is not None)

    def __call__(self, time: float) -> Any:
        """The value at a time, in seconds."""
        if self._period is not None and time < self._times[0]:
            time += self._period
        key = _latest(self._times, time)
        values = self._values[key : key + 2]
        if time <= self._times[key] or values[0] == values[-1]:
            return values[0]
        return self._space.value(self._between(key, time))

    def _between(self, key: int, time: float) -> Point:
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


class Steps:
    """Values held from one of ``keys`` (values by time) to the next."""

    def __init__(self, keys: dict[float, Any]) -> None:
        self._times, self._values = list(keys), list(keys.values())

    def __call__(self, time: float) -> Any:
        """The value at a time, in seconds."""
        return self._values[_latest(self._times, time)]


def keyed(path: Timeline, name: str) -> dict[float, Any]:
    """What is keyed under a name, by time."""
    return {k.time: k.values[name] for k in path.keyframes if name in k.values}


def come_round(path: Timeline, values: dict[float, Any]) -> dict[float, Any]:
    """The keys of a track, values by time, in order; a closed path's last moment is its first."""
    end = path.keyframes[-1].time
    if path.closed and end in values:
        values = dict(values)
        last = values.pop(end)
        values.setdefault(path.start, last)
    return dict(sorted(values.items()))


def moving(path: Timeline, name: str, space: Space, still: Any) -> Curve:
    """The curve through what is keyed under a name, or ``still`` where nothing is."""
    return Curve(come_round(path, keyed(path, name)) or {path.start: still}, path.period, space)


def held(path: Timeline, name: str, still: Any) -> Steps:
    """What is keyed under a name, held until it is keyed again; ``still`` before the first."""
    return Steps({path.start: still} | come_round(path, keyed(path, name)))


def _latest(times: list[float], time: float) -> int:
    """The index of the last of ``times`` that has come, or of the first."""
    return max(bisect_right(times, time) - 1, 0)
