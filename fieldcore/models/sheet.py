"""All textures of a model as one picture, so that one field, or one texture unit, holds them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..borders import PAD_MODE, continued
from .parts import Wrap

_GUTTER_SHARE = 1 / 8  # of the longest side of all textures: filters reach that far before they meet a neighbour
_GUTTER_PX = (4, 128)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One or several textures in one picture.

    One texture is the sheet; several lie side by side, each in a gutter filled as its wrap mode continues it.

    Attributes:
        pixels: float32, display-encoded in [0, 1]; the first row is on top, where v is 1.
        boxes: of each material: left u, bottom v, width and height of its texture, in u and v of the sheet.
        wraps: of each material, along u and v.
        digest: SHA-256 of all this, hexadecimal.
    """

    pixels: Float[np.ndarray, "h w 3"]
    boxes: Float[np.ndarray, "m 4"]
    wraps: tuple[tuple[Wrap, Wrap], ...]
    digest: str

    @property
    def borders(self) -> tuple[Wrap, Wrap]:
        """How the sheet as a whole continues: as its only texture does, else clamped."""
        return self.wraps[0] if len(self.wraps) == 1 else ("clamp", "clamp")


def lay_out(
    textures: Sequence[Float[np.ndarray, "_ _ 3"]], wraps: Sequence[tuple[Wrap, Wrap]], max_side_px: int
) -> Sheet:
    """The sheet of one texture a material.

    Args:
        textures: display-encoded pictures of any sizes, at least one.
        wraps: of each, along u and v.
        max_side_px: textures are shrunk until no side of the sheet is longer.
    """
    if len(textures) == 1:
        (texture,) = textures
        pixels = shrunk(texture, min(1.0, max_side_px / max(texture.shape[:2])), wraps[0])
        return _sheet(pixels, np.array([[0.0, 0.0, 1.0, 1.0]]), wraps)
    scale = 1.0
    while True:
        fitted = [shrunk(texture, scale, wrap) for texture, wrap in zip(textures, wraps, strict=True)]
        gutter = _gutter_px(fitted)
        corners, (width, height) = _shelves([(t.shape[1] + 2 * gutter, t.shape[0] + 2 * gutter) for t in fitted])
        if max(width, height) <= max_side_px or max(max(t.shape) for t in fitted) <= 2:
            break
        scale *= 0.98 * max_side_px / max(width, height)
    mean = np.mean([texture.mean((0, 1)) for texture in fitted], axis=0)
    pixels = np.empty((height, width, 3), np.float32)
    pixels[:] = mean
    boxes = np.empty((len(fitted), 4))
    for box, texture, wrap, (left, top) in zip(boxes, fitted, wraps, corners, strict=True):
        margined = continued(texture, [(gutter, gutter)] * 2, wrap)
        pixels[top : top + margined.shape[0], left : left + margined.shape[1]] = margined
        rows, columns = texture.shape[:2]
        bottom = height - (top + gutter + rows)
        box[:] = (left + gutter) / width, bottom / height, columns / width, rows / height
    return _sheet(pixels, boxes, wraps)


def shrunk(pixels: Float[np.ndarray, "h w c"], scale: float, borders: Sequence[Wrap]) -> Float[np.ndarray, "H W c"]:
    """A picture at ``scale`` of its size where that is below 1, anti-aliased and continued at its borders.

    No side gets shorter than 2 pixels (a texture of 1 pixel is that pixel repeated).
    """
    from skimage.transform import resize

    height, width = (max(2, round(side * min(scale, 1.0))) for side in pixels.shape[:2])
    for axis, count in ((0, height), (1, width)):
        if count == pixels.shape[axis]:
            continue
        shape = [count if a == axis else side for a, side in enumerate(pixels.shape)]
        mode = PAD_MODE[borders[1 - axis]]
        # One axis at a time, as each continues in its own way.
        pixels = resize(pixels, shape, order=1, mode=mode, anti_aliasing=count < pixels.shape[axis])
    return np.ascontiguousarray(pixels, dtype=np.float32)


def _gutter_px(textures: Sequence[np.ndarray]) -> int:
    longest = max(max(texture.shape[:2]) for texture in textures)
    return min(max(round(longest * _GUTTER_SHARE), _GUTTER_PX[0]), _GUTTER_PX[1])


def _shelves(sizes: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Places rectangles in rows, tallest first, in about a square: their (left, top) corners, and the whole size."""
    widest = max(width for width, _ in sizes)
    limit = max(widest, math.ceil(math.sqrt(sum(width * height for width, height in sizes))))
    corners = [(0, 0)] * len(sizes)
    left = top = shelf = right = 0
    for index in sorted(range(len(sizes)), key=lambda i: -sizes[i][1]):
        width, height = sizes[index]
        if left and left + width > limit:
            left, top, shelf = 0, top + shelf, 0
        corners[index] = (left, top)
        left, shelf = left + width, max(shelf, height)
        right = max(right, left)
    return corners, (right, top + shelf)


def _sheet(pixels: np.ndarray, boxes: np.ndarray, wraps: Sequence[tuple[Wrap, Wrap]]) -> Sheet:
    digest = hashlib.sha256(pixels.tobytes())
    digest.update(boxes.tobytes() + f"{pixels.shape}{tuple(wraps)}".encode())
    return Sheet(pixels, boxes, tuple(wraps), digest.hexdigest())
