"""Formats of scene folders: what each is found by, and how it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ...errors import InputError
from ..description import Description
from ..format_names import FORMATS
from ..written import WrittenScene

__all__ = ["FORMATS", "SceneFormat", "read_description"]


class SceneFormat(Protocol):
    """A format of scenes.

    Attributes:
        name: for people and options.
        found_by: what a folder of it has, for messages.
    """

    name: str
    found_by: str

    def find(self, path: Path) -> Path | None:
        """The file or folder that describes the cameras of the scene at ``path``; None where there is none of it."""

    def read(self, path: Path) -> Description:
        """What the file that ``find`` has found says. Raises InputError."""

    def write(self, folder: Path, scene: WrittenScene) -> None:
        """Write pictures, masks and cameras into a folder that is there. Raises InputError."""


def read_description(path: Path) -> Description:
    """What the files of a scene say.

    Args:
        path: its folder, or the file in it that describes the cameras.

    Raises:
        InputError: there is no such folder, it is no scene that is known, or its files are wrong.
    """
    if not path.exists():
        raise InputError(f"scene '{path}': no such file or folder")
    try:
        for scene_format in FORMATS.values():
            found = scene_format.find(path)
            if found is not None:
                return scene_format.read(found)
    except OSError as error:
        raise InputError(f"scene '{path}': cannot be read ({error.strerror})") from error
    known = "; ".join(f"{each.name}: {each.found_by}" for each in FORMATS.values())
    raise InputError(f"scene '{path}': it has no file that describes cameras ({known})")
