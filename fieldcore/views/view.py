"""One photograph of a scene with its camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..machine import usable_cores
from ..progress_lines import ProgressLine
from .camera import Camera


class LazyPixels:
    """Pixels of a picture that are read when they are first asked for, and kept as bytes."""

    def __init__(self, read: Callable[[], UInt8[np.ndarray, "h w 4"]]) -> None:
        self._read = read

    @cached_property
    def bytes(self) -> UInt8[Tensor, "h w 4"]:
        """Colours times alpha, and alpha."""
        return torch.from_numpy(np.ascontiguousarray(self._read()))


@dataclass(frozen=True, eq=False)
class View:
    """A photograph and where it was taken from.

    Attributes:
        name: the picture's name without folder and suffix.
        camera: in domain coordinates.
        held_out: whether it is kept for testing.
        stored: its pixels, as bytes.
    """

    name: str
    camera: Camera
    held_out: bool
    stored: LazyPixels

    def pixels(self) -> Float[Tensor, "h w 4"]:
        """Display-encoded colours times alpha, and alpha, in [0, 1]; alpha is 1 where the scene has no masks.

        Raises:
            InputError: the picture is read now, and cannot be.
        """
        return self.stored.bytes.float() / 255


def read_all(stored: Sequence[LazyPixels]) -> list[UInt8[Tensor, "_ _ 4"]]:
    """The pixels of all pictures, several read at a time; raises what reading one does."""
    count = min(8, usable_cores())
    line = ProgressLine("reading pictures", delay=1.0, total=float(len(stored)))
    with ThreadPoolExecutor(count) as pool, line:
        pixels = []
        for number, each in enumerate(pool.map(lambda one: one.bytes, stored), 1):
            pixels.append(each)
            line.show(float(number))
    return pixels
