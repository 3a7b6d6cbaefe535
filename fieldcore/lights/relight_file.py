"""RelightLab's files, which are JSON: ``.dome`` (the lights of a dome) and ``.relight`` (a project with photos).

Coordinates are x right, y to the photo's top and z to the camera; positions are in centimetres from the middle of the
surface. A photo sees the direction from there to its light.
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import InputError
from .lp_file import Listed

_LISTS = {
    "directional": ("directions",),
    "spherical": ("positionsSphere", "directions"),
    "lights3d": ("positions3d", "directions"),
}
"""By the light configuration: where directions or positions are, the first that is there."""


def read_dome(text: str, path: str) -> Listed:
    """Lights alone, in the order of the photos. Raises InputError if there are none in it."""
    lights, notices = _lights(_object(text, path), path)
    return [], lights, notices, ""


def read_relight(text: str, path: str) -> Listed:
    """A project: its photos but those that it skips, and their lights. Raises InputError if they are not in it."""
    project = _object(text, path)
    images = [image for image in project.get("images", []) if isinstance(image, dict) and image.get("filename")]
    if not images:
        raise InputError(f"lights '{path}': expected photos in its entry 'images', got none; export an .lp instead")
    lights = _of_images(images)
    notices: list[str] = []
    if lights is None:
        lights, notices = _lights(project.get("dome", {}), path)
    if len(lights) != len(images):
        raise InputError(f"lights '{path}': it has {len(images)} photos and {len(lights)} lights; give an .lp instead")
    kept = [number for number, image in enumerate(images) if not image.get("skip")]
    names = [str(images[number]["filename"]) for number in kept]
    return names, [lights[number] for number in kept], notices, str(project.get("folder", ""))


def _of_images(images: list[dict[str, Any]]) -> list[list[float]] | None:
    """Lights that photos have themselves, as older projects do."""
    for name in ("direction", "position"):
        found = [_three(image.get(name)) for image in images]
        if all(light is not None for light in found):
            return [light for light in found if light is not None]
    return None


def _lights(dome: Any, path: str) -> tuple[list[list[float]], list[str]]:
    dome = dome if isinstance(dome, dict) else {}
    configuration = str(dome.get("lightConfiguration", "directional"))
    for name in (*_LISTS.get(configuration, ()), "directions", "positions3d", "positionsSphere", "lights"):
        entries = dome.get(name)
        if isinstance(entries, list) and entries:
            found = [_three(entry) for entry in entries]
            if any(light is None for light in found):
                raise InputError(f"lights '{path}': expected x, y and z in each of its '{name}'")
            notices = [] if name == "directions" else [f"lights '{path}': positions count from the surface's middle"]
            return [light for light in found if light is not None], notices
    raise InputError(f"lights '{path}': it has no light directions; find them in RelightLab first, or give an .lp")


def _object(text: str, path: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"lights '{path}': expected RelightLab's JSON ({error})") from error
    if not isinstance(found, dict):
        raise InputError(f"lights '{path}': expected a JSON object, got {type(found).__name__}")
    return found


def _three(entry: Any) -> list[float] | None:
    values = [entry.get(axis) for axis in "xyz"] if isinstance(entry, dict) else entry
    if not isinstance(values, list) or len(values) != 3:
        return None
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError):
        return None
