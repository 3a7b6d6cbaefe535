"""The settings of the view and of its tone, in all scenes on a plane."""

from __future__ import annotations

from ..entry_settings import settings_of
from ..scene_names import ON_PLANE
from .controls import PlaneControls
from .tone import ToneControls

PLANE_SETTINGS = (*settings_of(PlaneControls, ON_PLANE), *settings_of(ToneControls, ON_PLANE))
