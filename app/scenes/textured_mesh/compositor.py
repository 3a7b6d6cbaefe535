"""Frames of a textured mesh: shaded pictures of a model in soft light before a backdrop, compared and labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import moderngl
import numpy as np

from ...camera.camera import Camera, rays
from ...camera.gizmo import Gizmo
from ...compositor import Label, Overlay, begin_pane, clear_between, label_of_difference, labels_of
from ...compositor import Pane as Place
from ...frame_size import Size
from ...gl.colormap import colour_texture, magma
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import ImageOverlays, Surface
from ...gl.overlays import colour_bar_image
from ...gl.owner import Owner
from .controls import Shading, TexturedMeshControls
from .geometry_pass import Geometry
from .panes import LAYOUTS, shown_shadings, textured_mesh_panes

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


class TexturedMeshCompositor(Owner):
    """Composes panes into a frame, as the controls' comparison asks.

    Panes that are missing are backdrop, so a frame can be drawn before all are shaded; those of another size than their
    place are magnified smoothly.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._plain = self.own(FullscreenPass(context, "textured_mesh.frag"))
        self._gridded = self.own(FullscreenPass(context, "textured_mesh.frag", "GRID"))
        self._error = self.own(FullscreenPass(context, "textured_mesh_error.frag"))
        self._overlays = self.own(ImageOverlays(context))
        self._gizmo = self.own(Gizmo(context, self._overlays))
        self._colours = self.own(colour_texture(context, magma()))
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
        surface.use()
        self._context.enable_only(moderngl.NOTHING)
        places = textured_mesh_panes(controls, surface.size)
        clear_between(surface, places)
        if controls.comparison == "error":
            self._draw_error(surface, controls, panes, places[0])
        else:
            for place in places:
                self._draw_pane(surface, controls, panes.get(place.output), place, pixel_ratio)
        self._draw_overlays(surface, controls, panes, pixel_ratio)

    def _draw_pane(
        self,
        surface: Surface,
        controls: TexturedMeshControls,
        pane: Pane | None,
        place: Place[Shading],
        pixel_ratio: float,
    ) -> None:
        camera = pane.geometry.camera if pane else controls.camera
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

    def _draw_error(
        self, surface: Surface, controls: TexturedMeshControls, panes: Mapping[Shading, Pane], place: Place[Shading]
    ) -> None:
        one, judge = (panes.get(shading) for shading in shown_shadings(controls))
        there = one is not None and judge is not None
        (one.albedo if one and there else self._nothing).use(0)
        (judge.albedo if judge and there else self._nothing).use(1)
        self._colours.use(2)
        self._error.draw(
            pane_box=begin_pane(surface, place),
            picture_px=one.albedo.size if one and there else place.size,
            albedo=0,
            reference=1,
            error_colours=2,
            error_range=controls.error_range,
        )

    def _draw_overlays(
        self, surface: Surface, controls: TexturedMeshControls, panes: Mapping[Shading, Pane], pixel_ratio: float
    ) -> None:
        over = Overlay(self._overlays, surface, pixel_ratio)
        if controls.grid:
            camera = next((pane.geometry.camera for pane in panes.values()), controls.camera)
            self._gizmo.draw(surface, camera, over.em, over.margin, over.bottom)
        if controls.comparison == "wipe":
            over.divider(controls.divider)
        if controls.caption:
            over.labels(_labels(controls, panes, surface.size))
            if controls.comparison == "error":
                over.lower_right(colour_bar_image, (controls.error_range, over.em))


def _labels(controls: TexturedMeshControls, panes: Mapping[Shading, Pane], size: Size) -> list[Label]:
    texts = {shading: pane.label for shading, pane in panes.items()}
    if controls.comparison == "error":
        one, judge = (texts.get(shading, "") for shading in shown_shadings(controls))
        return label_of_difference(one, judge, size)
    return labels_of(LAYOUTS[controls.comparison], textured_mesh_panes(controls, size), texts, size)


def _key_direction(camera: Camera) -> tuple[float, ...]:
    direction = np.array(_KEY_LIGHT) @ camera.axes
    return tuple(direction / np.linalg.norm(direction))
