"""What the scene of textured meshes has in the panel."""

from __future__ import annotations

from . import model, texture_filters

GROUPS = ()
PARTS = {"Source": model.build, "Shading": texture_filters.build}
