"""Which scenes open which files, found without reading more of them than their beginning."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError

from .scene import Scene, SceneName
from .scene_names import ALL, TITLES, scene_named
from .scenes import SCENES
from .setting import Setting

FIELD_SUFFIX, PATH_SUFFIX = ".safetensors", ".json"

_LONGEST_HEADER = 1 << 26  # bytes


def opened_scenes(sources: Sequence[str], settings: Iterable[Setting] = ()) -> tuple[SceneName, ...]:
    """The scenes that a session shows these files in, the first one's first; all where a file does not say.

    Without any the fields that are shipped are opened, which are of pictures. A mesh is a shape beside a field of one,
    else it is flown past; a picture or a field beside that is its texture. Of several scenes that open a file, settings
    that only one of them has say which.
    """
    meant = _meant(settings)
    found = [_scene(source, sources, meant) for source in sources] or [SCENES[0] if meant is None else meant]
    if None in found:
        return ALL
    return tuple(dict.fromkeys(scene.name for scene in found if scene is not None))


def opening_scene(source: str, beside: Sequence[str], shown: SceneName | None = None) -> Scene | None:
    """The scene that opens a file that is no field and no path; None where none does.

    Args:
        source: the file.
        beside: all files that are opened together.
        shown: the scene that is shown, if one is.
    """
    able = [scene for scene in SCENES if scene.can_open(source)]
    fields = {_signal_and_kind(Path(other)) for other in beside if is_field(other)}
    types = {signal for signal, _ in fields}
    for scene in able:
        if types.intersection((*scene.signals, *scene.signals_beside)) or fields.intersection(scene.own_kinds):
            return scene
    return next((scene for scene in able if scene.name == shown), able[0] if able else None)


def taken_beside(source: str, beside: Sequence[str], shown: SceneName | None = None) -> Scene | None:
    """The scene that takes a file for something else that is opened with it, such as a model for its texture."""
    for scene in SCENES:
        suffix = Path(source).suffix.lower()
        if suffix in scene.suffixes_beside and any(opening_scene(o, beside, shown) is scene for o in plain(beside)):
            return scene
    return None


def showing_scene(signal: str | None, near: Collection[SceneName | None] = (), kind: str = "") -> Scene:
    """The scene that shows fields of a kind and a type of signal; ``near`` are those shown or opened with them."""
    for scene in SCENES:
        if scene.name in near and (signal, kind) in scene.kinds:
            return scene
    for scene in SCENES:
        takes = signal in scene.signals_beside and scene.name in near
        if signal in scene.signals or (signal, kind) in scene.own_kinds or takes:
            return scene
    return SCENES[0]


def scene_of_field(field: Path) -> Scene:
    """The scene that shows a field. Raises InputError if it cannot be read."""
    signal, kind = _signal_and_kind(field)
    if signal is None:
        raise InputError(f"'{field}': is no field that can be read; give a .safetensors file")
    return showing_scene(signal, (), kind)


def is_field(source: str) -> bool:
    """Whether a file is a field, by its name."""
    return Path(source).suffix.lower() == FIELD_SUFFIX


def is_path(source: str) -> bool:
    """Whether a file is a path, by its name."""
    return Path(source).suffix.lower() == PATH_SUFFIX


def refuse_unopened(source: str) -> InputError:
    """What is said of a file that no scene opens."""
    *others, last = [*filter(None, (scene.opens for scene in SCENES)), "a field (.safetensors)", "a path (.json)"]
    return InputError(f"'{Path(source).name}' cannot be opened: give {', '.join(others)} or {last}")


def refuse_other_scenes(settings: Iterable[Setting], sources: Sequence[str]) -> None:
    """Raise InputError if a setting was given that none of the scenes has that these files open."""
    settings = tuple(settings)
    scenes = opened_scenes(sources, settings)
    for setting in settings:
        if not set(scenes).intersection(setting.scenes):
            where, opened = _listed(setting.scenes), _listed(scenes)
            what = f"'{sources[0]}'" if len(sources) == 1 else "what is given" if sources else "what is shipped"
            raise InputError(f"--{setting.name}: goes with the scene {where}, and {what} opens {opened}; leave it out")


def _listed(scenes: Collection[SceneName]) -> str:
    return " or ".join(f"'{TITLES[scene]}'" for scene in scenes)


def plain(sources: Sequence[str]) -> list[str]:
    """Those that are neither fields nor paths."""
    return [source for source in sources if not is_field(source) and not is_path(source)]


def _meant(settings: Iterable[Setting]) -> Scene | None:
    """The scene that has settings which no other has."""
    return next((scene_named(setting.scenes[0]) for setting in settings if len(setting.scenes) == 1), None)


def _scene(source: str, beside: Sequence[str], meant: Scene | None) -> Scene | None:
    if is_path(source):
        name = _json(Path(source)).get("scene")
        return scene_named(name) if name in ALL else None
    shown = None if meant is None else meant.name
    opened = [scene for other in plain(beside) if (scene := opening_scene(other, beside, shown)) is not None]
    if is_field(source):
        signal, kind = _signal_and_kind(Path(source))
        near = [shown, *(scene.name for scene in opened)]
        if near == [None] and len(beside) == 1 and not any((signal, kind) in scene.own_kinds for scene in SCENES):
            near += [scene.name for scene in SCENES if (signal, kind) in scene.kinds]
        return None if signal is None else showing_scene(signal, near, kind)
    return taken_beside(source, beside) or opening_scene(source, beside, shown)


def _signal_and_kind(field: Path) -> tuple[str | None, str]:
    """What a field was trained on, and its kind, from the beginning of its file; None where that cannot be read."""
    try:
        with field.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= _LONGEST_HEADER else {}
        said = json.loads(header["__metadata__"]["fieldscope"])
        return str(said["signal"]["type"]), str(said.get("kind", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, ""


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
