"""What a picture's file says in its header: how many pixels it has, and whether they have alpha."""

from __future__ import annotations

from pathlib import Path

from ..images import read_image
from ..images.orientation import ORIENTATION_TAG


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of an upright picture, as ``read_image`` shows it. Raises InputError: it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = int(image.getexif().get(ORIENTATION_TAG, 1)) > 4
    except Exception:  # what Pillow does not know may be known to other readers, which also word the fault
        height, width = read_image(path).values.shape[:2]
        turned = False
    return (height, width) if turned else (width, height)


def has_alpha(path: Path) -> bool:
    """Whether the pixels of a picture have alpha. Raises InputError: it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return bool(image.has_transparency_data)
    except Exception:  # as above
        return read_image(path).alpha != "none"
