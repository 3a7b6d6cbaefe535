"""How the paths of one scene are written; path_file.py reads and writes what the paths of all scenes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PathFormat:
    """A scene's part of a path's JSON.

    Attributes:
        required, optional: names of the entries of its own.
        keyed: names of its keyframes' attributes, which a closed path begins and ends alike with.
        keyframe: from a keyframe's checked JSON object and the name of its place to the keyframe.
        path: from the whole JSON object, the path's folder and what all scenes share to the path.
        keyframe_entries: from a keyframe, its JSON object without the time.
        path_entries: from a path and its folder, the entries of its own.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    keyed: tuple[str, ...]
    keyframe: Callable[[Any, str], Any]
    path: Callable[[dict[str, Any], Path, dict[str, Any]], Any]
    keyframe_entries: Callable[[Any], dict[str, Any]]
    path_entries: Callable[[Any, Path], dict[str, Any]]
