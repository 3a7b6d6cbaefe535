"""transforms.json, as instant-ngp, nerfstudio and the synthetic scenes of NeRF have it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ...errors import InputError
from ..description import Description, Distortion, Photograph, checked_camera
from ..picture_size import picture_size

_SUFFIXES = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", ".exr", ".webp", ".tif", ".tiff")
"""Tried where a frame's name has none."""

_UNREAD_LENSES = ("OPENCV_FISHEYE", "EQUIRECTANGULAR", "FISHEYE", "FISHEYE624", "ORTHOPHOTO")
_LENS_ENTRIES = ("fl_x", "fl_y", "camera_angle_x", "camera_angle_y", "cx", "cy", "w", "h", "k1", "k2", "k3", "k4")


class TransformsFormat:
    """Camera matrices from camera to world in OpenGL's axes, which are the house's."""

    name = "transforms"
    found_by = "transforms.json, or transforms_train.json"

    def find(self, path: Path) -> Path | None:
        """The file itself, or in a folder transforms.json, transforms_train.json or the only other transforms*.json."""
        if path.is_file():
            return path if path.suffix.lower() == ".json" else None
        for name in ("transforms.json", "transforms_train.json"):
            if (path / name).is_file():
                return path / name
        others = sorted(path.glob("transforms*.json"))
        if len(others) > 1:
            names = ", ".join(other.name for other in others)
            raise InputError(f"scene '{path}': it has several files of cameras, {names}; name the one to take")
        return others[0] if others else None

    def read(self, path: Path) -> Description:
        """The frames of the file, and those of transforms_test.json beside it as test views."""
        shown, missing = _frames(path, held_out=False)
        beside = path.with_name("transforms_test.json")
        if beside.is_file() and beside != path and path.stem in ("transforms", "transforms_train"):
            test, test_missing = _frames(beside, held_out=True)
            shown, missing = shown + test, missing + test_missing
        notices = []
        if missing:
            listed = len(shown) + len(missing)
            notices.append(
                f"scene '{path}': {len(missing)} of its {listed} pictures are not there "
                f"('{missing[0]}' is the first); the other {len(shown)} are used"
            )
        if not shown:
            raise InputError(f"scene '{path}': none of its {len(missing)} pictures is there, such as '{missing[0]}'")
        return Description(self.name, path, path.parent, _told_apart(shown), tuple(notices))


FORMAT = TransformsFormat()


def _frames(path: Path, held_out: bool) -> tuple[list[Photograph], list[str]]:
    """The photographs of a file, and the names of those whose pictures are not there."""
    content = _content(path)
    shown, missing = [], []
    for number, frame in enumerate(content["frames"]):
        where = f"scene '{path}', frame {number}"
        name = frame.get("file_path") if isinstance(frame, dict) else None
        if not isinstance(name, str) or not name:
            raise InputError(f"{where}: it has no file_path")
        picture = _located(path.parent, name)
        if picture is None:
            missing.append(name)
        else:
            shown.append(_photograph(f"{where} ('{name}')", path, content, frame, picture, held_out))
    return shown, missing


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"scene '{path}': it is no JSON ({error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list) or not content["frames"]:
        raise InputError(f"scene '{path}': it has no frames; expected a list of them, each with a transform_matrix")
    model = content.get("camera_model")
    if model in _UNREAD_LENSES:
        raise InputError(f"scene '{path}': cameras of the model {model} are not read; undistort the pictures first")
    return content


def _located(folder: Path, name: str) -> Path | None:
    """The file of a frame, whose name may lack its suffix."""
    path = folder / name.replace("\\", "/")
    candidates = (path, *(path.with_name(path.name + suffix) for suffix in _SUFFIXES))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _photograph(
    where: str, path: Path, content: dict[str, Any], frame: dict[str, Any], picture: Path, held_out: bool
) -> Photograph:
    numbers = _lens_numbers(where, {**content, **frame})
    size = picture_size(picture)
    width, height = (int(numbers.get(side, own)) for side, own in zip("wh", size, strict=True))
    principal = numbers.get("cx", width / 2), numbers.get("cy", height / 2)
    focal = _focal_lengths(where, numbers, width, height)
    camera = checked_camera(where, _matrix(where, frame), (width, height), focal, principal)
    mask = frame.get("mask_path")
    located = _located(path.parent, mask) if isinstance(mask, str) else None
    if isinstance(mask, str) and located is None:
        raise InputError(f"{where}: its mask '{mask}' is not there")
    distortion = Distortion(*(numbers.get(name, 0.0) for name in ("k1", "k2", "p1", "p2")))
    return Photograph(picture.stem, picture, camera, distortion, located, held_out)


def _lens_numbers(where: str, entries: dict[str, Any]) -> dict[str, float]:
    """What describes the lens, a frame's own before the file's."""
    numbers = {}
    for name in (*_LENS_ENTRIES, "p1", "p2"):
        value = entries.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{where}: its {name} is {value!r}; expected a number")
        numbers[name] = float(value)
    for name in ("k3", "k4"):
        if numbers.get(name):
            raise InputError(f"{where}: its lens has {name}, which is not read; undistort the pictures first")
    return numbers


def _focal_lengths(where: str, numbers: dict[str, float], width: int, height: int) -> tuple[float, float]:
    """In pixels, from themselves or from angles of view; of one alone pixels are square."""
    across, down = _focal_length(numbers, "x", width), _focal_length(numbers, "y", height)
    if across is None and down is None:
        raise InputError(f"{where}: it has no focal length; expected fl_x or camera_angle_x, in the file or the frame")
    across = down if across is None else across
    assert across is not None
    return across, across if down is None else down


def _focal_length(numbers: dict[str, float], axis: str, size: int) -> float | None:
    if f"fl_{axis}" in numbers:
        return numbers[f"fl_{axis}"]
    angle = numbers.get(f"camera_angle_{axis}")
    return None if angle is None or not 0 < angle < math.pi else size / 2 / math.tan(angle / 2)


def _matrix(where: str, frame: dict[str, Any]) -> torch.Tensor:
    try:
        matrix = torch.tensor(frame["transform_matrix"], dtype=torch.float64)
    except KeyError as error:
        raise InputError(f"{where}: it has no transform_matrix") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: its transform_matrix is no matrix of numbers") from error
    if tuple(matrix.shape) == (3, 4):
        matrix = torch.cat([matrix, torch.tensor([[0.0, 0.0, 0.0, 1.0]], dtype=torch.float64)])
    return matrix if matrix.ndim == 2 else matrix.reshape(1, -1)


def _told_apart(photographs: list[Photograph]) -> tuple[Photograph, ...]:
    """Photographs whose names differ: with their folder where the file's name is not enough."""
    names = [photograph.name for photograph in photographs]
    return tuple(
        replace(each, name=f"{each.path.parent.name}/{each.name}") if names.count(each.name) > 1 else each
        for each in photographs
    )
