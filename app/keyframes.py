"""Keyframes: what a scene shows at chosen moments; motion.py tells what it shows between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from .controls import Covariance, Point


@dataclass(frozen=True)
class Keyframe:
    """What is keyed at one moment.

    Where ``covariance`` is None the filter is not keyed and runs on; so does the view where both ``center`` and
    ``zoom`` are None. Where only one of these two is, it keeps its value of the keyframe before.

    Attributes:
        time: seconds.
        covariance: the filter, as xx, xy, yy.
        center: the domain point in the middle of the frame.
        zoom: 1 fits the whole picture into the frame.
    """

    time: float
    covariance: Covariance | None = None
    center: Point | None = None
    zoom: float | None = None


@dataclass(frozen=True)
class KeyframePath:
    """What a scene shows over time; ``path_file`` reads and writes it.

    Attributes:
        field: path of the field shown.
        keyframes: in order of time.
        frames_per_second: of the frames rendered along it.
        closed: whether the last keyframe is the first one come round again.
        caption: whether the filter is written and drawn in the corner.
    """

    field: Path
    keyframes: tuple[Keyframe, ...]
    frames_per_second: float = 30.0
    closed: bool = False
    caption: bool = True

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
