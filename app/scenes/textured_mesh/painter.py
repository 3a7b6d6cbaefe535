"""The painter: makes pictures of a model in any way of shading, a slice at a time, so that others can go on."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import moderngl

from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel

from ...frame_size import Size, coarser
from ...work.asking import Evaluate
from .agreement import Seen
from .compositor import Pane
from .controls import BY_FIELD, Shading, TexturedMeshControls
from .geometry_pass import read_geometry
from .panes import pane_size, shown_shadings
from .shading import Shot, TextureShading, read_albedo
from .shading_set import Shadings


@dataclass(frozen=True, eq=False)
class TexturedMeshSubject:
    """What is flown through: a model, and the field that is its texture, if there is one."""

    model: TexturedModel
    field: Field | None = None


@dataclass(frozen=True, eq=False)
class Shaded:
    """A shot that one way of shading has made a picture of.

    Attributes:
        shading: the way, which keeps the picture until its next one.
        shot: what was shaded.
        milliseconds: that it took, the waiting for other work left out.
    """

    shading: TextureShading
    shot: Shot
    milliseconds: float

    @property
    def pane(self) -> Pane:
        """The picture for a compositor. Its label says how it is shaded: what is measured would not come out again."""
        return Pane(self.shading.albedo, self.shot.geometry, self.shading.label)

    def read(self) -> Seen:
        """Copy it to the host."""
        return Seen(read_albedo(self.shading.albedo), read_geometry(self.shot.geometry), self.shot.camera)


class Painter:
    """All ways of shading of one model after the other.

    Args:
        context: to draw with; current whenever anything is called.
        evaluate: who evaluates fields.
    """

    def __init__(self, context: moderngl.Context, evaluate: Evaluate) -> None:
        self._context, self._evaluate = context, evaluate
        self._subject: TexturedMeshSubject | None = None
        self._shadings: Shadings | None = None

    @property
    def waiting(self) -> bool:
        """Whether the next slice is for another thread to do."""
        return self._evaluate.waiting

    def shaded(
        self,
        subject: TexturedMeshSubject,
        controls: TexturedMeshControls,
        size: Size,
        divisor: int = 1,
        shot: Shot | None = None,
    ) -> Generator[None, None, dict[Shading, Shaded]]:
        """Shade all panes that a frame needs, but for those that need a field where there is none.

        Args:
            subject: what to shade.
            controls: what is shown of it.
            size: of the frame.
            divisor: how many times coarser than the frame's pixels.
            shot: what the frame sees, where that has been drawn.

        Raises:
            InputError: the driver cannot hold the model, its texture or the frame, or the field cannot be drawn so.
        """
        shot = shot or self.shot(subject, controls, coarser(pane_size(controls, size), divisor))
        done: dict[Shading, Shaded] = {}
        for way in dict.fromkeys(shown_shadings(controls)):
            if subject.field is not None or way not in BY_FIELD:
                done[way] = yield from self.shaded_in(way, subject, controls, shot)
        return done

    def shaded_in(
        self, way: Shading, subject: TexturedMeshSubject, controls: TexturedMeshControls, shot: Shot
    ) -> Generator[None, None, Shaded]:
        """Shade a shot in one way. Raises InputError as ``shaded``."""
        evaluate = self._evaluate
        shading = self.shadings_of(subject)[way]
        spent, evaluate.milliseconds = 0.0, 0.0
        slices = shading.shade(shot, controls)
        while True:
            started = time.perf_counter()
            ended = next(slices, _END) is _END
            if ended or (evaluate.shares_time and not evaluate.waiting):
                self._context.finish()  # or the driver would put off all the work to the end
            spent += time.perf_counter() - started
            if ended:
                return Shaded(shading, shot, 1e3 * spent + evaluate.milliseconds)
            yield

    def shot(self, subject: TexturedMeshSubject, controls: TexturedMeshControls, size: Size) -> Shot:
        """What a frame of that size sees, still to be drawn."""
        return Shot(self.shadings_of(subject).geometry_pass, controls.camera, size)

    def shadings_of(self, subject: TexturedMeshSubject) -> Shadings:
        """The ways of shading it. Raises InputError where the driver cannot hold it."""
        if self._shadings is None or self._subject is None or subject.model is not self._subject.model:
            self.release()
            self._shadings = Shadings(self._context, subject.model, self._evaluate, subject.field)
        elif subject.field is not self._subject.field:
            self._shadings.use(subject.field)
        self._subject = subject
        return self._shadings

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        if self._shadings is not None:
            self._shadings.release()
        self._shadings = self._subject = None


_END = object()
