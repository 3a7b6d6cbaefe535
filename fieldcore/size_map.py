"""Pictures of half sizes: a kernel that is another one at every point, as a person paints it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from .errors import InputError
from .grid import Grid
from .images import WHITE, composited, read_image


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

    def at(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, "n 1"]:
        """Half sizes at points, the same along both axes."""
        inside_one = x.float() / x.new_tensor(self._half_extent).float()
        shares = F.grid_sample(
            self._shares[None, None], inside_one[None, None], padding_mode="border", align_corners=False
        )[0, 0, 0]
        least, most = (math.log(size) for size in self._range)
        return torch.exp(least + (most - least) * shares.double())[:, None].float()

    def on(self, grid: Grid) -> Float[Tensor, "n 1"]:
        """Half sizes at the centres of a grid's cells."""
        return self.at(grid.points(0, grid.count))
