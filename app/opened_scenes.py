"""Which scenes the files on a command line open, found without reading more of them than their beginning."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.images import SUFFIXES as PICTURE_SUFFIXES

from .scene import SceneName
from .scene_names import ALL, TITLES
from .setting import Setting

FIELD_SUFFIX, PATH_SUFFIX = ".safetensors", ".json"

_LONGEST_HEADER = 1 << 26  # bytes


def opened_scenes(sources: Sequence[str]) -> tuple[SceneName, ...]:
    """The scenes that a session shows these files in, the first one's first; all where a file does not say.

    Without any the fields that are shipped are opened, which are of pictures. A mesh is a shape beside a field of one,
    else it is flown past; a picture or a field beside that is its texture.
    """
    fields = {source: _signal_type(Path(source)) for source in sources if _suffix(source) == FIELD_SUFFIX}
    meshes: SceneName = "shape" if "shape" in fields.values() else "textured_mesh"
    is_flown = meshes == "textured_mesh" and any(map(_is_mesh, sources))
    scenes = [_scene(source, fields, meshes, is_flown) for source in sources] or ["picture"]
    if None in scenes:
        return ALL
    return tuple(scene for scene in dict.fromkeys(scenes) if scene is not None)


def refuse_other_scenes(settings: Iterable[Setting], sources: Sequence[str]) -> None:
    """Raise InputError if a setting was given that none of the scenes has that these files open."""
    scenes = opened_scenes(sources)
    for setting in settings:
        if not set(scenes).intersection(setting.scenes):
            where, opened = _listed(setting.scenes), _listed(scenes)
            what = f"'{sources[0]}'" if len(sources) == 1 else "what is given" if sources else "what is shipped"
            raise InputError(f"--{setting.name}: goes with the scene {where}, and {what} opens {opened}; leave it out")


def _listed(scenes: Collection[SceneName]) -> str:
    return " or ".join(f"'{TITLES[scene]}'" for scene in scenes)


def _scene(source: str, fields: dict[str, str | None], meshes: SceneName, is_flown: bool) -> SceneName | None:
    if _suffix(source) == PATH_SUFFIX:
        scene = _json(Path(source)).get("scene")
        return scene if scene in ALL else None
    if _is_mesh(source):
        return meshes
    beside: SceneName = "textured_mesh" if is_flown else "picture"
    if source not in fields:
        return "picture" if _is_sample(source) else beside
    scenes: dict[str | None, SceneName | None] = {None: None, "shape": "shape", "texture": beside}
    return scenes.get(fields[source], "picture")


def _is_mesh(source: str) -> bool:
    return _suffix(source) not in (FIELD_SUFFIX, PATH_SUFFIX, *PICTURE_SUFFIXES) and not _is_sample(source)


def _is_sample(source: str) -> bool:
    return source.startswith("sample:")


def _suffix(source: str) -> str:
    return Path(source).suffix.lower()


def _signal_type(field: Path) -> str | None:
    """What a field was trained on, from the beginning of its file; None where that cannot be read."""
    try:
        with field.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= _LONGEST_HEADER else {}
        return str(json.loads(header["__metadata__"]["fieldscope"])["signal"]["type"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
