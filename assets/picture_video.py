"""Makes ``assets/picture_video.json`` again: ``python -m assets.picture_video`` (a moment).

The film of the scale-space publication, with the shipped photograph: the field beside the truth while the filter grows,
becomes a streak, turns once and shrinks again, with the spectra of both and the isolines of the filter; 781 frames.

    fieldscope --render-path assets/picture_video.json --out frames --video film.mp4 --size 1152x512
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from app.covariance import Covariance
from app.path.keyframes import KeyframePath
from app.path.path_file import write_path
from app.path.timeline import Keyframe
from app.scenes.picture.controls import Controls

FOLDER = Path(__file__).parent

_FRAMES_PER_SECOND = 60.0
_KEYS = np.array(
    [
        [0, 0, -7, -7], [240, 0, -1, -1], [300, 0, -4, -1], [420, 0.25, -4, -1], [540, 0.5, -4, -2],
        [660, 0.75, -7, -2], [780, 1, -7, -7],
    ]
)  # fmt: skip
"""Frame; turns of the filter, and log10 of its variances, which move on straight lines."""

_EVERY = 15
"""Frames from one keyframe to the next. Between two the matrix logarithm moves straight, which over few frames is
nearly a turn."""


def _covariance(frame: int) -> Covariance:
    turns, first, second = (float(np.interp(frame, _KEYS[:, 0], column)) for column in _KEYS[:, 1:].T)
    cos, sin, one, other = math.cos(2 * math.pi * turns), math.sin(2 * math.pi * turns), 10**first, 10**second
    covariance = one * cos * cos + other * sin * sin, (one - other) * cos * sin, one * sin * sin + other * cos * cos
    return tuple(float(f"{entry:.6g}") for entry in covariance)


def main() -> None:
    """Write the path."""
    shown = {"layout": "beside", "left": "field", "right": "truth"}
    keyframes = tuple(
        Keyframe(frame / _FRAMES_PER_SECOND, covariance=_covariance(frame), **(shown if frame == 0 else {}))
        for frame in range(0, int(_KEYS[-1, 0]) + 1, _EVERY)
    )
    still = Controls(field=str(FOLDER / "pyramid.safetensors"), truth="sample:astronaut", insets="spectrum,filter")
    write_path(FOLDER / "picture_video.json", KeyframePath(still, keyframes, _FRAMES_PER_SECOND))


if __name__ == "__main__":
    main()
