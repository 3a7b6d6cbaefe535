"""The painter: makes frames of the fly-through a slice at a time, so that a loop can do other things in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import moderngl

from fieldcore.fields.field import Field

from ...camera.camera import Camera
from ...frame_size import Size
from ...work.asking import Asking
from ...work.engine import Engine
from .agreement import Seen
from .cockpit import FlightFrame
from .compositor import Pane
from .controls import BY_FIELD, Shading
from .geometry_pass import read_geometry
from .open_model import OpenModel
from .panes import pane_sizes
from .shading import Shot, TextureShading, read_albedo
from .shading_set import Shadings


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
        """The picture for a scene."""
        return Pane(self.shading.albedo, self.shot.geometry, self.shading.label)

    def read(self) -> Seen:
        """Copy it to the host."""
        return Seen(read_albedo(self.shading.albedo), read_geometry(self.shot.geometry), self.shot.camera)


class Painter:
    """All ways of shading of one model after the other.

    Args:
        context: to draw with; current whenever anything is called.
        engine: who evaluates fields.
        for_view: whether its frames are for the view.
    """

    def __init__(self, context: moderngl.Context, engine: Engine, for_view: bool) -> None:
        self._context = context
        self._asking = Asking(engine, for_view)
        self._model: OpenModel | None = None
        self._field: Field | None = None
        self._shadings: Shadings | None = None

    @property
    def waiting(self) -> bool:
        """Whether the next slice is for another thread to do."""
        return self._asking.waiting

    def shaded(
        self, frame: FlightFrame, field: Field | None, divisor: int = 1
    ) -> Iterator[dict[Shading, Shaded] | None]:
        """Shade all panes that a frame needs, as far as that can be done; None while busy, and last the panes.

        Args:
            frame: what to shade.
            field: the weights to draw with.
            divisor: how many times coarser than the frame's pixels.

        Raises:
            InputError: the driver cannot hold the model, its texture or the frame.
        """
        sizes = pane_sizes(frame.controls, frame.size)
        ways = [way for way in sizes if field is not None or way not in BY_FIELD]
        done: dict[Shading, Shaded] = {}
        shots: dict[Size, Shot] = {}
        for way in ways:
            size = _coarser(sizes[way], divisor)
            for result in self.shaded_in(way, frame, field, size, shots):
                if result is None:
                    yield None
                else:
                    done[way] = result
        yield done

    def shaded_in(
        self, way: Shading, frame: FlightFrame, field: Field | None, size: Size, shots: dict[Size, Shot] | None = None,
        camera: Camera | None = None,
    ) -> Iterator[Shaded | None]:  # fmt: skip
        """Shade the model in one way; None while busy, and last the picture.

        Args:
            shots: of this frame that other ways have taken, whose geometry serves again.
            camera: who looks, if not the frame's.
        """
        shadings = self.shadings_of(frame.model, field)
        shots = {} if shots is None else shots
        shot = shots.setdefault(size, Shot(shadings.geometry_pass, camera or frame.controls.camera, size))
        shading = shadings[way]
        spent, self._asking.milliseconds = 0.0, 0.0
        slices = shading.shade(shot, frame.controls)
        while True:
            started = time.perf_counter()
            ended = next(slices, _END) is _END
            if not self._asking.waiting:
                self._context.finish()  # or the driver would put off all the work to the end
            spent += time.perf_counter() - started
            if ended:
                break
            yield None
        yield Shaded(shading, shot, 1e3 * spent + self._asking.milliseconds)

    def release(self) -> None:
        """Give everything back to the driver."""
        if self._shadings is not None:
            self._shadings.release()
        self._shadings = self._model = self._field = None

    def shadings_of(self, model: OpenModel, field: Field | None) -> Shadings:
        """The ways of shading a model with that field. Raises InputError where the driver cannot hold it."""
        if self._shadings is None or model is not self._model:
            self.release()
            self._shadings = Shadings(self._context, model.model, self._asking, field)
            self._model, self._field = model, field
        elif field is not self._field:
            self._shadings.use(field)
            self._field = field
        return self._shadings


def _coarser(size: Size, divisor: int) -> Size:
    return max(1, -(-size[0] // divisor)), max(1, -(-size[1] // divisor))


_END = object()
