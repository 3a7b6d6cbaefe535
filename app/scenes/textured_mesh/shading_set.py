"""All ways of shading a model, by name, those by a field included."""

from __future__ import annotations

from collections.abc import Callable

import moderngl

from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel

from ...gl.owner import Owner
from ...work.asking import Evaluate
from .controls import Shading
from .field_shading import FieldShading
from .geometry_pass import GeometryPass
from .plain_shadings import AnisotropicShading, MipmapShading, SingleShading, UvShading
from .pyramid_shading import PyramidShading
from .shading import TextureShading
from .sheet_texture import SheetTexture
from .supersampling import SupersampledShading


class Shadings(Owner):
    """The ways of shading one model; those by a field are made when they are first asked for.

    Args:
        context: to draw with.
        model: what is shown.
        evaluate: who asks the field, for the way by torch.
        field: that is the model's texture, if there is one.

    Attributes:
        geometry_pass: for shots.
        field: as above.
        of_model: the ways that need nothing but the model, by name.

    Raises:
        InputError: the driver cannot hold the model or its texture.
    """

    def __init__(
        self,
        context: moderngl.Context,
        model: TexturedModel,
        evaluate: Evaluate | None = None,
        field: Field | None = None,
    ) -> None:
        self.field = field
        sheet = self.own(SheetTexture(context, model.sheet, model.name))
        self.geometry_pass = self.own(GeometryPass(context, model))
        self.of_model: dict[Shading, TextureShading] = {
            "single": self.own(SingleShading(context, sheet)),
            "mipmap": self.own(MipmapShading(context, sheet)),
            "anisotropic": self.own(AnisotropicShading(context, sheet)),
            "supersampled": self.own(SupersampledShading(context, self.geometry_pass, sheet)),
            "uv": self.own(UvShading(context, sheet)),
        }
        self._of_field: dict[Shading, FieldShading | PyramidShading] = {}
        self._make: dict[Shading, Callable[[Field], FieldShading | PyramidShading]] = {
            "neural": lambda field: FieldShading(context, field, evaluate),
            "shader": lambda field: PyramidShading(context, field),
        }

    def __getitem__(self, name: Shading) -> TextureShading:
        """The way of shading of that name.

        Raises:
            InputError: it needs a field and there is none, or one of another kind.
        """
        if name in self.of_model:
            return self.of_model[name]
        if name not in self._of_field:
            if self.field is None:
                raise InputError(
                    f"{name}: the model has no field; train one with 'fieldcore fit texture MODEL --kind "
                    "pyramid --out texture.safetensors'"
                )
            self._of_field[name] = self._make[name](self.field)
        return self._of_field[name]

    def holds(self, name: Shading, shading: TextureShading) -> bool:
        """Whether that one is still there under its name."""
        return shading in (self.of_model.get(name), self._of_field.get(name))

    def use(self, field: Field | None) -> None:
        """Take another field for the texture, or the same one after its weights have changed."""
        before, self.field = self.field, field
        if field is not None and before is not None and (field.recipe, field.facts) == (before.recipe, before.facts):
            for shading in self._of_field.values():
                shading.update(field)
            return
        for shading in self._of_field.values():
            shading.release()
        self._of_field.clear()

    def release(self) -> None:
        """Give everything back to the driver."""
        self.use(None)
        super().release()
