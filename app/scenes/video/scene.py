"""The video scene."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fieldcore.videos import FILM_SUFFIXES, is_clip

from ...plane.scene import PlaneScene
from .controls import VideoControls
from .settings import SETTINGS

if TYPE_CHECKING:
    import torch

    from fieldcore.signals import SignalFacts

    from ...document import Document
    from ...scene_state import SceneState
    from ...services import Services


class Video(PlaneScene):
    """A plane with time: a clip or a field of it, smoothed along both."""

    name, title, controls = "video", "videos", VideoControls
    path_title = "a path of a video"
    invitation = "Drop a film, a GIF or a folder of frames to turn its scale"
    settings = SETTINGS
    opens = "a video (MP4, MOV, WebM, GIF, a folder of frames)"
    signals = ("video",)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """See the base."""
        return (*FILM_SUFFIXES, ".gif")

    def can_open(self, source: str) -> bool:
        """A film by its name, a picture that moves, or a folder of frames."""
        return is_clip(source)

    def state(self, services: Services) -> SceneState:
        """See the base."""
        from .state import VideoState

        return VideoState(services)

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        from .opening import check_is_video

        check_is_video(facts)

    def read(self, file: Path, device: torch.device) -> Document:
        """See the base."""
        from .opening import open_video

        return open_video(file, device)
