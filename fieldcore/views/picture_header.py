"""What a picture's file says before its pixels: how many there are, which way up, and whether they have alpha."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..images import read_image
from ..images.orientation import ORIENTATION_TAG


@dataclass(frozen=True)
class PictureHeader:
    """The header of a picture's file.

    Attributes:
        stored: width and height of the pixels as the file stores them.
        orientation: EXIF's number, 1 to 8: how they are turned to stand upright.
        has_alpha: whether pixels have alpha.
    """

    stored: tuple[int, int]
    orientation: int
    has_alpha: bool

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the picture as it stands upright."""
        width, height = self.stored
        return (height, width) if self.orientation > 4 else (width, height)


def picture_header(path: Path) -> PictureHeader:
    """Read a picture's header. Raises InputError: it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            orientation = int(image.getexif().get(ORIENTATION_TAG, 1))
            return PictureHeader(image.size, orientation if 1 <= orientation <= 8 else 1, image.has_transparency_data)
    except Exception:  # what Pillow does not know may be known to other readers, which also word the fault
        picture = read_image(path)
        height, width = picture.values.shape[:2]
        return PictureHeader((width, height), 1, picture.alpha != "none")
