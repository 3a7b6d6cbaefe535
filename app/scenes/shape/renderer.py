"""Frames of a shape: baked, traced, lit and composed; the window, recordings and rendered paths pull them from here."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import moderngl

from fieldcore.errors import InputError
from fieldcore.sphere_tracing import CAREFUL, Stepping

from ...camera.camera import Vector
from ...camera.renderer import CameraRenderer
from ...frame_size import Size
from ...gl.image_overlays import Surface
from ...gl.offscreen import read_pixels
from ...record.frame import Frame
from ...record.passes import AS_SHOWN, Pass
from ...work.asking import Evaluate
from .bake import Bake
from .baking import ShapeSubject, bake_grid, filter_of
from .colour_texture import ColourTexture
from .compositor import ShapeCompositor, ShapePane
from .controls import ShapeControls, ShapeSource
from .exact_steps import normal_step
from .exact_surface import finding_field
from .meshes import filter_mesh, surface_mesh
from .sight import Sight
from .surface_buffers import SurfaceBuffers
from .volume_texture import VolumeTexture

_STAGES = ("baked_ms", "traced_ms", "drawn_ms")

Panes = Mapping[ShapeSource, ShapePane]


@dataclass(frozen=True, eq=False)
class ShapePictures:
    """Lit surfaces that wait to be composed.

    Attributes:
        panes: whose.
        milliseconds: that they took, by what is shown of them.
    """

    panes: Panes
    milliseconds: dict[str, float]


class ShapeRenderer(CameraRenderer[ShapeCompositor]):
    """See ``record.frame_renderer.FrameRenderer`` and ``viewport.viewport.ViewRenderer``.

    Bakes stay while the filter does, from frame to frame. In a window others bring them, and a frame's subject is its
    panes.

    Args:
        context: to draw with; current whenever anything is called.
        evaluate: who evaluates fields.
        stepping: how rays are followed where the field itself is traced.
    """

    whole_pictures = False  # they are lit for their panes

    def __init__(self, context: moderngl.Context, evaluate: Evaluate, stepping: Stepping = CAREFUL) -> None:
        super().__init__(context, ShapeCompositor)
        self._evaluate, self._stepping = evaluate, stepping
        self._baked: tuple[tuple[Any, ...], Bake] | None = None
        self._volumes: dict[ShapeSource, VolumeTexture] = {}
        self._colours = ColourTexture(context)
        self._traced: tuple[tuple[Any, ...], SurfaceBuffers] | None = None
        self._waits_for_truth = False

    @property
    def waiting(self) -> bool:
        """See ``FrameRenderer``."""
        return self._evaluate.waiting or self._waits_for_truth

    def render(
        self, subject: ShapeSubject, controls: ShapeControls, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``. A pass that finds its bake already made takes no time for that."""
        if of.content == "mesh":
            yield (yield from self._mesh(subject, controls, of))
            return
        marks = [time.perf_counter()]
        for source in controls.needed:
            bake = yield from self.bake(source, subject, controls)
            yield from self._volumes.setdefault(source, VolumeTexture(self._context)).bringing(bake)
        if controls.colouring == "colours" and subject.colours is not None:
            self._colours.bring(subject.colours())
        marks.append(time.perf_counter())
        exact = yield from self._exact(subject, controls, surface)
        marks.append(time.perf_counter())
        pictures = yield from self.pictures(self._panes(subject, controls, exact), controls, surface.size)
        self.compose(surface, controls, pictures, self._labels(subject, controls))
        pixels = read_pixels(surface)
        marks.append(time.perf_counter())
        took = (1e3 * (end - start) for start, end in pairwise(marks))
        yield Frame(pixels, description_of(controls), dict(zip(_STAGES, took, strict=True)))

    # What a viewport asks for

    def hurried(self, controls: ShapeControls) -> ShapeControls:
        """The bake in place of the field itself."""
        return replace(controls, exact=False)

    def sizes(self, controls: ShapeControls, size: Size) -> dict[str, Size]:
        """One kind for each look, of which all pixels cost much the same."""
        return {"-".join(map(str, (*controls.shown, controls.colouring, controls.shadows))): size}

    def pictures(
        self, subject: Panes, controls: ShapeControls, size: Size, divisor: int = 1
    ) -> Generator[None, None, ShapePictures]:
        """Light the surfaces of bakes that have been brought, which is one slice."""
        yield
        started = time.perf_counter()
        self.scene.prepare(controls, subject, size, divisor)
        self._context.finish()  # or the driver would put off the work, and nobody would know how long it takes
        return ShapePictures(subject, dict.fromkeys(self.sizes(controls, size), 1e3 * (time.perf_counter() - started)))

    def compose(
        self,
        surface: Surface,
        controls: ShapeControls,
        pictures: ShapePictures,
        labels: Mapping[ShapeSource, str],
        pixel_ratio: float = 1.0,
    ) -> None:
        """See ``ViewRenderer``."""
        self.scene.compose(surface, controls, labels, pixel_ratio)

    def seen_at(self, output: str, share: tuple[float, float]) -> tuple[Vector, Vector] | None:
        """See ``ShapeCompositor``."""
        return self.scene.seen_at(output, share)

    # Bakes

    @property
    def baked(self) -> Bake | None:
        """The field's latest; None where others bring it."""
        return None if self._baked is None else self._baked[1]

    def bake(self, source: ShapeSource, subject: ShapeSubject, controls: ShapeControls) -> Generator[None, None, Bake]:
        """Signed distances under the controls' filter. Raises InputError if the field cannot be filtered so."""
        if source == "truth":
            return (yield from self._true_bake(subject, controls))
        of = subject.field, subject.version, controls.smoothing, controls.cells
        if self._baked is None or self._baked[0] != of:
            cells = controls.cells
            for values in self._evaluate(subject.field, bake_grid(cells), filter_of(controls.smoothing)):
                if values is None:
                    yield
                else:
                    distances = values[:, 0].float().cpu().numpy()
            self._baked = of, Bake(distances.reshape(cells, cells, cells))
        return self._baked[1]

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        for volume in self._volumes.values():
            volume.release()
        if self._traced is not None:
            self._traced[1].release()
        self._colours.release()
        self._volumes, self._traced = {}, None
        super().release()

    def _true_bake(self, subject: ShapeSubject, controls: ShapeControls) -> Generator[None, None, Bake]:
        if subject.true_bake is None:
            raise InputError("the truth is not known: open the mesh that the field was trained on")
        self._waits_for_truth = True
        try:
            return (yield from subject.true_bake(controls.smoothing, controls.cells))
        finally:
            self._waits_for_truth = False

    def _exact(
        self, subject: ShapeSubject, controls: ShapeControls, surface: Surface
    ) -> Generator[None, None, SurfaceBuffers | None]:
        """The field's own surface where it is shown, kept for frames that look at the same one."""
        if not controls.exact or "field" not in controls.needed:
            return None
        size, sight = controls.pane_size(surface.size), Sight.of(controls)
        how = normal_step(controls, size), controls.colouring == "curvature"
        of = subject.field, subject.version, controls.smoothing, size, sight, *how
        if self._traced is None or self._traced[0] != of:
            arrays = yield from finding_field(self._evaluate, subject.field, controls, size, self._stepping)
            if self._traced is not None:
                self._traced[1].release()
            buffers = SurfaceBuffers(self._context, size)
            buffers.write(arrays, sight)
            self._traced = of, buffers
        return self._traced[1]

    def _panes(self, subject: ShapeSubject, controls: ShapeControls, exact: SurfaceBuffers | None) -> Panes:
        """What has been brought, as far as the comparison needs it."""
        return {
            source: ShapePane(self._volumes[source], exact=exact, colours=self._colours)
            if source == "field"
            else ShapePane(self._volumes[source])
            for source in controls.needed
        }

    def _labels(self, subject: ShapeSubject, controls: ShapeControls) -> dict[ShapeSource, str]:
        """What is shown and nothing else: what is measured would not come out the same again."""
        kind = subject.field.kind
        return {"field": f"{kind}, exact" if controls.exact else kind, "truth": "truth"}

    def _mesh(self, subject: ShapeSubject, controls: ShapeControls, of: Pass) -> Generator[None, None, Frame]:
        """What a pass writes as a mesh, in the units of the field's source; a frame without one says why."""
        started = time.perf_counter()
        facts = subject.field.facts
        if of.mesh_of == "filter":
            mesh, found = filter_mesh(controls, facts)
        else:
            bake = yield from self.bake("truth" if controls.left == "truth" else "field", subject, controls)
            mesh, found = surface_mesh(bake, controls, facts)
            found = {"level": controls.level, **found}
        description = {**controls.described, **found}
        return Frame(None, description, {"meshed_ms": 1e3 * (time.perf_counter() - started)}, mesh)


def description_of(controls: ShapeControls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    names = ["level", "colouring", "exact", "slice", "light_yaw_deg", "light_pitch_deg"]
    if controls.slice != "none":
        names.append("slice_position")
    shown = {name: getattr(controls, name) for name in names} | controls.comparison_described
    return {**asdict(controls.camera), **controls.described, **shown}
