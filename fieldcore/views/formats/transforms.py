"""transforms.json, as instant-ngp, nerfstudio and the synthetic scenes of NeRF have it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import InputError
from ..description import Description, Distortion, Lens, Photograph, photograph_of, present
from ..picture_header import picture_header
from ..written import WrittenScene, WrittenView, without_skew, write_pictures

_SUFFIXES = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", ".exr", ".webp", ".tif", ".tiff")
"""Tried where a frame's name has none."""

_READ_LENSES = ("PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE", "SIMPLE_RADIAL", "RADIAL", "OPENCV")
_DISTORTION = ("k1", "k2", "p1", "p2")
_UNREAD_DISTORTION = ("k3", "k4", "k5", "k6")
_LARGEST = 1e30
_LONG = 60
"""Characters of a value that are shown in messages."""
_NUMBERS = (
    *("fl_x", "fl_y", "camera_angle_x", "camera_angle_y", "cx", "cy", "w", "h"),
    *_DISTORTION,
    *_UNREAD_DISTORTION,
)


class TransformsFormat:
    """Camera matrices from camera to world in OpenGL's axes, which are the house's."""

    name = "transforms"
    found_by = "transforms.json or transforms_train.json"

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
        shown, notices = present(f"scene '{path}'", _frames(path))
        beside = path.with_name("transforms_test.json")
        if path.stem in ("transforms", "transforms_train") and beside.is_file():
            test, test_notices = present(f"scene '{beside}'", _frames(beside))
            shown += [replace(each, held_out=True) for each in test]
            notices += test_notices
        return Description(self.name, path, path.parent, tuple(shown), notices)

    def write(self, folder: Path, scene: WrittenScene) -> None:
        """Write images/ and transforms.json; of test views test/ and transforms_test.json."""
        for pictures, file, held_out in (("images", "transforms", False), ("test", "transforms_test", True)):
            views = [view for view in scene.views if view.held_out == held_out]
            if views:
                write_pictures(folder / pictures, views, scene.has_masks)
                frames = [_frame(self.name, f"{pictures}/{view.name}.png", view) for view in views]
                content = json.dumps(_shared(frames), indent=1)
                (folder / f"{file}.json").write_text(content + "\n", "utf-8")


FORMAT = TransformsFormat()


def _frames(path: Path) -> list[tuple[str, Photograph | None]]:
    """Of each frame the name of its picture, and the photograph, None where that is not there."""
    content = _content(path)
    frames: list[tuple[str, Photograph | None]] = []
    for number, frame in enumerate(content["frames"]):
        where = f"scene '{path}', frame {number}"
        name = frame.get("file_path") if isinstance(frame, dict) else None
        if not isinstance(name, str) or not name:
            raise InputError(f"{where}: it has no file_path; expected the name of a picture")
        picture = _located(path.parent, name)
        there = None if picture is None else _photograph(f"{where} ('{name}')", path, content, frame, picture)
        frames.append((name, there))
    return frames


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(f"scene '{path}': it is no JSON from line {error.lineno} on; write it again") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"scene '{path}': it is no JSON; write it again") from error
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list) or not content["frames"]:
        raise InputError(f"scene '{path}': it has no frames; expected a list of them, each with a transform_matrix")
    return content


def _check_model(where: str, entries: dict[str, Any]) -> None:
    model = "fisheye" if entries.get("is_fisheye") is True else entries.get("camera_model")
    if model is not None and model not in _READ_LENSES:
        known = ", ".join(_READ_LENSES)
        raise InputError(f"{where}: cameras of the model {model} are not read, only {known}; undistort the pictures")


def _located(folder: Path, name: str) -> Path | None:
    """The file of a frame, whose name may lack its suffix, or have folders of another machine before it."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part]
    for shorter in dict.fromkeys((name, "/".join(parts[-2:]), "/".join(parts[-1:]))):
        path = folder / (shorter or "nothing")
        candidates = (path, *(path.with_name(path.name + suffix) for suffix in _SUFFIXES))
        found = next((candidate for candidate in candidates if candidate.is_file()), None)
        if found is not None:
            return found
    return None


def _photograph(where: str, path: Path, content: dict[str, Any], frame: dict[str, Any], picture: Path) -> Photograph:
    _check_model(where, {**content, **frame})
    numbers = _lens_numbers(where, {**content, **frame})
    mask = frame.get("mask_path")
    located = _located(path.parent, mask) if isinstance(mask, str) else None
    if mask is not None and located is None:
        raise InputError(f"{where}: its mask '{mask}' is not there")
    pose = _matrix(where, frame)
    size = (int(numbers["w"]), int(numbers["h"])) if "w" in numbers and "h" in numbers else None
    if size is not None and min(size) < 1:
        raise InputError(f"{where}: its w and h are {size[0]} and {size[1]}; expected numbers of pixels")
    width, height = size or picture_header(picture).stored
    lens = Lens(
        _focal_lengths(where, numbers, width, height),
        (numbers.get("cx", width / 2), numbers.get("cy", height / 2)),
        size,
        distortion=Distortion(*(numbers.get(name, 0.0) for name in _DISTORTION)),
    )
    return replace(photograph_of(where, picture, pose, lens), mask=located)


def _lens_numbers(where: str, entries: dict[str, Any]) -> dict[str, float]:
    """What describes the lens, a frame's own before the file's."""
    numbers = {}
    for name in _NUMBERS:
        value = entries.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
            raise InputError(f"{where}: its {name} is {_shortened(value)}; expected a number")
        numbers[name] = float(value)
    for name in _UNREAD_DISTORTION:
        if numbers.get(name):
            raise InputError(f"{where}: its lens has {name}, which is not read; undistort the pictures first")
    return numbers


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) < _LONG else f"{text[:_LONG]}..."


def _focal_lengths(where: str, numbers: dict[str, float], width: int, height: int) -> tuple[float, float]:
    """In pixels, from themselves or from angles of view; of one alone pixels are square."""
    across, down = _focal_length(where, numbers, "x", width), _focal_length(where, numbers, "y", height)
    if across is None and down is None:
        raise InputError(f"{where}: it has no focal length; expected fl_x or camera_angle_x, in the file or the frame")
    across = down if across is None else across
    assert across is not None
    return across, across if down is None else down


def _focal_length(where: str, numbers: dict[str, float], axis: str, size: int) -> float | None:
    if f"fl_{axis}" in numbers:
        return numbers[f"fl_{axis}"]
    angle = numbers.get(f"camera_angle_{axis}")
    if angle is None:
        return None
    if not 0 < angle < math.pi:
        raise InputError(f"{where}: its camera_angle_{axis} is {angle:g}; expected radians, from 0 to pi")
    return size / 2 / math.tan(angle / 2)


def _matrix(where: str, frame: dict[str, Any]) -> Tensor:
    try:
        matrix = torch.tensor(frame["transform_matrix"], dtype=torch.float64)
    except KeyError as error:
        raise InputError(f"{where}: it has no transform_matrix") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: its transform_matrix is no matrix of numbers; expected 4 rows of 4") from error
    if tuple(matrix.shape) == (3, 4):
        matrix = torch.cat([matrix, torch.tensor([[0.0, 0.0, 0.0, 1.0]], dtype=torch.float64)])
    return matrix if matrix.ndim == 2 else matrix.reshape(1, -1)


def _frame(format_name: str, file_path: str, view: WrittenView) -> dict[str, Any]:
    camera = without_skew(format_name, view)
    return {
        "file_path": file_path,
        "fl_x": camera.fx,
        "fl_y": camera.fy,
        "cx": camera.cx,
        "cy": camera.cy,
        "w": camera.width,
        "h": camera.height,
        "transform_matrix": camera.world_from_camera.tolist(),
    }


def _shared(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Frames, and what is the same in all of them said once."""
    first = frames[0]
    of_all = {
        name: value
        for name, value in first.items()
        if name in _NUMBERS and all(frame[name] == value for frame in frames)
    }
    own = [{name: value for name, value in frame.items() if name not in of_all} for frame in frames]
    return {"camera_model": "PINHOLE", **of_all, "frames": own}
