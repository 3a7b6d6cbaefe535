"""The picture scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldcore.images import SUFFIXES
from fieldcore.videos import is_clip

from ...plane.scene import PlaneScene
from .controls import SAMPLE, Controls
from .settings import SETTINGS

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts

    from ...record.passes import Pass
    from ...scene_state import SceneState
    from ...services import Services


class Picture(PlaneScene):
    """A field on a plane, smoothed and compared with the truth."""

    name, title, controls = "picture", "pictures", Controls
    path_title = "a path of pictures"
    invitation = "Drop a picture to turn its scale, or a field to look at it"
    settings = SETTINGS
    opens = "a picture (PNG, JPEG, TIFF, EXR, HDR)"

    @property
    def suffixes(self) -> tuple[str, ...]:
        """See the base."""
        return tuple(sorted(SUFFIXES))

    def can_open(self, source: str) -> bool:
        """A picture that does not move, or one that comes with scikit-image."""
        is_still = super().can_open(source) and not is_clip(source)
        return is_still or source.startswith(SAMPLE)

    @property
    def passes(self) -> Mapping[str, Pass]:
        """See the base; field and truth side by side."""
        from ...record.passes import SIDE_BY_SIDE

        return {**super().passes, "side_by_side": SIDE_BY_SIDE}

    def state(self, services: Services) -> SceneState:
        """See the base."""
        from .state import PictureState

        return PictureState(services)

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        from .checks import check_is_picture

        check_is_picture(facts)
