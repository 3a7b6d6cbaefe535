"""How photographs of a scene are read: options that commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import argument, option
from ..errors import InputError
from ..progress_lines import note
from .common import GeneralOptions, require_between

if TYPE_CHECKING:
    from ..views.views import Views

SCENE_HELP = "Folder with photographs and their cameras: transforms.json, cameras.npz, or COLMAP's sparse/0."
SETTLED = ("size", "holdout", "masks", "mask_from_background", "recentre")
"""What is settled once a training has begun."""

_PHOTOGRAPHS = "photographs"
_LARGEST_PX = 1 << 14


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """The size of pictures, and where masks and principal points come from."""

    size: int | None = option(
        "Shrink photographs so that their longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group=_PHOTOGRAPHS,
    )
    masks: str | None = option(
        "Folder with a mask for each photograph, of the same name, bright where the object is.",
        default=None,
        metavar="FOLDER",
        group=_PHOTOGRAPHS,
        usual="the pictures' alpha, or a folder mask or masks in the scene",
    )
    mask_from_background: bool = option(
        "Make masks of photographs whose background is of one colour.", default=False, group=_PHOTOGRAPHS
    )
    recentre: bool = option(
        "Move each camera's principal point to its picture's centre.", default=False, group=_PHOTOGRAPHS
    )

    def check_views(self) -> None:
        """Refuse what cannot be, before anything is read."""
        require_between("--size", self.size, 4, _LARGEST_PX)
        if self.masks is not None and self.mask_from_background:
            raise InputError("give --masks or --mask-from-background, not both")

    def read_views(self, source: str, holdout: int) -> Views:
        """Read the scene, and note what is said of it. Raises InputError: see ``Views.open``."""
        if not Path(source).exists():
            raise InputError(f"scene '{source}': no such file or folder; give a folder with photographs")
        from ..views.views import Views

        views = Views.open(
            source,
            self.size,
            holdout,
            masks=self.masks,
            mask_from_background=self.mask_from_background,
            recentre=self.recentre,
        )
        note(*views.notices)
        return views


@dataclass(frozen=True, kw_only=True)
class ViewsOptions(ReadingOptions):
    """How photographs are read, and which of them are kept for testing."""

    holdout: int = option(
        "Keep every so many-th photograph for testing, or 0 for none; scenes with test views of their own keep these.",
        default=8,
        metavar="COUNT",
        group=_PHOTOGRAPHS,
    )

    def check_views(self) -> None:
        """Refuse what cannot be, before anything is read."""
        super().check_views()
        if self.holdout < 0 or self.holdout == 1:
            raise InputError(f"--holdout: expected 0 or a number from 2, got {self.holdout}")

    def open_views(self, source: str) -> Views:
        """Read the scene."""
        return self.read_views(source, self.holdout)


@dataclass(frozen=True, kw_only=True)
class SceneOptions(ReadingOptions, GeneralOptions):
    """A scene, and how it is read."""

    scene: str = argument(SCENE_HELP, metavar="SCENE")

    def __post_init__(self) -> None:
        self.check_views()
