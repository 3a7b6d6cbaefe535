"""Frames of a textured mesh, shaded and composed: the window, recordings and rendered paths all pull them from here."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import moderngl
import numpy as np
from jaxtyping import Float, UInt16

from ...camera.renderer import CameraRenderer
from ...frame_size import Size, coarser
from ...gl.image_overlays import Surface
from ...gl.offscreen import read_pixels
from ...record.frame import Frame
from ...record.passes import AS_SHOWN, Pass
from ...work.asking import Evaluate
from .agreement import Seen
from .compositor import Pane, TexturedMeshCompositor
from .controls import BY_FIELD, Shading, TexturedMeshControls
from .geometry_pass import GeometryArrays, read_geometry
from .open_model import TexturedMeshSubject
from .shading import Shot, TextureShading, read_albedo
from .shading_set import Shadings

HURRIED_SAMPLES = 2
"""Of the judge, along either axis, while something moves."""

GEOMETRY = "geometry"
"""The kind of picture that all ways of shading look at."""


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

    def read(self) -> Seen:
        """Copy it to the host."""
        return Seen(read_albedo(self.shading.albedo), read_geometry(self.shot.geometry), self.shot.camera)


@dataclass(frozen=True, eq=False)
class MeshPictures:
    """What a frame is composed of.

    Attributes:
        shaded: by way of shading.
        milliseconds: that each way took, and the geometry.
    """

    shaded: dict[Shading, Shaded]
    milliseconds: dict[str, float]


@dataclass(frozen=True)
class _Taken:
    """A shot, and how long its geometry took to draw; several passes look at it."""

    shot: Shot
    milliseconds: float

    @cached_property
    def arrays(self) -> GeometryArrays:
        return read_geometry(self.shot.geometry)


class TexturedMeshRenderer(CameraRenderer[TexturedMeshCompositor]):
    """See ``record.frame_renderer.FrameRenderer`` and ``viewport.viewport.ViewRenderer``.

    Args:
        context: to draw with; current whenever anything is called.
        evaluate: who evaluates fields.
    """

    def __init__(self, context: moderngl.Context, evaluate: Evaluate) -> None:
        super().__init__(context, TexturedMeshCompositor)
        self._evaluate = evaluate
        self._subject: TexturedMeshSubject | None = None
        self._shadings: Shadings | None = None
        self._taken: _Taken | None = None

    @property
    def waiting(self) -> bool:
        """See ``FrameRenderer``."""
        return self._evaluate.waiting

    def render(
        self,
        subject: TexturedMeshSubject,
        controls: TexturedMeshControls,
        surface: moderngl.Framebuffer,
        of: Pass = AS_SHOWN,
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``. Of a pass it is told apart how long geometry and shading took."""
        started = time.perf_counter()
        pictures = yield from self.draw(subject, controls, surface)
        pixels = read_pixels(surface)
        milliseconds = {"drawn_ms": 1e3 * (time.perf_counter() - started)}
        if of is not AS_SHOWN:
            geometry_ms = pictures.milliseconds.pop(GEOMETRY)
            milliseconds = {"geometry_ms": geometry_ms, "shaded_ms": sum(pictures.milliseconds.values())}
        stored = uv_picture(self.taken.arrays) if of.content == "numbers" else None
        yield Frame(pixels, description_of(controls), milliseconds, stored)

    def draw(
        self, subject: TexturedMeshSubject, controls: TexturedMeshControls, surface: moderngl.Framebuffer
    ) -> Generator[None, None, MeshPictures]:
        """Fill a framebuffer with what the controls ask for. Raises InputError as ``pictures``."""
        pictures = yield from self.pictures(subject, controls, surface.size)
        # Labels say how it is shaded and nothing else: what is measured would not come out again.
        labels = {way: shaded.shading.label for way, shaded in pictures.shaded.items()}
        self.compose(surface, controls, pictures, labels)
        return pictures

    # What a viewport asks for

    def hurried(self, controls: TexturedMeshControls) -> TexturedMeshControls:
        """Fewer samples."""
        return replace(controls, samples=min(controls.samples, HURRIED_SAMPLES))

    def sizes(self, controls: TexturedMeshControls, size: Size) -> dict[str, Size]:
        """The geometry and each way of shading, all alike."""
        return dict.fromkeys((GEOMETRY, *controls.needed), controls.pane_size(size))

    def pictures(
        self, subject: TexturedMeshSubject, controls: TexturedMeshControls, size: Size, divisor: int = 1
    ) -> Generator[None, None, MeshPictures]:
        """Shade all panes that a frame needs, but for those that need a field where there is none.

        The geometry stays for the next frame that looks at the same.

        Raises:
            InputError: the driver cannot hold the model, its texture or the frame, or the field cannot be drawn so.
        """
        shot = yield from self._shot(subject, controls, coarser(controls.pane_size(size), divisor))
        done: dict[Shading, Shaded] = {}
        for way in controls.needed:
            if subject.field is not None or way not in BY_FIELD:
                done[way] = yield from self.shaded(way, subject, controls, shot)
        taken: dict[str, float] = {way: shaded.milliseconds for way, shaded in done.items()}
        return MeshPictures(done, taken | {GEOMETRY: self.taken.milliseconds})

    def compose(
        self,
        surface: Surface,
        controls: TexturedMeshControls,
        pictures: MeshPictures,
        labels: Mapping[Shading, str],
        pixel_ratio: float = 1.0,
    ) -> None:
        """See ``ViewRenderer``."""
        panes = {
            way: Pane(shaded.shading.albedo, shaded.shot.geometry, labels[way])
            for way, shaded in pictures.shaded.items()
        }
        self.scene.draw(surface, controls, panes, pixel_ratio)

    # Ways of shading, one by one

    def shaded(
        self, way: Shading, subject: TexturedMeshSubject, controls: TexturedMeshControls, shot: Shot
    ) -> Generator[None, None, Shaded]:
        """Shade a shot in one way. Raises InputError as ``pictures``."""
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
        return Shot(self.shadings_of(subject).geometry_pass, controls.eye, size)

    def shadings_of(self, subject: TexturedMeshSubject) -> Shadings:
        """The ways of shading it. Raises InputError where the driver cannot hold it."""
        if self._shadings is None or self._subject is None or subject.model is not self._subject.model:
            self._forget_model()
            self._shadings = Shadings(self._context, subject.model, self._evaluate, subject.field)
        elif subject.field is not self._subject.field:
            self._shadings.use(subject.field)
        self._subject = subject
        return self._shadings

    def has_drawn(self, subject: TexturedMeshSubject) -> bool:
        """Whether the latest frame is of that."""
        return subject is self._subject and self._taken is not None

    def holds(self, pictures: MeshPictures) -> bool:
        """Whether the ways that they were shaded in are still there: those by a field go when another one comes."""
        ways = self._shadings
        return ways is not None and all(ways.holds(way, one.shading) for way, one in pictures.shaded.items())

    @property
    def taken(self) -> _Taken:
        """The latest frame's geometry, which must be there."""
        assert self._taken is not None
        return self._taken

    def seen(self, way: Shading, subject: TexturedMeshSubject) -> Seen:
        """The latest frame as one of the ways that it was shaded in shows it."""
        albedo = read_albedo(self.shadings_of(subject)[way].albedo)
        return Seen(albedo, self.taken.arrays, self.taken.shot.camera)

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._forget_model()
        super().release()

    def _forget_model(self) -> None:
        if self._shadings is not None:
            self._shadings.release()
        self._shadings = self._subject = self._taken = None

    def _shot(
        self, subject: TexturedMeshSubject, controls: TexturedMeshControls, size: Size
    ) -> Generator[None, None, Shot]:
        """What a frame sees, drawn; of a pass what the one before has drawn."""
        shot = self.shot(subject, controls, size)
        if self._taken is None or not self._taken.shot.sees_as(shot):
            self._taken = None  # which makes room
            started = time.perf_counter()
            yield from shot.draw_in_slices()
            self._context.finish()
            self._taken = _Taken(shot, 1e3 * (time.perf_counter() - started))
        return self.taken.shot


_END = object()


def uv_picture(geometry: GeometryArrays) -> UInt16[np.ndarray, "h w 4"]:
    """What a UV sequence stores: u, v (up), 0 and coverage, each in [0, 1] times 65535, rounded; top row first."""
    u, v = geometry.uv[..., 0], geometry.uv[..., 1]
    channels: Float[np.ndarray, "h w 4"] = np.stack([u, v, np.zeros_like(u), geometry.coverage], -1)
    channels[~geometry.covered] = 0
    return (channels.clip(0, 1).astype(np.float64) * 65535 + 0.5).astype(np.uint16)


def description_of(controls: TexturedMeshControls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    return {**asdict(controls.camera), **controls.comparison_described, "variance": controls.variance}
