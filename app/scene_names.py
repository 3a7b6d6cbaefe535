"""The scenes that the instrument has."""

from __future__ import annotations

from typing import Literal, get_args

SceneName = Literal["picture", "flight", "shape"]
"""Pictures, smoothed and compared; the fly-through of a textured mesh; or shapes, smoothed and walked around."""

TITLES: dict[SceneName, str] = {"picture": "pictures", "flight": "fly-through", "shape": "shapes"}
"""All of them, by their names for people."""

ALL: tuple[SceneName, ...] = get_args(SceneName)
"""Where keys, settings and groups are that all scenes have."""

IN_SPACE: tuple[SceneName, ...] = ("flight", "shape")
"""Those with a camera, which held keys fly."""

SMOOTHED: tuple[SceneName, ...] = ("picture", "shape")
"""Those that show a field under one filter, and its truth."""
