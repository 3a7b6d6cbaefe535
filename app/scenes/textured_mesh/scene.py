"""The scene of a textured mesh, which one flies through."""

from __future__ import annotations

from ...scene import Scene
from .controls import FlightControls


class TexturedMesh(Scene):
    """A mesh whose texture is a field, filtered once for every visible pixel."""

    name, title, controls = "textured_mesh", "fly-through", FlightControls
