"""The picture scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldcore.images import SUFFIXES

from ...plane.scene import PlaneScene
from .controls import SAMPLE, Controls
from .settings import SETTINGS

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts


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
        """A picture, or one that comes with scikit-image."""
        return super().can_open(source) or source.startswith(SAMPLE)

    def check_field(self, facts: SignalFacts) -> None:
        """See the base."""
        from .checks import check_is_picture

        check_is_picture(facts)
