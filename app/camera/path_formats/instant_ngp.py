"""Camera paths of instant-ngp, as its window writes them.

``path`` has keyframes: ``R``, a quaternion x, y, z, w, and ``T`` lead from the camera's axes (x right, y down, z
ahead) into the program's unit cube, into which it brings a scene by 0.33 p + 0.5, and whose x, y, z are the scene's
y, z, x. ``fov`` is vertical, in degrees. Times, which older versions do not write, are in seconds.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError

from ...path.entry_checks import number, numbers, shown
from .format import CameraFilm, CameraKey, PathFormat, key_of, pose_of

_SCALE, _OFFSET = 0.33, 0.5
_CYCLED = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
"""From the scene's axes to the unit cube's."""
_TURNED = np.diag([1.0, -1.0, -1.0])
"""Between a camera with y up and z back, and one with y down and z ahead."""
_SECONDS_A_KEY = 1.0
_RATE = 30.0


def _recognises(document: dict[str, Any]) -> bool:
    path = document.get("path")
    return isinstance(path, list) and bool(path) and isinstance(path[0], dict) and "R" in path[0]


def _read(document: dict[str, Any]) -> CameraFilm:
    listed = document["path"]
    poses = [_pose(key, f"path[{index}]") for index, key in enumerate(listed)]
    keys = []
    for index, (key, pose, time) in enumerate(zip(listed, poses, _times(listed, document), strict=True)):
        where = f"path[{index}]"
        keys.append(key_of(time, pose, number(key.get("fov"), f"{where}.fov"), where))
    closed = document.get("loop", False) is True and len(keys) > 1
    return CameraFilm(tuple(keys), _RATE, closed)


def _times(listed: list[dict[str, Any]], document: dict[str, Any]) -> list[float]:
    """When each key is: as the file says where that grows, else evenly."""
    given = [key.get("timestamp") for key in listed]
    stamps = [time for time in given if isinstance(time, float)]
    if len(stamps) == len(given) and all(a < b for a, b in pairwise(stamps)):
        return [time - stamps[0] for time in stamps]
    seconds = number(document.get("duration_seconds", (len(listed) - 1) * _SECONDS_A_KEY), "duration_seconds", 0.0)
    return [seconds * index / max(1, len(listed) - 1) for index in range(len(listed))]


def _pose(key: Any, where: str) -> Float[np.ndarray, "4 4"]:
    if not isinstance(key, dict) or not {"R", "T"} <= key.keys():
        raise InputError(f"{where}: expected an object with R, T and fov, got {shown(key)}")
    quaternion, place = np.array(numbers(key["R"], f"{where}.R", 4)), np.array(numbers(key["T"], f"{where}.T", 3))
    length = float(np.linalg.norm(quaternion))
    if length < 1e-6:
        raise InputError(f"{where}.R: expected a quaternion x, y, z, w, got {shown(key['R'])}")
    pose = np.eye(4)
    pose[:3, :3] = _CYCLED.T @ _rotation(quaternion / length) @ _TURNED
    pose[:3, 3] = (_CYCLED.T @ place - _OFFSET) / _SCALE
    return pose


def _rotation(quaternion: Float[np.ndarray, "4"]) -> Float[np.ndarray, "3 3"]:
    from scipy.spatial.transform import Rotation

    matrix: Float[np.ndarray, "3 3"] = Rotation.from_quat(quaternion).as_matrix()
    return matrix


def _key(key: CameraKey) -> dict[str, Any]:
    from scipy.spatial.transform import Rotation

    pose = pose_of(key.camera)
    rotation = _CYCLED @ pose[:3, :3] @ _TURNED
    return {
        "R": Rotation.from_matrix(rotation).as_quat().tolist(),
        "T": (_CYCLED @ (_SCALE * pose[:3, 3] + _OFFSET)).tolist(),
        "slice": 0.0,
        "scale": 1.0,
        "fov": key.camera.fov_deg,
        "aperture_size": 0.0,
        "glow_mode": 0,
        "glow_y_cutoff": 0.0,
        "timestamp": key.time,
    }


def _written(film: CameraFilm) -> dict[str, Any]:
    path = [_key(key) for key in film.keys]
    return {"time": 0.0, "loop": film.closed, "duration_seconds": film.seconds, "path": path}


INSTANT_NGP = PathFormat("instant-ngp", _recognises, _read, _written)
