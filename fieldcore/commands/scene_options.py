"""Options of commands that read photographs of a scene."""

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

LARGEST = 1 << 14


@dataclass(frozen=True, kw_only=True)
class SceneOptions(GeneralOptions):
    """Which scene, and how it is read."""

    scene: str = argument(
        "Folder with photographs and their cameras: transforms.json, cameras.npz, or COLMAP's sparse/0.",
        metavar="SCENE",
    )
    size: int | None = option(
        "Shrink pictures so that the longer side has this many pixels.",
        default=None,
        metavar="PIXELS",
        group="scene",
        usual="as they are",
    )
    masks: str | None = option(
        "Folder with a mask for each picture, of the same name.",
        default=None,
        metavar="DIR",
        group="scene",
        usual="pictures' alpha, or the scene's folder mask or masks",
    )
    mask_from_background: bool = option(
        "Make masks of pictures whose background is of one colour.", default=False, group="scene"
    )
    recentre: bool = option("Move each camera's principal point to its picture's centre.", default=False, group="scene")

    def __post_init__(self) -> None:
        require_between("--size", self.size, 4, LARGEST)
        if self.masks is not None and self.mask_from_background:
            raise InputError("give --masks or --mask-from-background, not both")

    def opened(self, holdout: int) -> Views:
        """The scene; what is said of it is noted. Raises InputError: see ``Views.open``."""
        from ..views.views import Views

        if not Path(self.scene).exists():
            raise InputError(f"scene '{self.scene}': no such file or folder; give a folder with photographs")
        views = Views.open(
            self.scene,
            self.size,
            holdout,
            masks=self.masks,
            mask_from_background=self.mask_from_background,
            recentre=self.recentre,
        )
        note(*views.notices)
        return views
