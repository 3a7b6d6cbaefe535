"""Camera paths of other programs, read into keyframes of a scene and written from them."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.files import written_whole

from ..entries import Controls
from ..path.keyframes import KeyframePath
from ..path.path_file import AnyPath, check_length, json_of
from ..path.timeline import Keyframe
from .camera import Camera
from .path_formats import FORMATS, CameraFilm, CameraKey, PathFormat
from .path_formats.format import MOST_ROLL_DEG, most_roll_deg
from .sparse_keys import with_fewer_keys

_NAMES = tuple(entry.name for entry in fields(Camera))


def foreign_format(file: Path) -> PathFormat | None:
    """The format of another program's camera path; None where a file is none of these, or cannot be read."""
    try:
        document = json_of(file)
    except InputError:
        return None
    if not isinstance(document, dict) or "format" in document:
        return None
    return next((each for each in FORMATS.values() if each.recognises(document)), None)


def read_foreign(file: Path, still: Controls) -> tuple[AnyPath, str]:
    """A camera path of another program, for a scene; one that is given frame by frame has few keyframes.

    Args:
        file: of one of the formats.
        still: what the scene shows all along.

    Returns:
        the path, and what is to be said of it; empty where that is nothing.

    Raises:
        InputError: the scene has no camera, or the file is damaged; the message names the entry.
    """
    found = foreign_format(file)
    assert found is not None
    what = f"path '{file}', of {found.name}"
    if not hasattr(still, "camera"):
        raise InputError(f"{what}: it moves a camera, which this scene has none of; show a shape, a model or a scene")
    try:
        film = found.read(json_of(file))
        keyframes = [_keyframe(key) for key in film.keys]
        if film.closed:
            span = film.keys[-1].time / (len(film.keys) - 1)
            keyframes.append(keyframes[0].at(film.keys[-1].time + span))
        path: AnyPath = KeyframePath(still, tuple(keyframes), film.frames_per_second, film.closed)
        check_length(path)
        path = with_fewer_keys(path) if film.is_sampled else path
    except InputError as error:
        raise InputError(f"{what}: {error}") from error
    roll = most_roll_deg(film.keys)
    tilted = f"its cameras are tilted by up to {roll:.0f} degrees; here they stand upright"
    return path, tilted if roll > MOST_ROLL_DEG else ""


def write_foreign(file: Path, path: AnyPath, name: str, aspect: float = 16 / 9) -> None:
    """Write what the camera of a path does, as another program takes it.

    Args:
        file: whole or not at all.
        path: of a scene with a camera.
        name: of the format.
        aspect: of the frames, width by height.

    Raises:
        InputError: the scene has no camera, there is no such format, or the file cannot be written.
    """
    if name not in FORMATS:
        raise InputError(f"--to: expected one of {', '.join(FORMATS)}, got '{name}'")
    if not hasattr(path.still, "camera"):
        raise InputError(f"a path of this scene moves no camera, and so nothing can be written for {name}")
    frames = tuple(path.at(time).camera for time in path.frame_times())
    kept = path.keyframes[:-1] if path.closed else path.keyframes
    keys = tuple(CameraKey((k.time - path.start) / path.speed, path.at(k.time).camera) for k in kept)
    seconds = path.duration / path.speed
    film = CameraFilm(keys, path.frames_per_second, path.closed, seconds, aspect, frames)
    with written_whole(file) as temporary:
        temporary.write_text(json.dumps(FORMATS[name].written(film), indent=1) + "\n", encoding="utf-8")


def _keyframe(key: CameraKey) -> Keyframe:
    values: dict[str, Any] = {name: getattr(key.camera, name) for name in _NAMES}
    return Keyframe(key.time, "through", **values)
