"""How photographs of a scene are read, where fields are trained on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import option
from ..errors import InputError
from ..progress_lines import note

if TYPE_CHECKING:
    from ..views.views import Views

_PHOTOGRAPHS = "photographs"


@dataclass(frozen=True, kw_only=True)
class ViewsOptions:
    """Size, masks, and which photographs are kept for testing."""

    size: int | None = option(
        "Shrink photographs so that their longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group=_PHOTOGRAPHS,
    )
    holdout: int = option(
        "Keep every so many-th photograph for testing, or 0 for none; scenes with test views of their own keep these.",
        default=8,
        metavar="COUNT",
        group=_PHOTOGRAPHS,
    )
    masks: str | None = option(
        "Folder with a mask for each photograph, of the same name, bright where the object is.",
        default=None,
        metavar="FOLDER",
        group=_PHOTOGRAPHS,
        usual="the pictures' alpha, or a folder mask or masks in the scene",
    )

    def check_views(self) -> None:
        """Refuse numbers that cannot be, before anything is read."""
        if self.size is not None and self.size < 4:
            raise InputError(f"--size: expected at least 4 pixels, got {self.size}")
        if self.holdout < 0 or self.holdout == 1:
            raise InputError(f"--holdout: expected 0 or a number from 2, got {self.holdout}")

    def open_views(self, source: str) -> Views:
        """Read the scene."""
        from ..views.views import Views

        views = Views.open(Path(source), size=self.size, holdout=self.holdout, masks=self.masks)
        note(*views.notices)
        return views
