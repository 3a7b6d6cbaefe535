"""Time as a video's third coordinate: from seconds and frames to domain units.

A video's whole duration is [-1, 1], as a picture's longer side is: frame ``i`` of ``N`` has its centre at
``(2i + 1)/N - 1``. A filter's third axis is therefore in squared halves of the duration; one second is ``2 / duration``
domain units.
"""

from __future__ import annotations

import math
import re

from .errors import InputError
from .signals.signal import SignalFacts


def time_of_seconds(seconds: float | int, facts: SignalFacts) -> float:
    """The coordinate of a moment, counted from the beginning of the first frame.

    Args:
        seconds: since then.
        facts: of the video, or of a field of it.

    Raises:
        InputError: the signal has no time.

    Example:
        >>> import numpy as np
        >>> from fieldcore import Video
        >>> video = Video(np.zeros((50, 4, 6, 3), np.uint8), frames_per_second=25)
        >>> time_of_seconds(0.5, video.facts)
        -0.5
    """
    return 2 * seconds / _duration(facts) - 1


def time_of_frame(frame: float | int, facts: SignalFacts) -> float:
    """The coordinate of the centre of a frame, counted from 0; 0.5 is the border between the first two.

    Raises InputError if the signal has no time.

    Example:
        >>> import numpy as np
        >>> from fieldcore import Video
        >>> time_of_frame(0, Video(np.zeros((4, 4, 6, 3), np.uint8)).facts)
        -0.75
    """
    _duration(facts)
    return (2 * frame + 1) / facts.resolution[-1] - 1


def variance_of_seconds(deviation_seconds: float | int, facts: SignalFacts) -> float:
    """The variance along time of a Gaussian with this standard deviation, in squared domain units.

    Raises InputError if the signal has no time.

    Example:
        Smoothed along time alone, by a twenty-fifth of a second:

        >>> import numpy as np
        >>> from fieldcore import Gaussian, Video
        >>> video = Video(np.zeros((50, 4, 6, 3), np.uint8), frames_per_second=25)
        >>> variance = variance_of_seconds(0.04, video.facts)
        >>> variance, Gaussian(np.diag([0.0, 0.0, variance])).covariance(3).shape
        (0.0016, torch.Size([3, 3]))
    """
    return (2 * deviation_seconds / _duration(facts)) ** 2


def parse_time(text: str, facts: SignalFacts) -> float:
    """The coordinate that a person means: ``0.5s`` (seconds), ``12f`` (the centre of frame 12), or the coordinate.

    Raises:
        InputError: it is none of these, lies outside of the video, or the signal has no time.

    Example:
        >>> import numpy as np
        >>> from fieldcore import Video
        >>> facts = Video(np.zeros((50, 4, 6, 3), np.uint8), frames_per_second=25).facts
        >>> [parse_time(text, facts) for text in ("0.5s", "0f", "0.25")]
        [-0.5, -0.98, 0.25]
    """
    seconds = _duration(facts)
    found = re.fullmatch(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([sf]?)\s*", text, re.IGNORECASE)
    if found is None:
        raise InputError(f"time: expected seconds as 0.5s, a frame as 12f, or from -1 to 1, got '{text}'")
    number, unit = float(found[1]), found[2].lower()
    time = {"s": time_of_seconds, "f": time_of_frame, "": lambda value, _: value}[unit](number, facts)
    if not -1 <= time <= 1:
        last = facts.resolution[-1] - 1
        raise InputError(f"time: '{text}' is not in the video, which lasts {seconds:.4g}s (frames 0f to {last}f)")
    return time


def mirrored_seconds(seconds: float | int, facts: SignalFacts) -> float:
    """The coordinate of a moment in seconds; outside of the video it is mirrored, as the video itself is.

    Raises:
        InputError: the signal has no time, or no number is given.
    """
    if not math.isfinite(seconds):
        raise InputError(f"time: expected a finite number of seconds, got {seconds}")
    turn = (time_of_seconds(seconds, facts) + 1) % 4
    return 1 - abs(turn - 2)


def parse_frames(text: str, facts: SignalFacts) -> range:
    """Numbers of frames, from 0: ``10:20`` from 10 up to 20, ``:20``, ``10:`` or ``:`` for all.

    Raises:
        InputError: it is none of these, no frame is left, or the signal has no time.
    """
    _duration(facts)
    count = facts.resolution[-1]
    found = re.fullmatch(r"\s*(\d*)\s*:\s*(\d*)\s*", text)
    if found is None:
        raise InputError(f"frames: expected FROM:TO such as 0:120, got '{text}'")
    start, stop = int(found[1] or 0), int(found[2] or count)
    if not 0 <= start < stop <= count:
        raise InputError(f"frames: expected some of 0:{count}, got '{text}'")
    return range(start, stop)


def _duration(facts: SignalFacts) -> float:
    if not facts.has_time:
        raise InputError(f"time: '{facts.name}' has none; expected a video")
    return facts.duration_seconds
