"""Frames with a shutter: the mean of what is seen while it is open, which blurs what moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.images.curves import display_from_linear, linear_from_display

from ..compare import Compare
from .frame import Frame

Shown = TypeVar("Shown", bound=Compare)
Pixels = UInt8[np.ndarray, "h w 3"]


def exposed(seen: Sequence[Shown], middle: Shown, draw: Callable[[Shown], Frame]) -> Frame:
    """The frame of all that is seen while the shutter is open; where nothing moves, just what is drawn once.

    Light is averaged, not its encoding. Labels are those of the middle, and sharp.

    Args:
        seen: the controls at all moments.
        middle: those at the middle of the time.
        draw: makes a picture of controls.
    """
    labelled = draw(middle)
    if all(controls == middle for controls in seen):
        return labelled
    plain = draw(_plain(middle)) if middle.caption else labelled
    frames = [plain if controls == middle else draw(_plain(controls)) for controls in seen]
    pixels = mean_of_light([_pixels_of(frame) for frame in frames])
    is_label = (_pixels_of(labelled) != _pixels_of(plain)).any(-1)
    pixels[is_label] = _pixels_of(labelled)[is_label]
    made = [labelled, *frames]
    took = {name: sum(frame.milliseconds.get(name, 0.0) for frame in made) for name in labelled.milliseconds}
    return replace(labelled, pixels=pixels, milliseconds=took)


def mean_of_light(pictures: Sequence[Pixels]) -> Pixels:
    """The mean of display-encoded pictures in linear light.

    Example:
        >>> black, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
        >>> mean_of_light([black, white])[0, 0].tolist()
        [188, 188, 188]
    """
    total: Float[np.ndarray, "h w 3"] = np.zeros(pictures[0].shape, np.float32)
    for picture in pictures:
        total += _LIGHT[picture]
    mean: Pixels = (display_from_linear(total / len(pictures)) * 255 + 0.5).astype(np.uint8)
    return mean


_LIGHT = linear_from_display(np.arange(256, dtype=np.float32) / 255)


def _plain(controls: Shown) -> Shown:
    return replace(controls, caption=False)


def _pixels_of(frame: Frame) -> Pixels:
    """Of a frame that has some."""
    assert frame.pixels is not None
    return frame.pixels
