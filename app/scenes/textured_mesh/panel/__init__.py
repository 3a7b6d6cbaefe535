"""What the fly-through has in the panel."""

from __future__ import annotations

from ....scene import PanelGroup
from . import model, texture_filters

GROUPS = (PanelGroup("Model", model.build, 10),)
PARTS = {"Shading": texture_filters.build}
