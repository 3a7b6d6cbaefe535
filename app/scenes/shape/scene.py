"""The shape scene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...camera.scene_folders import has_masked_views
from ...scene import Scene
from .controls import SHAPE_PASSES, ShapeControls
from .settings import SETTINGS

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts


class Shape(Scene):
    """The zero level of a signed distance, smoothed, cut open and compared with the truth."""

    name, title, family, controls = "shape", "shapes", "camera", ShapeControls
    path_title = "a path of a shape"
    invitation = "Drop a mesh to turn its scale, or a field of a shape to look at it"
    settings = SETTINGS
    passes = SHAPE_PASSES
    reports = True
    opens = "a mesh of a shape (the same, STL, OFF), a folder of photographs with cameras and masks"
    signals = ("shape",)
    own_kinds = (("views", "surface"),)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """See the base."""
        from fieldcore.models import MODEL_SUFFIXES  # it imports torch

        return MODEL_SUFFIXES

    def can_open(self, source: str) -> bool:
        """A mesh by its name, or a folder of photographs with cameras and masks."""
        return super().can_open(source) or has_masked_views(Path(source))

    def sources(self, facts: SignalFacts, field: Path, known: Sequence[str]) -> Sequence[str]:
        """Meshes and folders; a copy of the one that the field was trained on often lies beside it."""
        beside = field.parent / Path(facts.name).name
        able = [source for source in known if self.can_open(source)]
        return [*able, str(beside)] if beside.exists() else able
