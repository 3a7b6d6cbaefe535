"""Pictures side by side with labels: crops of what networks made, and frames of a film."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8
from matplotlib import colormaps
from PIL import Image, ImageDraw, ImageFont

Pixels = UInt8[np.ndarray, "h w 3"]

ERROR_RANGE = 0.2
"""What the brightest colour of an error map stands for, of the mean absolute error over the channels."""

_IN_A_ROW = 7
_BAR = 20  # pixels of a label
_GAP = 4
_BACKGROUND = 24


def error_map(shown: np.ndarray, truth: np.ndarray) -> Pixels:
    """Mean absolute difference over the channels of two pictures of bytes, in colours, 0.2 of white the brightest."""
    error = np.abs(shown.astype(np.float32) - truth.astype(np.float32)).mean(2) / 255 / ERROR_RANGE
    coloured = colormaps["inferno"](np.minimum(error, 1))[..., :3]
    return np.round(255 * coloured).astype(np.uint8)


def enlarged(pixels: np.ndarray, least: int) -> np.ndarray:
    """Every pixel repeated until the longer side has at least so many."""
    factor = max(1, math.ceil(least / max(pixels.shape[:2])))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def labelled(pixels: np.ndarray, text: str) -> np.ndarray:
    """The picture under a bar with a text."""
    height, width = pixels.shape[:2]
    canvas = Image.new("RGB", (width, height + _BAR), (_BACKGROUND,) * 3)
    canvas.paste(Image.fromarray(pixels), (0, _BAR))
    ImageDraw.Draw(canvas).text((4, 3), text, fill=(230, 230, 230), font=ImageFont.load_default(12))
    return np.asarray(canvas)


def mosaic(tiles: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Tiles of one size in rows."""
    height, width = tiles[0].shape[:2]
    rows = -(-len(tiles) // columns)
    size = (rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3)
    canvas = np.full(size, _BACKGROUND, np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + _GAP), index % columns * (width + _GAP)
        canvas[top : top + height, left : left + width] = tile
    return canvas


def crops_picture(truth: np.ndarray, pictures: dict[str, np.ndarray], least: int = 192) -> np.ndarray:
    """The truth and each network's picture, and under them their errors, with the same zoom; seven networks in a row.

    Args:
        truth: bytes, (h, w, 3).
        pictures: likewise, by label.
        least: pixels of a tile's longer side.
    """
    networks, tiles = list(pictures.items()), []
    columns = min(len(networks), _IN_A_ROW)
    for start in range(0, len(networks), _IN_A_ROW):
        block = networks[start : start + _IN_A_ROW]
        above = [labelled(enlarged(truth, least), "truth")]
        below = [labelled(enlarged(np.zeros_like(truth), least), f"error, 0 to {ERROR_RANGE:g}")]
        for label, picture in block:
            above.append(labelled(enlarged(picture, least), label))
            below.append(labelled(enlarged(error_map(picture, truth), least), f"error of {label}"))
        missing = [np.full_like(above[0], _BACKGROUND)] * (columns - len(block))
        tiles += [*above, *missing, *below, *missing]
    return mosaic(tiles, columns + 1)


def film_frames(
    truth: np.ndarray, films: Mapping[str, Sequence[np.ndarray]], psnrs: Mapping[str, Sequence[float]], least: int = 256
) -> list[np.ndarray]:
    """Frames of a race: every network's picture at the same share of its training, with its PSNR, and the truth."""
    count = max(map(len, films.values()))
    columns = math.ceil(math.sqrt(len(films) + 1))
    frames = []
    for index in range(count):
        tiles = []
        for label, film in films.items():
            at = min(index, len(film) - 1)
            tiles.append(labelled(enlarged(film[at], least), f"{label}  {psnrs[label][at]:.1f} dB"))
        tiles.append(labelled(enlarged(truth, least), f"truth  {index}/{count - 1}"))
        frames.append(mosaic(tiles, columns))
    return frames
