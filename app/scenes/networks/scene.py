"""The scene of networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.errors import InputError
from fieldcore.images import SUFFIXES
from fieldcore.videos import is_clip

from ...entry_settings import settings_of
from ...plane.scene import PlaneScene
from .controls import SAMPLE, NetworksControls

if TYPE_CHECKING:
    import torch

    from fieldcore.signals import SignalFacts

    from ...document import Document
    from ...path.keyframes import KeyframePath
    from ...record.recording import Recording
    from ...scene import Presenter
    from ...scene_state import SceneState
    from ...services import Services


class Networks(PlaneScene):
    """Coordinate networks in training: one on the desk, or a race."""

    name, title, controls = "networks", "networks", NetworksControls
    path_title = "a path of networks"
    invitation = "Drop a picture to train networks on it"
    reports = False
    kinds = (("picture", "coordinate"),)

    @property
    def settings(self) -> Any:
        """See the base."""
        return settings_of(NetworksControls, ("networks",), puts={"show": _show})

    @property
    def suffixes(self) -> tuple[str, ...]:
        """See the base."""
        return tuple(sorted(SUFFIXES))

    def can_open(self, source: str) -> bool:
        """A picture that does not move, or one that comes with scikit-image."""
        return (super().can_open(source) and not is_clip(source)) or source.startswith(SAMPLE)

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        if facts.type != "picture" or facts.channels not in (1, 3):
            raise InputError(
                f"field of '{facts.name}': expected one of a picture with 1 or 3 channels, got a {facts.type}"
            )

    def read(self, file: Path, device: torch.device) -> Document:
        """See the base."""
        from ...document import open_document

        return open_document(file, device, [])

    def state(self, services: Services) -> SceneState:
        """See the base."""
        from .state import NetworksState

        return NetworksState(services)

    def presenter(self, context: Any, services: Services, state: Any) -> Presenter:
        """See the base."""
        from .presenter import NetworksPresenter

        return NetworksPresenter(context, services, state)

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """See the base."""
        from ...record.path_rendering import render_path
        from .rendering import NetworkPaths

        return render_path(options, path, NetworkPaths())


def _show(session: Any, mode: Any) -> None:
    session.state_of("networks").show_mode(mode)
