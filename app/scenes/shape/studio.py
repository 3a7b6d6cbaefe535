"""Where frames of a shape are made without a window: bakes, uploads, traces and draws, and keeps what stays."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from fieldcore.fields.field import Field
from fieldcore.meshing import in_source_units, surface_of_volume
from fieldcore.signals.mesh_file import Mesh
from fieldcore.truth import Truth

from ...frame_size import Size
from ...gl.offscreen import Offscreen
from .agreement import ShapeAgreement, agreement_of
from .bake import Bake
from .baking import bake_field, bake_grid, bake_truth
from .compositor import ShapeScene
from .controls import ShapeControls, ShapeSource
from .exact_steps import normal_step
from .frame import draw_shape, exact_surface
from .panes import NEEDED, SHOWN, shape_panes
from .sight import Sight
from .surface_buffers import SurfaceBuffers
from .volume_texture import VolumeTexture

_STAGES = ("baked_ms", "traced_ms", "drawn_ms")


@dataclass(frozen=True, eq=False)
class ShapeSources:
    """What is rendered: a field of a shape, and the shape itself, smoothed, where it is known."""

    field: Field
    truth: Truth | None = None


@dataclass(frozen=True, eq=False)
class ShapeFrame:
    """A finished frame.

    Attributes:
        pixels: display-encoded, top row first.
        milliseconds: spent baking, tracing and drawing: ``baked_ms``, ``traced_ms``, ``drawn_ms``.
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    milliseconds: dict[str, float]


class ShapeStudio:
    """Makes whole frames of a shape, one after the other. Bakes stay while the filter does, from frame to frame.

    Args:
        surface: frames are drawn into it.
        sources: what they show.
    """

    def __init__(self, surface: Offscreen, sources: ShapeSources) -> None:
        self._surface, self._sources = surface, sources
        self._scene = ShapeScene(surface.context)
        self._bakes: dict[ShapeSource, tuple[Any, Bake]] = {}
        self._volumes: dict[ShapeSource, tuple[Bake, VolumeTexture]] = {}
        self._exact: tuple[Any, SurfaceBuffers] | None = None

    def bake(self, source: ShapeSource, controls: ShapeControls) -> Bake:
        """Signed distances under the controls' filter. Raises InputError if the field cannot be filtered so."""
        asked = controls.covariance, controls.cells
        if source not in self._bakes or self._bakes[source][0] != asked:
            self._bakes[source] = asked, self._baked(source, controls)
        return self._bakes[source][1]

    def frame(self, controls: ShapeControls) -> ShapeFrame:
        """What ``controls`` ask for, however long it takes. Raises InputError if the field cannot be filtered so."""
        marks = [time.perf_counter()]
        volumes = {source: self._volume(source, controls) for source in NEEDED[controls.comparison]}
        marks.append(time.perf_counter())
        exact = self._traced(controls) if controls.exact and "field" in SHOWN[controls.comparison] else None
        marks.append(time.perf_counter())
        draw_shape(self._scene, self._surface.framebuffer, controls, volumes, self._sources.field.kind, exact)
        pixels = self._surface.pixels()
        marks.append(time.perf_counter())
        took = (round(1e3 * (end - start), 3) for start, end in pairwise(marks))
        return ShapeFrame(pixels, dict(zip(_STAGES, took, strict=True)))

    def mesh(self, controls: ShapeControls) -> Mesh | None:
        """The baked surface in the units of the field's source; None where there is none."""
        facts = self._sources.field.facts
        mesh = surface_of_volume(self.bake("field", controls).values, bake_grid(controls.cells), controls.level)
        return mesh and in_source_units(replace(mesh, name=Path(facts.name).stem), facts)

    def agreement(self, controls: ShapeControls) -> ShapeAgreement | None:
        """Of the bake with the truth's, where there is one."""
        if self._sources.truth is None:
            return None
        field, truth = self.bake("field", controls), self.bake("truth", controls)
        return agreement_of(field, truth, controls.covariance, controls.level)

    def release(self) -> None:
        """Give everything back to the driver."""
        for _, volume in self._volumes.values():
            volume.release()
        if self._exact is not None:
            self._exact[1].release()
        self._volumes, self._exact = {}, None
        self._scene.release()

    @property
    def _size(self) -> Size:
        return self._surface.framebuffer.size

    def _baked(self, source: ShapeSource, controls: ShapeControls) -> Bake:
        if source == "field":
            return bake_field(self._sources.field, controls.covariance, controls.cells)
        if self._sources.truth is None:
            raise RuntimeError("the truth is not there; ask the path for what it needs first")
        return bake_truth(self._sources.truth, controls.covariance, controls.cells)

    def _volume(self, source: ShapeSource, controls: ShapeControls) -> VolumeTexture:
        bake = self.bake(source, controls)
        if source not in self._volumes or self._volumes[source][0] is not bake:
            volume = self._volumes[source][1] if source in self._volumes else VolumeTexture(self._surface.context)
            volume.write_whole(bake)
            self._volumes[source] = bake, volume
        return self._volumes[source][1]

    def _traced(self, controls: ShapeControls) -> SurfaceBuffers:
        """The field's own surface, kept for passes that look at the same one."""
        size, sight = shape_panes(controls, self._size)[0].size, Sight.of(controls)
        asked = size, sight, controls.covariance, normal_step(controls, size), controls.colouring == "curvature"
        if self._exact is None or self._exact[0] != asked:
            arrays = exact_surface(self._sources.field, controls, size)
            if self._exact is not None:
                self._exact[1].release()
            buffers = SurfaceBuffers(self._surface.context, size)
            buffers.write(arrays, sight)
            self._exact = asked, buffers
        return self._exact[1]
