"""Whole frames of the fly-through, shaded, composed and read back: recordings and rendered paths agree to the bit."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import moderngl
import numpy as np
from jaxtyping import Float, UInt16

from ...frame_size import Size
from ...gl.offscreen import read_pixels
from ...record.frame import Frame
from ...record.passes import AS_SHOWN, Pass
from ...work.asking import Evaluate
from .agreement import Seen
from .compositor import TexturedMeshCompositor
from .controls import Shading, TexturedMeshControls
from .geometry_pass import GeometryArrays, read_geometry
from .painter import Painter, Shaded, TexturedMeshSubject
from .panes import pane_size
from .shading import Shot, read_albedo


@dataclass(frozen=True)
class _Taken:
    """A shot, and how long its geometry took to draw; several passes look at it."""

    shot: Shot
    milliseconds: float

    @cached_property
    def arrays(self) -> GeometryArrays:
        return read_geometry(self.shot.geometry)


class TexturedMeshRenderer:
    """See ``record.frame_renderer.FrameRenderer``.

    Args:
        context: to draw with; current whenever anything is called.
        evaluate: who evaluates fields.

    Attributes:
        painter: shades.
    """

    def __init__(self, context: moderngl.Context, evaluate: Evaluate) -> None:
        self._context = context
        self._scene: TexturedMeshCompositor | None = None
        self.painter = Painter(context, evaluate)
        self._taken: _Taken | None = None

    @property
    def waiting(self) -> bool:
        """See ``FrameRenderer``."""
        return self.painter.waiting

    def render(
        self,
        subject: TexturedMeshSubject,
        controls: TexturedMeshControls,
        surface: moderngl.Framebuffer,
        of: Pass = AS_SHOWN,
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``. Of a pass it is told apart how long geometry and shading took."""
        started = time.perf_counter()
        panes = yield from self.draw(subject, controls, surface)
        pixels = read_pixels(surface)
        milliseconds = {"drawn_ms": 1e3 * (time.perf_counter() - started)}
        if of is not AS_SHOWN:
            shaded_ms = sum(shaded.milliseconds for shaded in panes.values())
            milliseconds = {"geometry_ms": self.taken.milliseconds, "shaded_ms": shaded_ms}
        stored = uv_picture(self.taken.arrays) if of.content == "numbers" else None
        yield Frame(pixels, description_of(controls), milliseconds, stored)

    def draw(
        self, subject: TexturedMeshSubject, controls: TexturedMeshControls, surface: moderngl.Framebuffer
    ) -> Generator[None, None, dict[Shading, Shaded]]:
        """Fill a framebuffer with what the controls ask for; returns the panes. Raises InputError as the painter."""
        shot = yield from self._shot(subject, controls, pane_size(controls, surface.size))
        panes = yield from self.painter.shaded(subject, controls, surface.size, shot=shot)
        self._scene = self._scene or TexturedMeshCompositor(self._context)
        self._scene.draw(surface, controls, {way: shaded.pane for way, shaded in panes.items()})
        return panes

    @property
    def taken(self) -> _Taken:
        """The latest frame's geometry, which must be there."""
        assert self._taken is not None
        return self._taken

    def seen(self, way: Shading, subject: TexturedMeshSubject) -> Seen:
        """The latest frame as one of the ways that it was shaded in shows it."""
        albedo = read_albedo(self.painter.shadings_of(subject)[way].albedo)
        return Seen(albedo, self.taken.arrays, self.taken.shot.camera)

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self.painter.release()
        if self._scene is not None:
            self._scene.release()
        self._taken = self._scene = None

    def _shot(
        self, subject: TexturedMeshSubject, controls: TexturedMeshControls, size: Size
    ) -> Generator[None, None, Shot]:
        """What a frame sees, drawn; of a pass what the one before has drawn."""
        shot = self.painter.shot(subject, controls, size)
        if self._taken is None or not self._taken.shot.sees_as(shot):
            self._taken = None  # which makes room
            started = time.perf_counter()
            yield from shot.draw_in_slices()
            self._context.finish()
            self._taken = _Taken(shot, 1e3 * (time.perf_counter() - started))
        return self.taken.shot


def uv_picture(geometry: GeometryArrays) -> UInt16[np.ndarray, "h w 4"]:
    """What a UV sequence stores: u, v (up), 0 and coverage, each in [0, 1] times 65535, rounded; top row first."""
    u, v = geometry.uv[..., 0], geometry.uv[..., 1]
    channels: Float[np.ndarray, "h w 4"] = np.stack([u, v, np.zeros_like(u), geometry.coverage], -1)
    channels[~geometry.covered] = 0
    return (channels.clip(0, 1).astype(np.float64) * 65535 + 0.5).astype(np.uint16)


def description_of(controls: TexturedMeshControls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    shown = {name: getattr(controls, name) for name in ("shading", "comparison", "variance")}
    if controls.comparison in ("wipe", "two_up"):
        shown["other"] = controls.other
    if controls.comparison == "wipe":
        shown["divider"] = controls.divider
    return {**asdict(controls.camera), **shown}
