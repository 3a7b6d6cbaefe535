"""The ways of shading that need nothing but the model."""

from __future__ import annotations

import moderngl

from fieldcore.models import TexturedModel

from .controls import Shading
from .geometry_pass import GeometryPass
from .plain_shadings import AnisotropicShading, MipmapShading, SingleShading, UvShading
from .shading import TextureShading
from .sheet_texture import SheetTexture
from .supersampling import SupersampledShading


class ModelShadings:
    """A model on its way to the screen: its geometry pass, its sheet, and what OpenGL makes of them.

    Args:
        context: to draw with.
        model: what is shown.

    Attributes:
        geometry_pass: for shots.
        shadings: by name; those by fields are made where there is one (``FieldShading``, ``PyramidShading``).

    Raises:
        InputError: the driver cannot hold the model or its texture.
    """

    def __init__(self, context: moderngl.Context, model: TexturedModel) -> None:
        self._sheet = SheetTexture(context, model.sheet, model.name)
        self.geometry_pass = GeometryPass(context, model)
        self.shadings: dict[Shading, TextureShading] = {
            "single": SingleShading(context, self._sheet),
            "mipmap": MipmapShading(context, self._sheet),
            "anisotropic": AnisotropicShading(context, self._sheet),
            "supersampled": SupersampledShading(context, self.geometry_pass, self._sheet),
            "uv": UvShading(context, self._sheet),
        }

    def release(self) -> None:
        """Give everything back to the driver."""
        for shading in self.shadings.values():
            shading.release()
        self._sheet.release()
        self.geometry_pass.release()
