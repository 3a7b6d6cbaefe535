"""Keyframes: what a scene shows at chosen moments; motion.py tells what it shows between them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fieldcore.errors import InputError

from .controls import Comparison, Controls, Covariance, Point


@dataclass(frozen=True)
class Keyframe:
    """What is keyed at one moment.

    What is None is not keyed and runs on; the view does where both ``center`` and ``zoom`` are None. Where only one
    of these two is, it keeps its value of the keyframe before.

    Attributes:
        time: seconds.
        covariance: the filter, as xx, xy, yy.
        center: the domain point in the middle of the frame.
        zoom: 1 fits the whole picture into the frame.
        comparison: what is shown, until a later keyframe names another.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        foveated: whether the variance grows away from ``gaze``, until a later keyframe says otherwise.
        gaze: the domain point that stays sharpest.
    """

    time: float
    covariance: Covariance | None = None
    center: Point | None = None
    zoom: float | None = None
    comparison: Comparison | None = None
    divider: float | None = None
    foveated: bool | None = None
    gaze: Point | None = None


@dataclass(frozen=True)
class KeyframePath:
    """What a scene shows over time; ``path_file`` reads and writes it.

    Attributes:
        field: path of the field shown.
        keyframes: in order of time.
        frames_per_second: of the frames rendered along it.
        closed: whether the last keyframe is the first one come round again.
        caption: whether the filter is written and drawn in the corner.
        other: path of the field on the right of a two-up, if there is one.
        truth: the picture that the field was trained on, a file or ``sample:NAME``; empty where it is not known.
        error_range: mean absolute difference that an error map shows brightest, as a share of the value range.
        falloff: standard deviation a domain unit away from the gaze; the variance there is its square.
    """

    field: Path
    keyframes: tuple[Keyframe, ...]
    frames_per_second: float = 30.0
    closed: bool = False
    caption: bool = True
    other: Path | None = None
    truth: str = ""
    error_range: float = Controls.error_range
    falloff: float = Controls.falloff

    @property
    def duration(self) -> float:
        """Seconds from the first keyframe to the last."""
        return self.keyframes[-1].time - self.keyframes[0].time

    def frame_times(self) -> list[float]:
        """The moment of each frame, in seconds.

        An open path has a frame at its very start, and at its end if that falls on one. A closed path is
        divided evenly (to the nearest whole number of frames), and the one that would repeat the first is left out.
        """
        start, frames = self.keyframes[0].time, self.duration * self.frames_per_second
        if self.closed:
            count = max(1, round(frames))
            return [start + self.duration * k / count for k in range(count)]
        # The tolerance lets 0.3 s at 10 frames a second have its last frame although 0.3 * 10 < 3 in binary.
        return [start + k / self.frames_per_second for k in range(math.floor(frames + 1e-6) + 1)]


def keyframe_of(controls: Controls, time: float) -> Keyframe:
    """A keyframe at ``time``, in seconds, that keys all of ``controls`` that a path can change."""
    return Keyframe(
        time=time,
        covariance=controls.covariance,
        center=controls.center,
        zoom=controls.zoom,
        comparison=controls.comparison,
        divider=controls.divider,
        foveated=controls.foveated,
        gaze=controls.gaze,
    )


def with_keyframe(keyframes: Sequence[Keyframe], keyframe: Keyframe) -> tuple[Keyframe, ...]:
    """``keyframes``, in order of time, and one more; it replaces the one at the same time."""
    at = bisect_left([k.time for k in keyframes], keyframe.time)
    after = at + 1 if at < len(keyframes) and keyframes[at].time == keyframe.time else at
    return (*keyframes[:at], keyframe, *keyframes[after:])


def without_keyframe(keyframes: Sequence[Keyframe], index: int) -> tuple[Keyframe, ...]:
    """``keyframes`` but the one at ``index``."""
    return (*keyframes[:index], *keyframes[index + 1 :])


def with_time(keyframes: Sequence[Keyframe], index: int, time: float) -> tuple[Keyframe, ...]:
    """``keyframes``, in order of time, with the one at ``index`` moved to ``time``, in seconds.

    Raises:
        InputError: another one is at that time already.
    """
    others = without_keyframe(keyframes, index)
    if any(k.time == time for k in others):
        raise InputError(f"there is a keyframe at {time:g} s already; choose another time, or delete that one first")
    return with_keyframe(others, replace(keyframes[index], time=time))
