"""Frames of a textured mesh: shaded pictures of a model in soft light before a backdrop, compared and labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np

from ...camera.camera import Camera, rays
from ...camera.gizmo import Gizmo
from ...compare import ERROR_KINDS
from ...compositor import Compositor, Overlay, begin_pane
from ...frame_size import Box
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import Surface
from ...panes import Pane as Place
from .controls import Shading, TexturedMeshControls
from .geometry_pass import Geometry

_UNLIT: tuple[Shading, ...] = ("uv",)
"""What shows numbers, not surfaces."""

_KEY_LIGHT = (-0.48, 0.62, -0.62)
"""Where it comes from: right, up, forward of the camera."""


@dataclass(frozen=True, eq=False)
class Pane:
    """One picture of the model.

    Attributes:
        albedo: as ``TextureShading.albedo``.
        geometry: of the same frame.
        label: what is said about it.
    """

    albedo: moderngl.Texture
    geometry: Geometry
    label: str = ""


class TexturedMeshCompositor(Compositor[TexturedMeshControls]):
    """Composes panes into a frame.

    Panes that are missing are backdrop, so a frame can be drawn before all are shaded; those of another size than their
    place are magnified smoothly.
    """

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._plain = self.own(FullscreenPass(context, "textured_mesh.frag"))
        self._gridded = self.own(FullscreenPass(context, "textured_mesh.frag", "GRID"))
        self._error = self.own(FullscreenPass(context, "textured_mesh_error.frag"))
        self._gizmo = self.own(Gizmo(context, self._overlays))
        self._panes: Mapping[Any, Pane] = {}
        self._nothing = self.own(context.texture((1, 1), 4, bytes(4)))

    def draw(
        self, surface: Surface, controls: TexturedMeshControls, panes: Mapping[Shading, Pane], pixel_ratio: float = 1.0
    ) -> None:
        """Fill ``surface`` with what ``controls`` ask for.

        Args:
            surface: of any size.
            controls: what to show.
            panes: by way of shading; more than are needed do no harm.
            pixel_ratio: framebuffer pixels in a point of the display, which makes small letters readable there.
        """
        self._panes = panes
        self.compose(surface, controls, {shading: pane.label for shading, pane in panes.items()}, pixel_ratio)

    def _draw_pane(self, surface: Surface, controls: TexturedMeshControls, place: Place, pixel_ratio: float) -> None:
        if place.output in ERROR_KINDS:
            self._draw_error(surface, controls, place)
            return
        pane = self._panes.get(place.output)
        camera = pane.geometry.camera if pane else controls.eye
        box = begin_pane(surface, place)
        (pane.albedo if pane else self._nothing).use(0)
        (pane.geometry.surface if pane else self._nothing).use(1)
        given = {
            "pane_box": box,
            "picture_px": pane.albedo.size if pane else place.size,
            "key_direction": _key_direction(camera) if controls.lit and place.output not in _UNLIT else (0.0, 0.0, 0.0),
            "albedo": 0,
            "surface": 1,
        }
        if controls.grid:
            self._gridded.draw(**given, **rays(camera, place.size), line_px=max(1.0, pixel_ratio))
        else:
            self._plain.draw(**given)

    def _draw_error(self, surface: Surface, controls: TexturedMeshControls, place: Place) -> None:
        one, judge = (self._panes.get(shading) for shading in (controls.subject, controls.reference))
        there = one is not None and judge is not None
        (one.albedo if one and there else self._nothing).use(0)
        (judge.albedo if judge and there else self._nothing).use(1)
        self._error.draw(
            **self._use_error_colours(controls, place.output, 2),
            pane_box=begin_pane(surface, place),
            picture_px=one.albedo.size if one and there else place.size,
            albedo=0,
            reference=1,
        )

    def _draw_gizmos(self, over: Overlay, surface: Surface, controls: TexturedMeshControls, words: Box | None) -> None:
        if controls.grid:
            camera = next((pane.geometry.camera for pane in self._panes.values()), controls.eye)
            self._gizmo.draw(surface, camera, over.em, over.margin, over.bottom)


def _key_direction(camera: Camera) -> tuple[float, ...]:
    direction = np.array(_KEY_LIGHT) @ camera.axes
    return tuple(direction / np.linalg.norm(direction))
