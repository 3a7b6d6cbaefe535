"""What a session leaves open and shown, for the next one to go on with: a versioned JSON beside the layout's."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.files import written_whole

from .compare import Compare
from .entries import Controls, entries_of, with_values
from .layout_file import layout_file
from .path.former import without_former
from .scene import SceneName
from .scenes import SCENES

FORMAT = "fieldscope-session"
VERSION = 1


@dataclass(frozen=True)
class LeftScene:
    """What a scene was left with.

    Attributes:
        files: what was open in it, in order.
        controls: what it showed, with all the files that a path of it names.
    """

    files: tuple[str, ...]
    controls: Controls


@dataclass(frozen=True)
class LeftSession:
    """The scene that was shown, and all scenes in which something was open."""

    scene: SceneName
    scenes: dict[SceneName, LeftScene]


def session_file() -> Path:
    """Where it is kept. Raises RuntimeError if there is no home folder."""
    return layout_file().with_name("session.json")


def save_session(left: LeftSession, file: Path | None = None) -> bool:
    """Keep it for the next session, or in a file, whole or not at all; return False where it cannot be written."""
    scenes = {name: {"files": one.files, "shown": _shown(one.controls)} for name, one in left.scenes.items()}
    document = {"format": FORMAT, "version": VERSION, "scene": left.scene, "scenes": scenes}
    try:
        with written_whole(file or session_file()) as temporary:
            temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except (InputError, RuntimeError):
        return False
    return True


def load_session(file: Path | None = None) -> LeftSession | None:
    """What the last session left, or what one was saved as; None where nothing is known of it.

    What cannot be read of a scene is as by itself.
    """
    try:
        document = json.loads((file or session_file()).read_text(encoding="utf-8"), parse_int=float)
        return _session(document)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError):
        return None


def _session(document: dict[str, Any]) -> LeftSession | None:
    if (document["format"], document["version"]) != (FORMAT, VERSION):
        return None
    scenes: dict[SceneName, LeftScene] = {}
    for scene in SCENES:
        left = document["scenes"].get(scene.name)
        if left is not None and left["files"]:
            scenes[scene.name] = LeftScene(tuple(map(str, left["files"])), _controls(scene.controls, left["shown"]))
    if not scenes:
        return None
    return LeftSession(document["scene"] if document["scene"] in scenes else next(iter(scenes)), scenes)


def _shown(controls: Controls) -> dict[str, Any]:
    """The entries that are not as they are by themselves."""
    usual = type(controls)()
    pairs = {entry.name: (entry.of(controls), entry.of(usual)) for entry in entries_of(type(controls))}
    return {name: value for name, (value, by_itself) in pairs.items() if value != by_itself}


def _controls(kind: type[Compare], shown: dict[str, Any]) -> Controls:
    values: dict[tuple[str, ...], Any] = {}
    with suppress(InputError):
        shown = without_former([shown], False, kind)[0]
    for entry in entries_of(kind):
        try:
            values[entry.parts] = entry.checked(shown[entry.name], entry.name)
        except (InputError, KeyError):
            continue
    return with_values(kind(), values)
