"""A scene as it is written to files: the same for every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ..errors import InputError
from ..images import write_image
from .camera import Camera

_SKEW_PIXELS = 0.01


@dataclass(frozen=True, eq=False)
class WrittenView:
    """A view to write.

    Attributes:
        name: of its picture's file, without suffix.
        camera: in the scene's own coordinates.
        pixels: colours times alpha, and alpha.
        held_out: whether it is a test view.
    """

    name: str
    camera: Camera
    pixels: UInt8[np.ndarray, "h w 4"]
    held_out: bool = False


@dataclass(frozen=True, eq=False)
class WrittenScene:
    """A scene to write.

    Attributes:
        views: all of them, under names that differ.
        has_masks: whether alpha tells object from background.
        centre, radius: of a sphere in the scene's coordinates that has the object in it.
    """

    views: Sequence[WrittenView]
    has_masks: bool
    centre: tuple[float, float, float]
    radius: float


def straight_alpha(pixels: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "h w 4"]:
    """Bytes whose colours are no longer multiplied by alpha."""
    alpha = np.maximum(pixels[..., 3:].astype(np.float32), 1) / 255
    colours = (pixels[..., :3] / alpha + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    return np.concatenate([colours, pixels[..., 3:]], 2)


def write_pictures(folder: Path, views: Sequence[WrittenView], has_masks: bool) -> None:
    """Write the pictures of views as PNG, with alpha where that is a mask."""
    folder.mkdir(parents=True, exist_ok=True)
    for view in views:
        write_image(folder / f"{view.name}.png", straight_alpha(view.pixels) if has_masks else view.pixels[..., :3])


def without_skew(format_name: str, view: WrittenView) -> Camera:
    """The camera of a view in a format that has no skew. Raises InputError: it has one that shows."""
    camera = view.camera
    if abs(camera.skew) * max(1.0, camera.height / camera.fy) > _SKEW_PIXELS:
        raise InputError(
            f"view '{view.name}': its camera has a skew of {camera.skew:.3g} pixels, which {format_name} cannot hold; "
            "convert to idr"
        )
    return camera
