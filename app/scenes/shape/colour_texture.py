"""A surface's colours as a texture of the driver."""

from __future__ import annotations

import moderngl
import numpy as np

from .bake import ColourBake


class ColourTexture:
    """The colours that were brought last.

    Args:
        context: current whenever anything is called.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._texture: moderngl.Texture3D | None = None
        self._bake: ColourBake | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return self._texture is None

    def bring(self, bake: ColourBake | None) -> None:
        """Take these, or none."""
        if bake is self._bake:
            return
        self.release()
        if bake is None:
            return
        texels = np.full((*bake.values.shape[:3], 4), 255, np.uint8)
        texels[..., :3] = bake.values
        self._texture = self._context.texture3d(bake.values.shape[2::-1], 4, texels)
        self._texture.filter = moderngl.LINEAR, moderngl.LINEAR
        self._texture.repeat_x = self._texture.repeat_y = self._texture.repeat_z = False
        self._bake = bake

    def use(self, unit: int) -> dict[str, object]:
        """Bind it to a texture unit; returns the uniforms of ``shape.frag`` that are about it."""
        assert self._texture is not None and self._bake is not None
        self._texture.use(unit)
        return {"colours": unit, "colours_half_extent": self._bake.half_extent}

    def release(self) -> None:
        """Give it back to the driver."""
        if self._texture is not None:
            self._texture.release()
        self._texture = self._bake = None
