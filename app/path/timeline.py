"""Keyframes in order of time, and the moments of the frames along them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fieldcore.errors import InputError

from .easing import USUAL_EASE, Ease, eased


class Keyframe:
    """What is keyed at one moment; entries that are not keyed run on.

    Args:
        time: seconds.
        ease: how time runs from it to the next one.
        values: by the names of their entries; one that is None is not keyed.

    Example:
        >>> Keyframe(1.0, zoom=2.0).zoom, Keyframe(1.0, zoom=2.0).center
        (2.0, None)
    """

    def __init__(self, time: float, ease: Ease = USUAL_EASE, /, **values: Any) -> None:
        self.time, self.ease = time, ease
        self.values: Mapping[str, Any] = {name: value for name, value in values.items() if value is not None}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "values":
            raise AttributeError(name)
        return self.values.get(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyframe) and self._all == other._all

    @property
    def _all(self) -> tuple[object, ...]:
        return self.time, self.ease, self.values

    def __hash__(self) -> int:
        return hash((self.time, *self.values))

    def __repr__(self) -> str:
        values = "".join(f", {name}={value!r}" for name, value in self.values.items())
        return f"Keyframe({self.time:g}{values})"

    def at(self, time: float) -> Keyframe:
        """The same at another time, in seconds."""
        return Keyframe(time, self.ease, **self.values)

    def eased(self, ease: Ease) -> Keyframe:
        """The same with time running otherwise from it to the next."""
        return Keyframe(self.time, ease, **self.values)

    def filled(self, other: Keyframe) -> Keyframe:
        """The same with what it leaves out as the other has it."""
        return Keyframe(self.time, self.ease, **{**other.values, **self.values})


class Timeline:
    """What has keyframes, and frames rendered along them.

    Attributes:
        keyframes: in order of time.
        frames_per_second: of the frames rendered.
        closed: whether the last keyframe is the first one come round again.
        speed: seconds of the path that pass in a second of its frames.
    """

    keyframes: tuple[Keyframe, ...]
    frames_per_second: float
    closed: bool
    speed: float

    @property
    def start(self) -> float:
        """The time of the first keyframe, in seconds."""
        return self.keyframes[0].time

    @property
    def duration(self) -> float:
        """Seconds from the first keyframe to the last."""
        return self.keyframes[-1].time - self.keyframes[0].time

    @property
    def period(self) -> float | None:
        """Seconds after which all comes round again; None on an open path."""
        return self.duration if self.closed else None

    def wrapped(self, time: float) -> float:
        """The moment of the path that ``time``, in seconds, is; on an open path that is ``time`` itself."""
        if not self.closed or self.start <= time < self.keyframes[-1].time:
            return time
        return self.start + (time - self.start) % self.duration

    @property
    def step(self) -> float:
        """Seconds of the path from one frame to the next."""
        return self.duration / len(self.frame_times()) if self.closed else self.speed / self.frames_per_second

    def eased(self, time: float) -> float:
        """Where a moment of the path, in seconds, is on it, after the easing of the keyframe before it."""
        index = bisect_right([keyframe.time for keyframe in self.keyframes], time) - 1
        if not 0 <= index < len(self.keyframes) - 1:
            return time
        start, end = self.keyframes[index : index + 2]
        if start.ease == USUAL_EASE or time == start.time:
            return time
        span = end.time - start.time
        return start.time + span * eased(start.ease, (time - start.time) / span)

    def frame_times(self) -> list[float]:
        """The moment of each frame, in seconds.

        An open path has a frame at its very start, and at its end if that falls on one. A closed path is
        divided evenly (to the nearest whole number of frames), and the one that would repeat the first is left out.
        """
        frames = self.duration * self.frames_per_second / self.speed
        if self.closed:
            count = max(1, round(frames))
            return [self.start + self.duration * k / count for k in range(count)]
        # The tolerance lets 0.3 s at 10 frames a second have its last frame although 0.3 * 10 < 3 in binary.
        rate = self.frames_per_second / self.speed
        return [self.start + k / rate for k in range(math.floor(frames + 1e-6) + 1)]

    def first_frames(self) -> Iterator[tuple[int, float]]:
        """The index of each keyframe that frames follow before the next one, and the moment of the first of these.

        What is held from key to key, such as a comparison, is there in these moments in all the ways that it ever is.
        """
        frames = self.frame_times()
        starts = [bisect_left(frames, keyframe.time) for keyframe in self.keyframes]
        for index, (first, following) in enumerate(zip(starts, [*starts[1:], len(frames)], strict=True)):
            if first < following:
                yield index, frames[first]


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
    return with_keyframe(others, keyframes[index].at(time))
