"""Many pictures of one size, kept as they were stored, and sums of them with weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from ..images import display_from_linear, linear_from_display

Stored = Literal["srgb", "linear"]
"""What photos' numbers are: display-encoded, or linear light."""

_AT_ONCE = 1 << 22
"""Values decoded together."""

_LEAST_SHARE = 2.0**-25
"""Of all weights: half of what single precision tells apart, so that a picture of less changes no sum."""


class Photos:
    """A stack of pictures: bytes, 16 bits (their bits as int16) or half precision, and what they stand for.

    Args:
        stored: (L, height, width, channels) uint8, int16 or float16.
        decoded: from numbers in [0, 1], or half precision's own, to the values that are summed.

    Example:
        >>> Photos(torch.full((2, 4, 6, 1), 51, dtype=torch.uint8), None).weighted([1.0, 2.0])[0, 0]
        tensor([0.6000])
    """

    def __init__(
        self, stored: Shaped[Tensor, "l h w c"], decoded: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> None:
        self.stored = stored
        self._decode = decoded
        steps = {torch.uint8: 255, torch.int16: 65535}.get(stored.dtype)
        self._table: Tensor | None = None
        if steps is not None:
            table = np.arange(steps + 1, dtype=np.float32) / np.float32(steps)
            self._table = torch.from_numpy(table if decoded is None else decoded(table)).to(stored.device)
        self._floats: Tensor | None = None

    def __len__(self) -> int:
        return len(self.stored)

    @property
    def values(self) -> Float[Tensor, "l h w c"]:
        """All of them decoded, computed once and kept."""
        if self._floats is None:
            floats = torch.empty(self.stored.shape, device=self.stored.device)
            for number, photo in enumerate(self.stored):
                floats[number] = self.decoded(photo)
            self._floats = floats
        return self._floats

    def decoded(self, stored: Shaped[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """What some of the stored numbers stand for."""
        if self._table is None:
            values = stored.float()
            if self._decode is None:
                return values
            return torch.from_numpy(self._decode(values.cpu().numpy())).to(stored.device)
        index = stored.int() & 0xFFFF if stored.dtype == torch.int16 else stored.int()
        return self._table[index]

    def weighted(self, weights: Float[Tensor, "l"] | list[float]) -> Float[Tensor, "h w c"]:
        """The sum of all with these weights; a single weight of 1 gives its picture to the bit."""
        weights = torch.as_tensor(weights, dtype=torch.float32)
        used = counting(weights).tolist()
        if self._floats is not None and 2 * len(used) > len(weights):  # one by one, each is added in a pass of its own
            return torch.mv(self._floats.flatten(1).T, weights.to(self._floats)).view(self.stored.shape[1:])
        total = torch.zeros(self.stored.shape[1:], device=self.stored.device)
        for number in used:
            photo = self.decoded(self.stored[number]) if self._floats is None else self._floats[number]
            total.add_(photo, alpha=float(weights[number]))
        return total

    def at(
        self, position: Float[Tensor, "n 2"], index: Int[Tensor, "n k"], weights: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n c"]:
        """At each point the sum of some pictures there, bilinear between pixels.

        Args:
            position: column and row of each point, counted from the first pixel's centre; beyond it the border's.
            index: numbers of pictures.
            weights: of these.
        """
        values = torch.zeros(len(position), self.stored.shape[3], device=self.stored.device)
        for pixel, share in cells_of(position, self.stored.shape[1:3]):
            values += share[:, None] * self.at_pixels(pixel, index, weights)
        return values

    def at_pixels(
        self, pixel: Int[Tensor, "n"], index: Int[Tensor, "n k"], weights: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n c"]:
        """The same at pixels by their number, row by row."""
        height, width, channels = self.stored.shape[1:]
        cells = (index * (height * width) + pixel[:, None]).flatten()
        found = self.decoded(self.stored.view(-1, channels)[cells])
        return (weights[..., None] * found.view(*index.shape, channels)).sum(1)

    def to(self, device: torch.device | str) -> Photos:
        """The same on another device."""
        return Photos(self.stored.to(device), self._decode)


def counting(weights: Float[Tensor, "*n k"]) -> Int[Tensor, "m"]:
    """Numbers of the pictures that change some of the sums with these weights."""
    size = weights.abs()
    counted = size > _LEAST_SHARE * size.sum(-1, keepdim=True)
    return torch.nonzero(counted.reshape(-1, counted.shape[-1]).any(0))[:, 0]


def bilinear_cells(
    position: Float[Tensor, "n 2"], pixels: Shaped[Tensor, "h w k"]
) -> Iterator[tuple[Shaped[Tensor, "n k"], Float[Tensor, "n"]]]:
    """The four pixels around each point, and what each counts."""
    for pixel, share in cells_of(position, pixels.shape[:2]):
        yield pixels.flatten(0, 1)[pixel], share


def cells_of(
    position: Float[Tensor, "n 2"], shape: Sequence[int]
) -> Iterator[tuple[Int[Tensor, "n"], Float[Tensor, "n"]]]:
    """The four pixels around each point by their number, row by row, and what each counts."""
    height, width = shape
    most = position.new_tensor([width - 1, height - 1])
    position = torch.minimum(position.clamp_min(0), most)
    first = position.floor()
    x, y = (position - first).unbind(-1)
    (left, top), (right, bottom) = first.long().unbind(-1), torch.minimum(first + 1, most).long().unbind(-1)
    yield top * width + left, (1 - x) * (1 - y)
    yield top * width + right, x * (1 - y)
    yield bottom * width + left, (1 - x) * y
    yield bottom * width + right, x * y


def decoding(
    stored: Stored, encoding: str, exposure_stops: float | int = 0.0
) -> Callable[[np.ndarray], np.ndarray] | None:
    """From what photos' numbers are to the values that a stage is made of.

    Args:
        stored: what the numbers are.
        encoding: ``linear``, or ``display`` for display-encoded values as they are shown, exposure included.
        exposure_stops: by which they are shown brighter.
    """
    if encoding == "linear":
        return linear_from_display if stored == "srgb" else None

    def shown(values: np.ndarray) -> np.ndarray:
        linear = linear_from_display(values) if stored == "srgb" else values
        exposed: np.ndarray = display_from_linear((linear * np.float32(2**exposure_stops)).clip(0, 1))
        return exposed.astype(np.float32)

    return None if stored == "srgb" and exposure_stops == 0 else shown


def resampled(
    picture: Float[Tensor, "h w c"], x: Float[Tensor, "m"], y: Float[Tensor, "n"], half_extent: tuple[float, ...]
) -> Float[Tensor, "n m c"]:
    """A picture where positions along its axes cross, bilinear, mirrored beyond the border; its own pixels as they are.

    Args:
        picture: top row first.
        x, y: positions in domain units.
        half_extent: half the picture's sides.
    """
    height, width = picture.shape[:2]
    if _are_pixels(x, width, half_extent[0]) and _are_pixels(y, height, half_extent[1]):
        return picture
    grid = torch.stack(torch.meshgrid(x / half_extent[0], y / half_extent[1], indexing="xy"), -1)
    planes = picture.permute(2, 0, 1)[None]
    found = F.grid_sample(
        planes, grid.to(planes)[None], mode="bilinear", padding_mode="reflection", align_corners=False
    )
    return found[0].permute(1, 2, 0)


def _are_pixels(x: Float[Tensor, "m"], count: int, half: float) -> bool:
    if len(x) != count:
        return False
    centres = half * ((2 * torch.arange(count, device=x.device) + 1) / count - 1)
    return bool((x - centres).abs().max() < 1e-3 * half / count)
