"""The scene of light stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...plane.scene import PlaneScene
from .controls import LightStageControls
from .settings import SETTINGS

if TYPE_CHECKING:
    import torch

    from fieldcore.signals import SignalFacts

    from ...document import Document
    from ...record.passes import Pass
    from ...scene_state import SceneState
    from ...services import Services

_LISTS = (".lp", ".dome", ".relight")


class LightStage(PlaneScene):
    """A picture and its light: photos of one view with one light each, or a field of them."""

    name, title, controls = "light_stage", "light stages", LightStageControls
    path_title = "a path of a light stage"
    invitation = "Drop a folder of photos with an .lp file to drag its light"
    settings = SETTINGS
    opens = "a light stage (.lp, .dome, .relight, or a folder with an .lp)"
    signals = ("light_stage",)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """See the base."""
        return _LISTS

    def can_open(self, source: str) -> bool:
        """A file that says where lights are, or a folder with one."""
        path = Path(source)
        if not path.is_dir():
            return super().can_open(source)
        try:
            return any(entry.suffix.lower() in _LISTS for entry in path.iterdir())
        except OSError:
            return False

    def sources(self, facts: SignalFacts, field: Path, known: Sequence[str]) -> Sequence[str]:
        """See the base; also the folder or list of that name beside the field."""
        beside = field.parent / facts.name
        return [*super().sources(facts, field, known), *([str(beside)] if beside.exists() else [])]

    @property
    def passes(self) -> Mapping[str, Pass]:
        """See the base; the nearest photo, and field and truth side by side."""
        from ...record.passes import SIDE_BY_SIDE, Pass

        nearest = Pass("truth", {"nearest": True})
        return {**super().passes, "nearest": nearest, "side_by_side": SIDE_BY_SIDE}

    def state(self, services: Services) -> SceneState:
        """See the base."""
        from .state import LightStageState

        return LightStageState(services)

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        from .opening import check_is_stage

        check_is_stage(facts)

    def read(self, file: Path, device: torch.device) -> Document:
        """See the base."""
        from .opening import open_stage

        return open_stage(file, device)
