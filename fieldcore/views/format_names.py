"""Formats of scene folders by name, none of which is imported before it is asked for."""

from __future__ import annotations

from typing import Any

from ..registry import Registry

FORMATS: Registry[Any] = Registry(
    "scene format",
    {
        "transforms": "fieldcore.views.formats.transforms:FORMAT",
        "idr": "fieldcore.views.formats.idr:FORMAT",
        "colmap": "fieldcore.views.formats.colmap:FORMAT",
    },
)
"""Every format, a ``SceneFormat``, in the order in which they are looked for; here a new one is entered."""
