"""The scene of a textured mesh, which one flies through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fieldcore.images import SUFFIXES

from ...scene import Scene
from .controls import TEXTURED_MESH_PASSES, TexturedMeshControls

if TYPE_CHECKING:
    from ...record.recording import Recording


class TexturedMesh(Scene):
    """A mesh whose texture is a field, filtered once for every visible pixel."""

    name, title, family, controls = "textured_mesh", "fly-through", "camera", TexturedMeshControls
    path_title = "a flight"
    invitation = "Drop a model to fly through it: OBJ, GLB, glTF or PLY"
    passes = TEXTURED_MESH_PASSES
    reports = True
    opens = "a model (OBJ, GLB, glTF, PLY)"
    signals_beside = ("texture",)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """See the base."""
        from fieldcore.models import MODEL_SUFFIXES  # it imports torch

        return MODEL_SUFFIXES

    @property
    def suffixes_beside(self) -> tuple[str, ...]:
        """Of the pictures that it takes for the texture of a model."""
        return tuple(SUFFIXES)

    @property
    def other_renders(self) -> dict[str, Callable[[Any], tuple[Recording, str]]]:
        """See the base."""
        from .rendering import render_sequence

        return {"uv_sequence": render_sequence}
