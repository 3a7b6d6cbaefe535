"""Camera paths of nerfstudio, as its viewer writes them and ``ns-render camera-path`` takes them.

``camera_path`` has the camera of every frame, ``keyframes`` those that it was made from; matrices are written row by
row, from the camera's axes (x right, y up, z back) into a world whose z is up; angles of view are vertical degrees.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError

from ...path.entry_checks import number, shown
from .format import CameraFilm, CameraKey, PathFormat, key_of, pose_of

_HEIGHT = 1080


def _recognises(document: dict[str, Any]) -> bool:
    return "camera_path" in document


def _read(document: dict[str, Any]) -> CameraFilm:
    frames = document["camera_path"]
    if not isinstance(frames, list) or not frames:
        raise InputError(f"camera_path: expected a list of frames, got {shown(frames)}")
    kind = document.get("camera_type", "perspective")
    if kind != "perspective":
        raise InputError(f"camera_type: only perspective cameras are rendered here, got {shown(kind)}")
    rate = number(document.get("fps", 24.0), "fps", 0.01, 1000.0)
    keys = tuple(_key(index / rate, frame, f"camera_path[{index}]") for index, frame in enumerate(frames))
    return CameraFilm(keys, rate, is_sampled=True)


def _key(time: float, frame: Any, where: str) -> CameraKey:
    if not isinstance(frame, dict) or "camera_to_world" not in frame:
        raise InputError(f"{where}: expected an object with camera_to_world and fov, got {shown(frame)}")
    pose = _matrix(frame["camera_to_world"], f"{where}.camera_to_world")
    return key_of(time, pose, number(frame.get("fov", 50.0), f"{where}.fov"), where)


def _matrix(value: Any, where: str) -> Float[np.ndarray, "4 4"]:
    try:
        matrix = np.array(value, np.float64).reshape(-1)
    except (TypeError, ValueError):
        matrix = np.zeros(0)
    if len(matrix) not in (12, 16) or not np.isfinite(matrix).all():
        raise InputError(f"{where}: expected 16 numbers, a matrix row by row, got {shown(value)}")
    return np.vstack([matrix[:12].reshape(3, 4), [0, 0, 0, 1]])


def _written(film: CameraFilm) -> dict[str, Any]:
    keyframes = [
        {
            "matrix": json.dumps(pose_of(key.camera).T.reshape(-1).tolist()),  # column by column, as its viewer has it
            "fov": key.camera.fov_deg,
            "aspect": film.aspect,
            "properties": json.dumps([["FOV", key.camera.fov_deg], ["NAME", f"Camera {number}"], ["TIME", key.time]]),
        }
        for number, key in enumerate(film.keys)
    ]
    frames = [
        {"camera_to_world": pose_of(camera).reshape(-1).tolist(), "fov": camera.fov_deg, "aspect": film.aspect}
        for camera in film.frames
    ]
    return {
        "keyframes": keyframes,
        "camera_type": "perspective",
        "render_height": _HEIGHT,
        "render_width": round(_HEIGHT * film.aspect),
        "camera_path": frames,
        "fps": film.frames_per_second,
        "seconds": film.seconds,
        "smoothness_value": 0.5,
        "is_cycle": film.closed,
        "crop": None,
    }


NERFSTUDIO = PathFormat("nerfstudio", _recognises, _read, _written)
