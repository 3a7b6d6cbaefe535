"""Pictures of half sizes: a kernel that is another one at every point, as a person paints it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from .errors import InputError
from .grid import Grid
from .images import WHITE, composited, read_image

Shape = str
"""``linear`` or ``radial``: what a ramp's sizes grow along."""

SHAPES: tuple[Shape, ...] = ("linear", "radial")


@dataclass(frozen=True)
class Ramp:
    """Shares that grow away from a focus, as the blur of a tilted lens or of the eye's periphery does.

    Attributes:
        shape: ``linear`` across a line through the focus, ``radial`` around it.
        focus: the point, or a point of the line, where the share is 0.
        whole: a point where it is 1 from there on; with the focus it says the direction, and how far it is.
        feather: the part of that way over which it grows, smoothly; 1 is all of it, and what is nearer is in focus.
    """

    shape: Shape
    focus: tuple[float, float]
    whole: tuple[float, float]
    feather: float = 1.0

    def shares_at(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, "n"]:
        """At points: from 0 in focus to 1."""
        way = x.new_tensor(self.whole) - x.new_tensor(self.focus)
        reach = float(way.norm())
        away = x - x.new_tensor(self.focus)
        distance = (away @ way).abs() / max(reach, 1e-12) if self.shape == "linear" else away.norm(dim=1)
        feather = max(self.feather, 1e-3)
        share = ((distance / max(reach, 1e-12) - (1 - feather)) / feather).clamp(0, 1)
        return share * share * (3 - 2 * share)

    @property
    def as_text(self) -> str:
        """What ``parse_ramp`` reads."""
        numbers = (*self.focus, *self.whole, self.feather)
        return f"{self.shape}:{','.join(f'{number:.6g}' for number in numbers)}"


def parse_ramp(text: str) -> Ramp | None:
    """The ramp of ``linear:X,Y,X,Y,FEATHER`` or ``radial:...``; None for what is the name of a file.

    Raises:
        InputError: the numbers are others.
    """
    shape, colon, rest = text.partition(":")
    if not colon or shape not in SHAPES:
        return None
    try:
        numbers = [float(part) for part in rest.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 5) or not all(map(math.isfinite, numbers)) or not 0 <= (*numbers, 1.0)[4] <= 1:
        raise InputError(
            f"map: expected {shape}:X,Y,X,Y,FEATHER, the points where blur begins and is whole and the share between "
            f"them that it grows over, 0 to 1, got '{text}'"
        )
    return Ramp(shape, (numbers[0], numbers[1]), (numbers[2], numbers[3]), *numbers[4:])


def sizes_of(shares: Float[Tensor, "n"], least: float, most: float) -> Float[Tensor, "n"]:
    """Sizes whose logarithm is linear in the share."""
    low, high = math.log(least), math.log(most)
    return torch.exp(low + (high - low) * shares.double()).float()


def sizes_along(shares: Float[Tensor, "n"], least: float, mosts: Sequence[float]) -> Float[Tensor, "n k"]:
    """Sizes along axes, each from the least to its own most; an axis whose most is 0 is not filtered anywhere."""
    along = [sizes_of(shares, least, most) if most > 0 else torch.zeros_like(shares) for most in mosts]
    return torch.stack(along, -1)


class SizeMap:
    """Half sizes over a picture's plane: black is the least of a range, white the most.

    Logarithms of sizes are bilinear between the map's pixels. What the map holds is taken as it is shown, and the mean
    of its channels counts. Beyond its border the border pixel goes on.

    Args:
        shares: (height, width) from 0 for the least to 1 for the most.
        size_range: the least and the most half size, above 0, in domain units.
        half_extent: of the picture's plane.

    Raises:
        InputError: the map has another aspect ratio than the plane.
    """

    def __init__(
        self, shares: Float[np.ndarray, "h w"], size_range: tuple[float, float], half_extent: Sequence[float]
    ) -> None:
        height, width = shares.shape
        longer, ratio = max(width, height), min(half_extent) / max(half_extent)
        is_as_wide = (width >= height) == (half_extent[0] >= half_extent[1]) or abs(width - height) <= 1
        if not is_as_wide or abs(min(width, height) - ratio * longer) > 1:
            wanted = half_extent[0] / half_extent[1]
            raise InputError(
                f"map: expected the picture's aspect ratio of {wanted:.4g} (width by height), got {width} x {height}, "
                f"which is {width / height:.4g}; crop or pad the map"
            )
        self._shares = torch.from_numpy(np.ascontiguousarray(shares, dtype=np.float32))
        self._range, self._half_extent = size_range, tuple(half_extent)

    @classmethod
    def open(cls, path: str | Path, size_range: tuple[float, float], half_extent: Sequence[float]) -> SizeMap:
        """Read a map. Raises InputError if there is no such picture, or of another aspect ratio."""
        values = composited(read_image(Path(path)), WHITE)
        try:
            return cls(np.clip(values.mean(-1), 0, 1), size_range, half_extent)
        except InputError as error:
            raise InputError(f"'{path}': {error}") from error

    def shares_at(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, "n"]:
        """What the map holds at points, from 0 to 1."""
        inside_one = x.float() / x.new_tensor(self._half_extent).float()
        return F.grid_sample(
            self._shares[None, None], inside_one[None, None], padding_mode="border", align_corners=False
        )[0, 0, 0]

    def at(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, "n 1"]:
        """Half sizes at points, the same along both axes."""
        return sizes_of(self.shares_at(x), *self._range)[:, None]

    def on(self, grid: Grid) -> Float[Tensor, "n 1"]:
        """Half sizes at the centres of a grid's cells."""
        return self.at(grid.points(0, grid.count))
