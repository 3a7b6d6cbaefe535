"""How a sampled signal continues beyond its box: mirrored, repeated or clamped, one way an axis.

Everything that reaches over a border asks here, so that signals, fields and the truth agree: points are folded back
into the box, indices of pixels into the picture, and pictures are continued as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .border_names import Border

PAD_MODE: dict[Border, Literal["symmetric", "wrap", "edge"]] = {
    "mirror": "symmetric",
    "repeat": "wrap",
    "clamp": "edge",
}
"""What ``np.pad`` and ``skimage.transform.resize`` call each."""


def folded_axis(x: Float[Tensor, "*n"], half: float, border: Border) -> Float[Tensor, "*n"]:
    """Coordinates folded back into [-half, half], where the continued signal has the same value."""
    return _FOLDED[border](x, half)


def folded_index(pixel: Int[np.ndarray, "*shape"], size: int, border: Border) -> Int[np.ndarray, "*shape"]:
    """The pixel in 0..size - 1 that the continued picture shows at index ``pixel``, which may lie anywhere."""
    return _FOLDED_INDEX[border](pixel, size)


def continued(
    pixels: Float[np.ndarray, "h w *c"], margins: Sequence[tuple[int, int]], borders: Sequence[Border]
) -> Float[np.ndarray, "H W *c"]:
    """A picture with margins as its borders continue it.

    Args:
        pixels: the picture.
        margins: pixels to add (above, below) and (left, right), each 0 or more and as many as wanted.
        borders: along the width and along the height, in the order of coordinates.
    """
    for axis, margin in enumerate(margins):
        pad = [margin if a == axis else (0, 0) for a in range(pixels.ndim)]
        pixels = np.pad(pixels, pad, mode=PAD_MODE[borders[1 - axis]])
    return pixels


def _mirrored(x: Tensor, half: float) -> Tensor:
    turn = torch.remainder(x / half + 1, 4)
    return (1 - (turn - 2).abs()) * half


def _repeated(x: Tensor, half: float) -> Tensor:
    return torch.remainder(x + half, 2 * half) - half


def _clamped(x: Tensor, half: float) -> Tensor:
    return x.clamp(-half, half)


_FOLDED: dict[Border, Callable[[Tensor, float], Tensor]] = {
    "mirror": _mirrored,
    "repeat": _repeated,
    "clamp": _clamped,
}


def _mirrored_index(pixel: np.ndarray, size: int) -> np.ndarray:
    turn = pixel % (2 * size)
    return np.minimum(turn, 2 * size - 1 - turn)


_FOLDED_INDEX: dict[Border, Callable[[np.ndarray, int], np.ndarray]] = {
    "mirror": _mirrored_index,
    "repeat": lambda pixel, size: pixel % size,
    "clamp": lambda pixel, size: pixel.clip(0, size - 1),
}
