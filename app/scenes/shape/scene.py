"""The shape scene."""

from __future__ import annotations

from ...scene import Scene
from .controls import ShapeControls


class Shape(Scene):
    """The zero level of a signed distance, smoothed, cut open and compared with the truth."""

    name, title, controls = "shape", "shapes", ShapeControls
