"""A model's sheet as a texture, with the ways to sample it."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import moderngl
import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError
from fieldcore.models import Sheet

from .anisotropy import driver_anisotropy
from .mipmaps import smaller_levels

Sampling = Literal["nearest", "bilinear", "trilinear", "anisotropic"]
"""The nearest texel; four of them; eight of two levels of mipmaps; these along the longer axis of the footprint."""

_FILTERS: dict[Sampling, tuple[int, int]] = {
    "nearest": (moderngl.NEAREST, moderngl.NEAREST),
    "bilinear": (moderngl.LINEAR, moderngl.LINEAR),
    "trilinear": (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR),
    "anisotropic": (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR),
}
_MIPMAPPED: tuple[Sampling, ...] = ("trilinear", "anisotropic")

_MOST_EXACT_TEXELS = 1 << 24
"""Sheets of no more are held in 16 bits a channel: drivers interpolate those in more than 8 bits as well. Larger ones
would need too much memory."""


class SheetTexture:
    """A sheet on its way to the driver when it is first sampled, its mipmaps when they are.

    Args:
        context: that samples it.
        sheet: all textures of a model.
        name: the model's, for messages.

    Raises:
        InputError: the driver cannot hold a texture of that size.
    """

    def __init__(self, context: moderngl.Context, sheet: Sheet, name: str) -> None:
        most = int(context.info["GL_MAX_TEXTURE_SIZE"])
        height, width, _ = sheet.pixels.shape
        if max(width, height) > most:
            raise InputError(
                f"model '{name}': its texture has {width} x {height} pixels, this driver holds at most {most} a side; "
                "shrink the texture"
            )
        self._context, self._sheet, self._name = context, sheet, name
        self._dtype, self._white = ("nu2", 65535) if width * height <= _MOST_EXACT_TEXELS else ("f1", 255)
        self._levels_written = 1
        self._samplers: dict[Sampling, moderngl.Sampler] = {}

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in texels."""
        height, width, _ = self._sheet.pixels.shape
        return width, height

    def use(self, sampling: Sampling, unit: int) -> None:
        """Bind the texture with that sampling to a texture unit; ``done`` gives the unit back."""
        if sampling in _MIPMAPPED:
            self._write_mipmaps()
        if sampling not in self._samplers:
            self._samplers[sampling] = self._sampler(sampling)
        self._texture.use(unit)
        self._samplers[sampling].use(unit)

    def done(self, unit: int) -> None:
        """Leave the texture unit to textures that say themselves how they are sampled."""
        self._context.clear_samplers(unit, unit + 1)

    def release(self) -> None:
        """Give everything back to the driver."""
        for sampler in self._samplers.values():
            sampler.release()
        self._samplers.clear()
        if "_texture" in self.__dict__:
            self._texture.release()

    @cached_property
    def _texture(self) -> moderngl.Texture:
        texels = self._texels(self._sheet.pixels)
        try:
            return self._context.texture(self.size, 3, texels, alignment=1, dtype=self._dtype)
        except moderngl.Error as error:
            width, height = self.size
            raise InputError(
                f"model '{self._name}': the driver has no room for its texture of {width} x {height} pixels ({error}); "
                "shrink the texture"
            ) from error

    def _texels(self, pixels: Float[np.ndarray, "h w 3"]) -> bytes:
        """Whole numbers, bottom row first."""
        scaled = pixels[::-1].clip(0, 1) * np.float32(self._white)
        return np.rint(scaled).astype(np.uint16 if self._white > 255 else np.uint8).tobytes()

    def _write_mipmaps(self) -> None:
        if self._levels_written > 1 or max(self.size) == 1:
            return
        self._texture.build_mipmaps()  # makes room for them
        for level, pixels in enumerate(smaller_levels(self._sheet.pixels), 1):
            self._texture.write(self._texels(pixels), level=level, alignment=1)
            self._levels_written = level + 1

    def _sampler(self, sampling: Sampling) -> moderngl.Sampler:
        # Coordinates are wrapped already; this is about texels beside the border. Those of a mirrored texture are the
        # border's own, as of a clamped one. Sheets of several materials have gutters.
        wraps = self._sheet.wraps[0] if len(self._sheet.wraps) == 1 else ("clamp", "clamp")
        sampler = self._context.sampler(repeat_x=wraps[0] == "repeat", repeat_y=wraps[1] == "repeat")
        sampler.filter = _FILTERS[sampling]
        if sampling == "anisotropic":
            sampler.anisotropy = driver_anisotropy(self._context)
        return sampler
