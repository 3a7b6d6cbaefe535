"""Where frames come from, before they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import UInt8

Frame = UInt8[np.ndarray, "h w 3"]


@dataclass
class FrameSource:
    """A video that was looked at, but not read.

    Attributes:
        size: (width, height) in pixels as it is shown: upright, pixels square.
        count: frames; of a film what its header promises.
        frames_per_second: how fast they follow one another.
        frames: gives the frames from one number up to another (None is the end), uint8 (height, width, 3).
        notices: what was assumed or left out, one clause each; more may come while frames are read.
    """

    size: tuple[int, int]
    count: int
    frames_per_second: float
    frames: Callable[[int, int | None], Iterator[Frame]]
    notices: list[str] = field(default_factory=list)
