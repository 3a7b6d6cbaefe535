"""A model's textures: those that fit it by name, and their colours as a texture needs them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL.Image import Image as PillowImage

from ..beside import files_in
from ..errors import InputError
from ..images import SUFFIXES, composited, display_from_linear, linear_from_display, read_image
from ..images.decoded import finished
from ..images.pillow_file import from_pillow


def fitting_pictures(model: Path) -> list[Path]:
    """Pictures beside a model whose names fit it: those named alike, else those that begin with its first word."""
    pictures = [file for file in files_in(model.parent) if file.suffix.lower() in SUFFIXES]
    same = [file for file in pictures if file.stem.lower() == model.stem.lower()]
    return same or [file for file in pictures if _first_word(file) == _first_word(model)]


def read_texture(path: Path) -> Float[np.ndarray, "h w 3"]:
    """A picture file as a texture: three display-encoded channels in [0, 1], composited on white.

    Raises:
        InputError: the file cannot be read, is no picture, or holds NaN or infinite values.
    """
    return noticed_texture(path)[0]


def noticed_texture(path: Path) -> tuple[Float[np.ndarray, "h w 3"], tuple[str, ...]]:
    """A picture file as a texture, see ``read_texture``, and what was assumed or left out when it was read."""
    image = read_image(path)
    values = composited(image)
    if not np.isfinite(values).all():
        raise InputError(f"texture '{path}': some of its values are NaN or infinite; repair the picture")
    if image.encoding == "linear":
        values = display_from_linear(values)
    return _three_channels(values), image.notices


def texture_of_image(image: PillowImage, opaque: bool) -> Float[np.ndarray, "h w 3"]:
    """A picture that a model carries as a texture; see ``read_texture``.

    Args:
        image: as Pillow opened it; it is decoded here.
        opaque: its alpha means nothing, as glTF has it unless a material asks for blending.

    Raises:
        OSError, SyntaxError, ValueError: it cannot be decoded.
    """
    decoded = finished(from_pillow(image))  # glTF has profiles and orientation ignored
    values = decoded.values[..., :-1] if opaque and decoded.alpha == "straight" else composited(decoded)
    return _three_channels(values)


def tinted(pixels: Float[np.ndarray, "h w 3"], factor: tuple[float, float, float]) -> Float[np.ndarray, "h w 3"]:
    """A texture whose linear light is multiplied by ``factor``, as glTF's base colour asks."""
    if factor == (1.0, 1.0, 1.0):
        return pixels
    return display_from_linear(linear_from_display(pixels) * np.asarray(factor, np.float32)).clip(0, 1)


def contrasted(pixels: Float[np.ndarray, "h w 3"], base_and_gain: tuple[float, float]) -> Float[np.ndarray, "h w 3"]:
    """A texture whose display values become ``base + gain * value``, within [0, 1]."""
    base, gain = base_and_gain
    return pixels if base_and_gain == (0.0, 1.0) else (np.float32(base) + np.float32(gain) * pixels).clip(0, 1)


def _three_channels(values: np.ndarray) -> np.ndarray:
    grey = values.shape[2] < 3
    values = np.repeat(values[..., :1], 3, axis=2) if grey else values[..., :3]
    return np.ascontiguousarray(values.clip(0, 1), dtype=np.float32)


def _first_word(file: Path) -> str:
    return re.split(r"[\s_.-]+", file.stem.lower().strip(" _.-"))[0]
