"""All ways of shading a model, by name, those by a field included."""

from __future__ import annotations

from collections.abc import Callable

import moderngl

from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel

from ...work.asking import Evaluate
from .controls import BY_FIELD, Shading
from .field_shading import FieldShading
from .geometry_pass import GeometryPass
from .model_shadings import ModelShadings
from .pyramid_shading import PyramidShading
from .shading import TextureShading


class Shadings:
    """The ways of shading one model, made when they are first asked for.

    Args:
        context: to draw with.
        model: what is shown.
        evaluate: who asks the field, for the way by torch.
        field: that is the model's texture, if there is one.

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
        self._field = field
        self._of_model = ModelShadings(context, model)
        self._of_field: dict[Shading, FieldShading | PyramidShading] = {}
        self._make: dict[Shading, Callable[[Field], FieldShading | PyramidShading]] = {
            "neural": lambda field: FieldShading(context, field, evaluate),
            "shader": lambda field: PyramidShading(context, field),
        }

    @property
    def geometry_pass(self) -> GeometryPass:
        """For shots."""
        return self._of_model.geometry_pass

    @property
    def field(self) -> Field | None:
        """That is the model's texture, if there is one."""
        return self._field

    def __getitem__(self, name: Shading) -> TextureShading:
        """The way of shading of that name.

        Raises:
            InputError: it needs a field and there is none, or one of another kind.
        """
        if name not in BY_FIELD:
            return self._of_model.shadings[name]
        if name not in self._of_field:
            if self._field is None:
                raise InputError(
                    f"{name}: the model has no field; train one with 'fieldcore fit texture MODEL --kind "
                    "pyramid --out texture.safetensors'"
                )
            self._of_field[name] = self._make[name](self._field)
        return self._of_field[name]

    def use(self, field: Field | None) -> None:
        """Take another field for the texture, or the same one after its weights have changed."""
        before, self._field = self._field, field
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
        self._of_model.release()
