"""Textures as signals: pictures that go on beyond their border as texture coordinates ask for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..borders import Border, continued
from ..errors import InputError
from ..filters.filter import Numbers
from ..models import MODEL_SUFFIXES, load_model, read_texture
from ..models.sheet import shrunk
from ..models.textured_model import TexturedModel
from ..samples import sample_path
from .picture import Picture
from .signal import SignalFacts, as_points, folded, scaled_axes

_MARGINS = ((1, 1), (1, 1))


class Texture(Picture):
    """A picture that is repeated, clamped or mirrored beyond its border, each axis in its own way.

    Bilinear between pixel centres; where it repeats, across the seam as well, so that it is periodic.

    Args:
        pixels: (height, width, channels) or (height, width), display-encoded in [0, 1]; see ``Picture``.
        name: for people; usually the model's file name.
        border: along the width and down the height.
        source_resolution: (width, height) before resizing.

    Raises:
        InputError: another shape or type, fewer than 2 x 2 pixels, NaN or infinite values, or values far outside
            [0, 1].
    """

    type = "texture"

    def __init__(
        self,
        pixels: Any,
        name: str = "texture",
        border: tuple[Border, Border] = ("repeat", "repeat"),
        source_resolution: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(pixels, name, source_resolution=source_resolution)
        digest = hashlib.sha256(f"{self.facts.digest}{border}".encode()).hexdigest()
        self.facts = replace(self.facts, digest=digest, border=border)
        # One more pixel on every side, so that what is folded into the box finds both neighbours.
        margined = continued(super().pixels, _MARGINS, border)
        self._planes = torch.from_numpy(margined).permute(2, 0, 1)[None].contiguous()

    @property
    def pixels(self) -> Float[np.ndarray, "h w c"]:
        """The values at the pixel centres, (height, width, channels)."""
        return super().pixels[1:-1, 1:-1]

    def own_samples(self) -> Float[Tensor, "c h w"]:
        """The pixels, a channel after the other."""
        return self._planes[0, :, 1:-1, 1:-1]

    def __call__(self, x: Numbers) -> Float[Tensor, "n c"]:
        """Bilinear values at the points ``x`` (n, 2), beyond the border as the texture continues there."""
        x = as_points(x, 2, self.device).to(self._planes.dtype)
        halves, sizes = self.facts.half_extent, self.facts.resolution
        # The margin makes the planes larger than the box, whose sides are at -1 and 1 without it.
        grid = scaled_axes(folded(x, self.facts), [n / (n + 2) / h for n, h in zip(sizes, halves, strict=True)])
        values = F.grid_sample(
            self._planes, grid[None, None], mode="bilinear", padding_mode="border", align_corners=False
        )
        return values[0, :, 0].T

    @classmethod
    def of(
        cls, model: TexturedModel, max_size: int | None = None, border: tuple[Border, Border] | None = None
    ) -> Texture:
        """The sheet of a model.

        Args:
            model: its sheet is the texture.
            max_size: shrink, with anti-aliasing, so that the longer side is at most this many pixels.
            border: in place of the sheet's own.

        Raises:
            InputError: ``max_size`` is below 2.
        """
        return cls.fitted(model.sheet.pixels, model.name, border or model.sheet.borders, max_size)

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Texture:
        """The sheet of a model, or a picture that was given in place of its own."""
        border: Any = facts.border
        size, path = max(facts.resolution), sample_path(source)
        if path.suffix.lower() in MODEL_SUFFIXES:
            # An atlas changes nothing where there are texture coordinates, and where there are none the field saw one.
            return cls.of(load_model(path, atlas=True), size, border)
        return cls.fitted(read_texture(path), path.name, border, size)

    @classmethod
    def fitted(
        cls, pixels: Float[np.ndarray, "h w c"], name: str, border: tuple[Border, Border], max_size: int | None
    ) -> Texture:
        """A texture shrunk, as its borders continue it, so that no side is longer than ``max_size``."""
        if max_size is not None and max_size < 2:
            raise InputError(f"size: expected at least 2 pixels, got {max_size}")
        height, width = pixels.shape[:2]
        scale = 1.0 if max_size is None else max_size / max(height, width)
        return cls(shrunk(pixels, scale, border), name, border, (width, height))


def domain_from_uv(uv: Numbers, facts: SignalFacts) -> Float[Tensor, "*shape 2"]:
    """Points of a texture's domain at sheet coordinates: ``x = half_w (2u - 1)``, ``y = half_h (1 - 2v)``.

    v points up, the domain's second axis down, so that v = 1 is the picture's first row.

    Args:
        uv: texture coordinates, of which 0 to 1 is the sheet once; a tensor, an array or lists.
        facts: of the texture, or of the field that was trained on it.

    Example:
        >>> texture = Texture(np.zeros((2, 4, 3), np.float32))
        >>> domain_from_uv([[0.0, 1.0], [0.5, 0.5]], texture.facts)
        tensor([[-1.0000, -0.5000],
                [ 0.0000, -0.0000]])
    """
    uv = torch.as_tensor(uv)
    by_u, by_v = domain_by_uv(facts)
    return torch.stack([(uv[..., 0] - 0.5) * by_u, (uv[..., 1] - 0.5) * by_v], -1)


def domain_by_uv(facts: SignalFacts) -> tuple[float, float]:
    """How domain coordinates change by u and by v: the factors of a Jacobian's rows, the second one negative."""
    half_width, half_height = facts.half_extent
    return 2 * half_width, -2 * half_height
