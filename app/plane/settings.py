"""The settings of the view, in all scenes on a plane."""

from __future__ import annotations

from ..entry_settings import settings_of
from ..scene_names import ON_PLANE
from .controls import PlaneControls

PLANE_SETTINGS = settings_of(PlaneControls, ON_PLANE)
