"""Finding and reading a model's textures: names as people write them, colours as a texture needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from jaxtyping import Float
from PIL import Image

from ..errors import InputError
from ..images import WHITE, composited, display_from_linear, linear_from_display, read_image

_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".tga", ".webp", ".exr", ".hdr")


def find_beside(model: Path, name: str) -> Path | None:
    """The file that a model calls ``name``, or None.

    Names may have blanks, backslashes, percent codes or another case, and may be absolute on somebody else's machine:
    then a file of that name beside the model is taken. The network is never asked.
    """
    if not name or "://" in name:
        return None
    for written in dict.fromkeys((name, unquote(name))):
        relative = written.strip().strip('"').replace("\\", "/")
        for candidate in (model.parent / relative, model.parent / relative.rsplit("/", 1)[-1]):
            try:
                if candidate.is_file():
                    return candidate
            except (OSError, ValueError):  # too long a name, or a zero byte in it
                continue
        same = [file for file in _files(model.parent) if file.name.lower() == relative.rsplit("/", 1)[-1].lower()]
        if same:
            return same[0]
    return None


def fitting_pictures(model: Path) -> list[Path]:
    """Pictures beside a model whose names fit it: those named alike, else those that begin with its first word."""
    pictures = [file for file in _files(model.parent) if file.suffix.lower() in _PICTURE_SUFFIXES]
    same = [file for file in pictures if file.stem.lower() == model.stem.lower()]
    return same or [file for file in pictures if _first_word(file) == _first_word(model)]


def read_texture(path: Path) -> Float[np.ndarray, "h w 3"]:
    """A picture file as a texture: three display-encoded channels in [0, 1], composited on white.

    Raises:
        InputError: the file cannot be read, is no picture, or holds NaN or infinite values.
    """
    values, encoding = read_image(path)
    values = composited(values, np.asarray(WHITE, np.float32), encoding)
    if not np.isfinite(values).all():
        raise InputError(f"texture '{path}': some of its values are NaN or infinite; repair the picture")
    if encoding == "linear":
        values = display_from_linear(values)
    return _three_channels(values)


def texture_of_image(image: Image.Image, opaque: bool) -> Float[np.ndarray, "h w 3"]:
    """A picture that a model carries as a texture; see ``read_texture``.

    Args:
        image: as Pillow opened it; it is decoded here.
        opaque: its alpha means nothing, as glTF has it unless a material asks for blending.

    Raises:
        OSError, SyntaxError, ValueError: it cannot be decoded.
    """
    if image.mode.startswith("I"):
        values = np.asarray(image, np.float32)[..., None] / 65535
    else:
        values = np.asarray(image.convert("RGBA"), np.float32) / 255
        values = values[..., :3] if opaque else composited(values, np.asarray(WHITE, np.float32), "display")
    return _three_channels(values)


def tinted(pixels: Float[np.ndarray, "h w 3"], factor: tuple[float, float, float]) -> Float[np.ndarray, "h w 3"]:
    """A texture whose linear light is multiplied by ``factor``, as glTF's base colour asks."""
    if factor == (1.0, 1.0, 1.0):
        return pixels
    return display_from_linear(linear_from_display(pixels) * np.asarray(factor, np.float32)).clip(0, 1)


def _three_channels(values: np.ndarray) -> np.ndarray:
    grey = values.shape[2] < 3
    values = np.repeat(values[..., :1], 3, axis=2) if grey else values[..., :3]
    return np.ascontiguousarray(values.clip(0, 1), dtype=np.float32)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(entry for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return


def _first_word(file: Path) -> str:
    return re.split(r"[\s_.-]+", file.stem.lower().strip(" _.-"))[0]
