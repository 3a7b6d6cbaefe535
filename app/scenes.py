"""The scenes that the instrument has."""

from __future__ import annotations

from typing import Literal

Scene = Literal["picture", "flight"]
"""Pictures, smoothed and compared; or the fly-through of a textured mesh."""

SCENES: dict[Scene, str] = {"picture": "pictures", "flight": "fly-through"}
"""All of them, by their names for people."""

ALL: tuple[Scene, ...] = ("picture", "flight")
"""Where keys, settings and groups are that all scenes have."""
