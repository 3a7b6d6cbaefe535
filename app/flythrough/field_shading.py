"""The texture that is a field: asked for its average over each pixel's footprint, and near edges over smaller ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import moderngl
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from fieldcore.errors import InputError
from fieldcore.evaluation import Points, TileSize, evaluate_tiles
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.scoring import shown_values
from fieldcore.signals import SignalFacts
from fieldcore.signals.texture import domain_from_uv

from .controls import FlightControls
from .edges import EdgedAlbedo, Look, looks
from .footprint import footprint_covariances
from .geometry_pass import read_attachment
from .shading import Shot

Evaluate = Callable[[Field, Tensor, Gaussian], Iterator[Tensor | None]]
"""From a field, points (n, 2) and a Gaussian for each: an iterator of None while busy and, last, the values (n, c)."""


@dataclass(frozen=True)
class Statistics:
    """What the latest picture took.

    Attributes:
        points: how often the field was asked: once for each pixel that sees the model, and more often near edges.
        milliseconds: from the frame's geometry to its picture, waiting included.
        field_milliseconds: of these, until the field had answered.
    """

    points: int = 0
    milliseconds: float = 0.0
    field_milliseconds: float = 0.0


def evaluate_here(field: Field, x: Float[Tensor, "n 2"], gaussian: Gaussian) -> Iterator[Tensor | None]:
    """Evaluate in tiles, in this thread.

    Raises:
        InputError: the field cannot be filtered so, or memory does not even hold a small tile.
    """
    tiles = []
    for _, _, values in evaluate_tiles(field, Points(x), gaussian, tile_size=TileSize()):
        tiles.append(values)
        yield None
    yield torch.cat(tiles)


def check_is_texture(facts: SignalFacts) -> None:
    """Raise InputError unless a field of these facts can be a texture."""
    if len(facts.half_extent) != 2 or facts.channels != 3:
        raise InputError(
            f"field of '{facts.name}': a texture is a 2-D field of 3 channels, "
            f"got {len(facts.half_extent)}-D of {facts.channels}"
        )


@dataclass(frozen=True, eq=False)
class _Question:
    """What one look asks of the field, and the pixels it asks for."""

    look: Look
    coverage: Float[np.ndarray, "h w"]
    pixels: Int[np.ndarray, "n"]
    x: Float[Tensor, "n 2"]
    covariances: Float[Tensor, "n 2 2"]

    def picture(self, colours: Float[np.ndarray, "n 3"]) -> bytes:
        """The answers, each in its pixel."""
        picture = np.zeros((self.coverage.size, 4), np.float16)
        picture[:, 3] = self.coverage.reshape(-1)
        picture[self.pixels, :3] = colours
        return picture.tobytes()


class FieldShading:
    """One filtered evaluation of a field a visible pixel, and some more near edges, by torch.

    Args:
        context: to draw with.
        field: of a texture: two coordinates, three colours.
        evaluate: who asks it.

    Attributes:
        statistics: of the latest picture.

    Raises:
        InputError: the field is none of a texture.
    """

    def __init__(self, context: moderngl.Context, field: Field, evaluate: Evaluate = evaluate_here) -> None:
        check_is_texture(field.facts)
        self.label = field.kind
        self.statistics = Statistics()
        self._field, self._evaluate = field, evaluate
        self._albedo = EdgedAlbedo(context)

    @property
    def albedo(self) -> moderngl.Texture:
        """See ``TextureShading``."""
        return self._albedo.texture

    def update(self, field: Field) -> None:
        """Ask another field from now on, one of the same recipe for the same texture."""
        self._field = field

    def shade(self, shot: Shot, controls: FlightControls) -> Iterator[None]:
        """See ``TextureShading``."""
        start = time.perf_counter()
        yield from shot.draw_in_slices()
        questions = []
        for look in looks(shot):
            questions.append(self._question(look, controls))
            yield
        x = torch.cat([question.x for question in questions])
        covariances = torch.cat([question.covariances for question in questions])
        values: Tensor | None = x.new_zeros(0, 3)
        asked = time.perf_counter()
        if len(x):
            for answer in self._evaluate(self._field, x, Gaussian.unchecked(covariances)):
                values = answer
                yield
        answered = time.perf_counter()
        assert values is not None
        colours = shown_values(values.detach().float().cpu().numpy()[None], self._field.facts)[0]
        for question in questions:
            self._albedo.begin(shot.size)
            self._albedo.unfinished.write(question.picture(colours[: len(question.x)]))
            self._albedo.add(question.look, shot.geometry.edges, controls.pixel_filter)
            colours = colours[len(question.x) :]
        self._albedo.finish_over(shot.geometry)
        whole = time.perf_counter() - start
        self.statistics = Statistics(len(x), 1e3 * whole, 1e3 * (answered - asked))

    def release(self) -> None:
        """Give everything back to the driver."""
        self._albedo.release()

    def _question(self, look: Look, controls: FlightControls) -> _Question:
        places = read_attachment(look.geometry, 0)
        pixels = np.flatnonzero(places[..., 3])
        uv = torch.from_numpy(places.reshape(-1, 4)[pixels, :2])
        jacobian = torch.from_numpy(read_attachment(look.geometry, 1).reshape(-1, 2, 2)[pixels])
        covariances = footprint_covariances(
            look.width * jacobian, self._field.facts, controls.pixel_filter, controls.variance
        )
        return _Question(look, places[..., 3], pixels, domain_from_uv(uv, self._field.facts), covariances)
