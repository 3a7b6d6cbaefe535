"""Camera paths of nerfstudio, as its viewer writes them and ``ns-render camera-path`` takes them.

``camera_path`` has the camera of every frame, ``keyframes`` those that it was made from; matrices are written row by
row, from the camera's axes (x right, y up, z back) into a world whose z is up; angles of view are vertical degrees. Its
first viewer wrote the keyframes' matrices column by column, as texts, and when each is, as a share of the whole time,
in a text of properties. Files that other programs make for the viewer may have keyframes alone, some seconds apart, and
matrices row by row in these texts.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError

from ...path.entry_checks import number, shown
from .format import CameraFilm, CameraKey, PathFormat, key_of, pose_of

_HEIGHT = 1080
_FOV = 50.0
_SECONDS_A_KEY = 0.5
"""What its viewer takes where a file says nothing."""


def _recognises(document: dict[str, Any]) -> bool:
    return "camera_path" in document


def _read(document: dict[str, Any]) -> CameraFilm:
    frames = document["camera_path"]
    keyframes = document.get("keyframes")
    if not isinstance(frames, list) or not (frames or keyframes):
        raise InputError(f"camera_path: expected a list of frames, got {shown(frames)}")
    kind = document.get("camera_type", "perspective")
    if kind != "perspective":
        raise InputError(f"camera_type: only perspective cameras are rendered here, got {shown(kind)}")
    rate = number(document.get("fps", 24.0), "fps", 0.01, 1000.0)
    if not frames:
        return _of_keyframes(keyframes, document, rate)
    keys = tuple(_key(index / rate, frame, f"camera_path[{index}]") for index, frame in enumerate(frames))
    return CameraFilm(keys, rate, is_sampled=True)


def _of_keyframes(keyframes: Any, document: dict[str, Any], rate: float) -> CameraFilm:
    """What a file says that has no frames."""
    if not isinstance(keyframes, list):
        raise InputError(f"keyframes: expected a list, got {shown(keyframes)}")
    usual = number(document.get("default_transition_sec", _SECONDS_A_KEY), "default_transition_sec", 0.001)
    keys, time, shares = [], 0.0, _shares(keyframes)
    for index, keyframe in enumerate(keyframes):
        where = f"keyframes[{index}]"
        if not isinstance(keyframe, dict) or "matrix" not in keyframe:
            raise InputError(f"{where}: expected an object with matrix and fov, got {shown(keyframe)}")
        own = keyframe.get("override_transition_sec") if keyframe.get("override_transition_enabled") else None
        if shares:
            time = shares[index] * number(document.get("seconds", usual * (len(shares) - 1)), "seconds", 0.001)
        elif index:  # of a keyframe it is the time that leads to it
            time += usual if own is None else number(own, f"{where}.override_transition_sec", 0.001)
        pose = _keyframe_matrix(keyframe["matrix"], f"{where}.matrix")
        keys.append(key_of(time, pose, number(keyframe.get("fov", _FOV), f"{where}.fov"), where))
    return CameraFilm(tuple(keys), rate, document.get("is_cycle") is True and len(keys) > 1)


def _shares(keyframes: list[Any]) -> tuple[float, ...]:
    """When each keyframe is, from 0 on and as a share of the whole time, where all say so in their properties."""
    found = []
    for keyframe in keyframes:
        properties = keyframe.get("properties") if isinstance(keyframe, dict) else None
        try:
            time = dict(json.loads(properties or "[]")).get("TIME")
        except (TypeError, ValueError):
            return ()
        if isinstance(time, bool) or not isinstance(time, int | float):
            return ()
        found.append(float(time))
    return tuple(time - found[0] for time in found) if all(a < b for a, b in pairwise(found)) else ()


def _keyframe_matrix(value: Any, where: str) -> Float[np.ndarray, "4 4"]:
    if not isinstance(value, str):
        return _matrix(value, where)
    try:
        numbers = json.loads(value)
    except ValueError:
        numbers = None
    if not isinstance(numbers, list) or len(numbers) != 16:
        return _matrix(value, where)
    is_by_rows = numbers[12:] == [0, 0, 0, 1]
    return _matrix(numbers if is_by_rows else np.array(numbers, object).reshape(4, 4).T.tolist(), where)


def _key(time: float, frame: Any, where: str) -> CameraKey:
    if not isinstance(frame, dict) or "camera_to_world" not in frame:
        raise InputError(f"{where}: expected an object with camera_to_world and fov, got {shown(frame)}")
    pose = _matrix(frame["camera_to_world"], f"{where}.camera_to_world")
    return key_of(time, pose, number(frame.get("fov", _FOV), f"{where}.fov"), where)


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
            "matrix": pose_of(key.camera).reshape(-1).tolist(),
            "fov": key.camera.fov_deg,
            "aspect": film.aspect,
            "override_transition_enabled": True,
            "override_transition_sec": key.time - before.time,
        }
        for before, key in zip((film.keys[0], *film.keys), film.keys, strict=False)
    ]
    keyframes[0] |= {"override_transition_enabled": False, "override_transition_sec": None}
    frames = [
        {"camera_to_world": pose_of(camera).reshape(-1).tolist(), "fov": camera.fov_deg, "aspect": film.aspect}
        for camera in film.frames
    ]
    return {
        "default_fov": film.keys[0].camera.fov_deg,
        "default_transition_sec": film.seconds / max(1, len(film.keys) - 1) or _SECONDS_A_KEY,
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
