"""The scenes that the instrument has."""

from __future__ import annotations

from typing import Literal, get_args

Scene = Literal["picture", "flight", "shape"]
"""Pictures, smoothed and compared; the fly-through of a textured mesh; or shapes, smoothed and walked around."""

SCENES: dict[Scene, str] = {"picture": "pictures", "flight": "fly-through", "shape": "shapes"}
"""All of them, by their names for people."""

ALL: tuple[Scene, ...] = get_args(Scene)
"""Where keys, settings and groups are that all scenes have."""

IN_SPACE: tuple[Scene, ...] = ("flight", "shape")
"""Those with a camera, which held keys fly."""

SMOOTHED: tuple[Scene, ...] = ("picture", "shape")
"""Those that show a field under one filter, and its truth."""
