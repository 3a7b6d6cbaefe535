"""The texture that is a field: asked for its average over each pixel's footprint, and near edges over smaller ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import moderngl
import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.scoring import shown_values
from fieldcore.signals import SignalFacts
from fieldcore.signals.texture import domain_from_uv

from ...gl.owner import Owner
from ...work.asking import Evaluate, EvaluateHere
from .controls import TexturedMeshControls
from .edges import EdgedAlbedo, Look, looks
from .footprint import footprint_covariances
from .geometry_pass import read_attachment
from .shading import Shot


def check_is_texture(facts: SignalFacts) -> None:
    """Raise InputError unless a field of these facts can be a texture."""
    if len(facts.half_extent) != 2 or facts.channels != 3:
        raise InputError(
            f"field of '{facts.name}': a texture is a 2-D field of 3 channels, "
            f"got {len(facts.half_extent)}-D of {facts.channels}"
        )


@dataclass(frozen=True, eq=False)
class _Question:
    """What one look asks of the field, and the pixels it asks for.

    Attributes:
        look: of what.
        corner: column and row where the least rectangle begins that holds all pixels that see the model.
        coverage: in that rectangle.
        x, covariances: for each of these pixels, row by row, where and over what it asks for the average.
    """

    look: Look
    corner: tuple[int, int]
    coverage: Float[np.ndarray, "h w"]
    x: Float[Tensor, "n 2"]
    covariances: Float[Tensor, "n 2 2"]

    def write(self, colours: Float[np.ndarray, "n 3"], picture: moderngl.Texture) -> None:
        """Put the answers, each in its pixel, into a picture that is empty elsewhere."""
        if not self.coverage.size:
            return
        part = np.zeros((*self.coverage.shape, 4), np.float16)
        part[..., 3] = self.coverage
        part[self.coverage > 0, :3] = colours
        picture.write(part, viewport=(*self.corner, *reversed(self.coverage.shape)))


class FieldShading(Owner):
    """One filtered evaluation of a field a visible pixel, and some more near edges, by torch.

    Args:
        context: to draw with.
        field: of a texture: two coordinates, three colours.
        evaluate: who asks it.

    Raises:
        InputError: the field is none of a texture.
    """

    def __init__(self, context: moderngl.Context, field: Field, evaluate: Evaluate | None = None) -> None:
        check_is_texture(field.facts)
        self.label = field.kind
        self._field, self._evaluate = field, evaluate or EvaluateHere()
        self._albedo = self.own(EdgedAlbedo(context))

    @property
    def albedo(self) -> moderngl.Texture:
        """See ``TextureShading``."""
        return self._albedo.texture

    def update(self, field: Field) -> None:
        """Ask another field from now on, one of the same recipe for the same texture."""
        self._field = field

    def shade(self, shot: Shot, controls: TexturedMeshControls) -> Iterator[None]:
        """See ``TextureShading``."""
        yield from shot.draw_in_slices()
        questions = []
        for look in looks(shot):
            questions.append(self._question(look, controls))
            yield
        x = torch.cat([question.x for question in questions])
        covariances = torch.cat([question.covariances for question in questions])
        values: Tensor | None = x.new_zeros(0, 3)
        if len(x):
            for answer in self._evaluate(self._field, x, Gaussian.unchecked(covariances)):
                values = answer
                yield
        assert values is not None
        colours = shown_values(values.detach().float().cpu().numpy()[None], self._field.facts)[0]
        for question in questions:
            self._albedo.begin(shot.size)
            question.write(colours[: len(question.x)], self._albedo.unfinished)
            self._albedo.add(question.look, shot.geometry.edges, controls.pixel_filter)
            colours = colours[len(question.x) :]
        self._albedo.finish_over(shot.geometry)

    def _question(self, look: Look, controls: TexturedMeshControls) -> _Question:
        places, jacobians = read_attachment(look.geometry, 0), read_attachment(look.geometry, 1)
        seen = places[..., 3] > 0
        rows, columns = _span(np.any(seen, 1)), _span(np.any(seen, 0))
        places, jacobians, seen = (array[rows, columns] for array in (places, jacobians, seen))
        jacobian = torch.from_numpy(jacobians[seen].reshape(-1, 2, 2))
        covariances = footprint_covariances(
            look.width * jacobian, self._field.facts, controls.pixel_filter, controls.variance
        )
        x = domain_from_uv(torch.from_numpy(places[seen][:, :2]), self._field.facts)
        return _Question(look, (columns.start, rows.start), places[..., 3], x, covariances)


def _span(seen: Bool[np.ndarray, "n"]) -> slice:
    """From the first to the last."""
    indices = np.flatnonzero(seen)
    return slice(int(indices[0]), int(indices[-1]) + 1) if len(indices) else slice(0, 0)
