"""The scenes by their names, and where settings, actions and groups are that several of them have."""

from __future__ import annotations

from .scene import Scene, SceneName
from .scenes import SCENES

ALL: tuple[SceneName, ...] = tuple(scene.name for scene in SCENES)

TITLES: dict[SceneName, str] = {scene.name: scene.title for scene in SCENES}

IN_SPACE: tuple[SceneName, ...] = tuple(scene.name for scene in SCENES if scene.family == "camera")
"""Those with a camera, which held keys fly."""

ON_PLANE: tuple[SceneName, ...] = tuple(scene.name for scene in SCENES if scene.family == "plane")
"""Those that are panned and zoomed."""

SMOOTHED: tuple[SceneName, ...] = tuple(scene.name for scene in SCENES if hasattr(scene.controls, "covariance"))
"""Those that show a field under one filter."""

SIZED: tuple[SceneName, ...] = tuple(scene.name for scene in SCENES if hasattr(scene.controls, "log10_variances"))
"""Those whose filter has a size that a person sets: a variance at least."""

IN_HAND: tuple[SceneName, ...] = tuple(name for name in SIZED if name in SMOOTHED or name in IN_SPACE)
"""Those whose filter is drawn on what is shown, where it can be pulled."""


def scene_named(name: SceneName) -> Scene:
    """The scene of that name."""
    return next(scene for scene in SCENES if scene.name == name)
