"""Keyframes of a camera that was given frame by frame: as few as its path needs."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..path.path_file import AnyPath
from .camera import Camera

POSITION_SHARE = 2e-4
"""How far a camera may be off, as a share of how far its path reaches."""
ANGLE_DEG = 0.02
"""By how much it may look elsewhere, and its angle of view differ."""


def with_fewer_keys(path: AnyPath) -> AnyPath:
    """The path through some of its keyframes, at whose others the camera is within tolerances where these have it.

    Between two keyframes that are kept the one is added which the path misses by most, until none is missed.

    Args:
        path: of a scene with a camera, a keyframe a frame.
    """
    given = path.keyframes
    cameras = [path.at(keyframe.time).camera for keyframe in given]
    positions = np.array([camera.position for camera in cameras])
    reach = float(np.linalg.norm(positions.max(0) - positions.min(0)))
    kept = sorted({0, len(given) - 1})
    while True:
        sparse: AnyPath = replace(path, keyframes=tuple(given[index] for index in kept))
        missed = []
        for first, last in pairwise(kept):
            between = range(first + 1, last)
            far = [_miss(sparse.at(given[index].time).camera, cameras[index], reach) for index in between]
            if far and max(far) > 1:
                missed.append(between[int(np.argmax(far))])
        if not missed:
            return sparse
        kept = sorted({*kept, *missed})


def _miss(camera: Camera, wanted: Camera, reach: float) -> float:
    """How far a camera is off, in tolerances."""
    off = math.dist(camera.position, wanted.position)
    turned = math.degrees(float(np.abs(camera.axes - wanted.axes).max()))
    zoomed = abs(camera.fov_deg - wanted.fov_deg)
    return max(off / max(POSITION_SHARE * reach, 1e-9), turned / ANGLE_DEG, zoomed / ANGLE_DEG)
