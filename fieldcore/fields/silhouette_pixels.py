"""The pixels that a surface is trained on: those of the object in all photographs, and a few around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..errors import InputError
from ..radiance.pixel_rays import PixelRays
from ..radiance.rendering import Rays
from ..views.view import LazyPixels, View

MARGIN_PX = 4
"""How far from the mask pixels are still drawn."""


class SilhouettePixels:
    """Pixels within some pixels of the masks, drawn evenly from all views.

    Args:
        views: to be trained on.
        device: where they are drawn.
        margin: in pixels.

    Raises:
        InputError: no mask has a pixel.
    """

    def __init__(self, views: Sequence[View], device: torch.device, margin: int = MARGIN_PX) -> None:
        self._all = PixelRays(views, device)
        chosen, view_of = [], []
        start = 0
        for number, view in enumerate(views):
            near = near_mask(view, margin).reshape(-1)
            chosen.append(start + np.flatnonzero(near))
            view_of.append(np.full(len(chosen[-1]), number))
            start += len(near)
        self._chosen = torch.from_numpy(np.concatenate(chosen)).to(device)
        self._view_of = torch.from_numpy(np.concatenate(view_of)).to(device)
        if len(self._chosen) == 0:
            raise InputError("views: no mask has a pixel of the object")

    def __len__(self) -> int:
        return len(self._chosen)

    def drawn(self, count: int, generator: torch.Generator) -> tuple[Rays, Float[Tensor, "n 4"], Int[Tensor, "n"]]:
        """Rays, premultiplied colours with alpha, and the numbers of the views that they are of; in order, as there."""
        index = torch.randint(len(self._chosen), (count,), generator=generator, device=generator.device).sort().values
        chosen = self._chosen[index]
        return self._all.rays(chosen), self._all.pixels[chosen].float() / 255, self._view_of[index]


class OneViewPixels:
    """All pixels of one view at a time, which is another one for each draw.

    Args:
        views: to be trained on.
        device: where they are drawn.
    """

    def __init__(self, views: Sequence[View], device: torch.device) -> None:
        self._all = PixelRays(views, device)
        self._counts = [view.camera.width * view.camera.height for view in views]

    def drawn(self, count: int, generator: torch.Generator) -> tuple[Rays, Float[Tensor, "n 4"], Int[Tensor, "n"]]:
        """See ``SilhouettePixels.drawn``."""
        device = generator.device
        number = int(torch.randint(len(self._counts), (1,), generator=generator, device=device))
        index = torch.randint(self._counts[number], (count,), generator=generator, device=device)
        chosen = sum(self._counts[:number]) + index
        return self._all.rays(chosen), self._all.pixels[chosen].float() / 255, torch.full_like(index, number)


def dilated(view: View, margin: int) -> View:
    """The same view with a mask that reaches so many pixels further out."""

    def read() -> np.ndarray:
        pixels = view.stored.bytes.numpy().copy()
        pixels[..., 3] = np.where(near_mask(view, margin), 255, pixels[..., 3])
        return pixels

    return replace(view, stored=LazyPixels(read))


def near_mask(view: View, margin: int) -> np.ndarray:
    """Whether each pixel (height, width) is within ``margin`` pixels of a view's mask."""
    alpha = view.pixels()[..., 3].numpy() > 0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    return cv2.dilate(alpha.astype(np.uint8), disc) > 0
