"""Painting a map of sizes: strokes of a soft brush, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from fieldcore.files import written_whole

from .controls import Point

LONGER_SIDE = 512
"""Pixels of a map: blur that is painted is smooth."""

_MOST_KEPT = 64


class Painting:
    """A map under a brush; each change has a name of its own, so that what shows it knows that it is another one.

    Args:
        half_extent: of the picture's plane.
        folder: that its files are named in.
        stem: that their names begin with.
        begun: what it begins as, (height, width) from 0 to 1; nothing by itself.
    """

    def __init__(
        self, half_extent: Sequence[float], folder: Path, stem: str, begun: Float[np.ndarray, "h w"] | None = None
    ) -> None:
        scale = LONGER_SIDE / (2 * max(half_extent))
        width, height = (max(1, round(2 * half * scale)) for half in half_extent)
        usual = np.zeros((height, width), np.float32) if begun is None else begun
        self._half_extent, self._folder, self._stem = tuple(half_extent), folder, stem
        self._number = 1 + max((_number_of(file) for file in folder.glob(f"{stem}-map-*.png")), default=0)
        self._steps = 0
        self.shares, self.name = usual, self._named(self._number)
        self._kept = [(self.name, usual)]
        self._mask: Float[np.ndarray, "h w"] | None = None

    def _named(self, number: int, step: int = 0) -> str:
        return str(self._folder / f"{self._stem}-map-{number}{f'-{step}' if step else ''}.png")

    def stroke(self, start: Point, end: Point, radius: float, strength: float) -> None:
        """Go on with a stroke from one point to another, in domain units; a negative strength takes off.

        A stroke counts once wherever it has been, however often it comes back.
        """
        if self._mask is None:
            self._mask, self._steps = np.zeros_like(self.shares), 0
        self._mask = np.maximum(self._mask, self._brushed(start, end, radius) * abs(strength))
        _, before = self._kept[-1]
        self.shares = before + (float(strength > 0) - before) * self._mask
        self._steps += 1
        self.name = self._named(self._number + 1, self._steps)

    def _brushed(self, start: Point, end: Point, radius: float) -> Float[np.ndarray, "h w"]:
        """From 1 on the way between two points, smoothly to 0 at the radius."""
        (height, width), (half_x, half_y) = self.shares.shape, self._half_extent
        x = ((np.arange(width) + 0.5) / width * 2 - 1) * half_x - start[0]
        y = (((np.arange(height) + 0.5) / height * 2 - 1) * half_y - start[1])[:, None]
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = dx * dx + dy * dy
        along = np.clip((x * dx + y * dy) / length, 0, 1) if length > 0 else 0.0
        share = np.clip(1 - np.hypot(x - along * dx, y - along * dy) / radius, 0, 1)
        soft: Float[np.ndarray, "h w"] = (share * share * (3 - 2 * share)).astype(np.float32)
        return soft

    def end_stroke(self) -> None:
        """The brush was lifted: from now on this can be undone as a whole."""
        if self._mask is None:
            return
        self._mask, self._number = None, self._number + 1
        self.name = self._named(self._number)
        self._kept = [*self._kept[-_MOST_KEPT:], (self.name, self.shares)]

    @property
    def has_strokes(self) -> bool:
        """Whether there is one to take back."""
        return len(self._kept) > 1

    def undo(self) -> bool:
        """Take the last stroke back; returns whether there was one."""
        self._mask = None
        if len(self._kept) < 2:
            return False
        self._kept.pop()
        self.name, self.shares = self._kept[-1]
        return True

    def write(self) -> None:
        """Write it as a picture. Raises InputError if that cannot be done."""
        from PIL import Image

        pixels = np.round(self.shares * 255).astype(np.uint8)
        with written_whole(Path(self.name)) as temporary:
            Image.fromarray(pixels).save(temporary, "PNG")


def _number_of(file: Path) -> int:
    digits = file.stem.partition("-map-")[2].partition("-")[0]
    return int(digits) if digits.isdecimal() else 0
