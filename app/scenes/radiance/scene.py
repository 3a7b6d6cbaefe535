"""The radiance scene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldcore.errors import InputError

from ...camera.scene_folders import has_views
from ...scene import Scene
from .controls import RadianceControls

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts


class Radiance(Scene):
    """Density and colour of a scene, learned from photographs while a camera looks at it."""

    name, title, family, controls = "radiance", "radiance fields", "camera", RadianceControls
    path_title = "a path of a radiance field"
    invitation = "Drop a folder of photographs with their cameras to learn the scene"
    opens = "a scene (a folder of photographs with transforms.json, cameras.npz or COLMAP's sparse/0)"
    own_kinds = (("views", "radiance"),)
    kinds = (("views", "surface"),)

    def can_open(self, source: str) -> bool:
        """A folder with a file that describes cameras."""
        return Path(source).is_dir() and has_views(Path(source))

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        if facts.type != "views":
            raise InputError(f"field of '{facts.name}': a radiance scene shows fields of views, got a {facts.type}")

    def sources(self, facts: SignalFacts, field: Path, known: Sequence[str]) -> Sequence[str]:
        """Folders; a copy of the one that the field was trained on often lies beside it."""
        beside = field.parent / facts.name
        return [*(source for source in known if self.can_open(source)), *([str(beside)] if beside.is_dir() else [])]
