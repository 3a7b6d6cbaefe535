"""The shape scene: level sets of signed distances in a studio's light, cut open, compared and labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import moderngl

from ...camera.camera import rays
from ...camera.gizmo import Gizmo
from ...compositor import Label, Overlay, Pane, begin_pane, clear_between, label_of_difference, labels_of
from ...covariance import covariance_matrix
from ...frame_size import Box, Size
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import ImageOverlays, Surface
from ...gl.owner import Owner, Sized
from .controls import ShapeControls, ShapeSource
from .ellipsoid import EllipsoidGizmo
from .legend import caption_words, line_spacing, scale_image, words_image
from .light import FLOOR_HALF, Light, Look, Picture, floor_shadow, scale_range
from .panes import layout_of, shape_panes
from .sight import AXES, Sight
from .surface_buffers import SurfaceBuffers
from .surface_pass import SurfacePass
from .volume_texture import VolumeTexture


@dataclass(frozen=True, eq=False)
class ShapePane:
    """A shape to be shown.

    Attributes:
        volume: its bake; while that is empty, nothing is seen of the shape.
        label: what is said about it.
        exact: the surface of the shape itself, shown instead of the bake's where the controls ask for that and it is
            what they look at. Light still reaches it through the bake.
    """

    volume: VolumeTexture
    label: str = ""
    exact: SurfaceBuffers | None = None


class ShapeCompositor(Owner):
    """Composes shapes into a frame, as the controls' comparison asks.

    Args:
        context: to draw with.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._surfaces, self._light = self.own(SurfacePass(context)), self.own(Light(context))
        self._frames: dict[tuple[str, ...], FullscreenPass] = {}
        self._overlays = self.own(ImageOverlays(context))
        self._axes, self._ellipsoid = self.own(Gizmo(context, self._overlays)), self.own(EllipsoidGizmo(context))
        self._stages: dict[ShapeSource, Sized[_Stage]] = {}
        self._prepared: dict[ShapeSource, _Stage | None] = {}
        self._nothing = self.own(context.texture((1, 1), 4, bytes(16), dtype="f4"))

    def draw(
        self,
        surface: Surface,
        controls: ShapeControls,
        panes: Mapping[ShapeSource, ShapePane],
        pixel_ratio: float = 1.0,
        divisor: int = 1,
    ) -> None:
        """Fill ``surface`` with what ``controls`` ask for.

        Args:
            surface: of any size.
            controls: what to show.
            panes: the shapes; more than are needed do no harm, and those that are missing leave the studio empty.
            pixel_ratio: framebuffer pixels in a point of the display, which makes small letters readable there.
            divisor: how many times coarser than its pixels the shapes are drawn, which is that much squared faster.
        """
        self.prepare(controls, panes, surface.size, divisor)
        self.compose(surface, controls, panes, pixel_ratio)

    def prepare(
        self, controls: ShapeControls, panes: Mapping[ShapeSource, ShapePane], size: Size, divisor: int = 1
    ) -> None:
        """Draw the lit surfaces of a frame of that size, which ``compose`` then puts together."""
        places = shape_panes(controls, size)
        self._prepared = {
            place.output: self._lit(controls, panes, place, divisor) for place in places if place.visible[2] > 0
        }

    def compose(
        self,
        surface: Surface,
        controls: ShapeControls,
        panes: Mapping[ShapeSource, ShapePane],
        pixel_ratio: float = 1.0,
    ) -> None:
        """Fill ``surface`` with what has been prepared for it; see ``draw``."""
        places = shape_panes(controls, surface.size)
        surface.use()
        clear_between(surface, places)
        for place in places:
            if place.output in self._prepared:
                stage = self._prepared[place.output]
                self._compose(surface, controls, stage, panes.get(place.output), place, pixel_ratio)
        self._draw_overlays(surface, controls, panes, pixel_ratio)

    def _lit(
        self,
        controls: ShapeControls,
        panes: Mapping[ShapeSource, ShapePane],
        place: Pane[ShapeSource],
        divisor: int,
    ) -> _Stage | None:
        """Draw a shape's lit surface and its shadow; None where there is no shape yet."""
        pane, box = panes.get(place.output), place.box
        if pane is None or pane.volume.is_empty:
            return None
        sight, look = Sight.of(controls), _look(controls, panes)
        exact = pane.exact if controls.exact and pane.exact is not None and pane.exact.sight == sight else None
        size = exact.size if exact else (-(-box[2] // divisor), -(-box[3] // divisor))
        stage = self._stage(place.output, size)
        part = _scaled(place.visible, box, size)
        if exact is None:
            part = self._surfaces.draw(stage.surface, pane.volume, sight, part, curved=look == "curvature")
        truth = panes["truth"].volume if look == "error" else None
        stage.shown = exact or stage.surface
        self._light.shade(stage.picture, stage.shown, pane.volume, controls, look, truth, part)
        if controls.grid:
            self._light.shade_floor(stage.floor, pane.volume, controls)
        return stage

    def _stage(self, source: ShapeSource, size: Size) -> _Stage:
        if source not in self._stages:
            self._stages[source] = self.own(Sized(partial(_Stage, self._context)))
        return self._stages[source].of(size)

    def _compose(
        self,
        surface: Surface,
        controls: ShapeControls,
        stage: _Stage | None,
        pane: ShapePane | None,
        place: Pane[ShapeSource],
        pixel_ratio: float,
    ) -> None:
        """Put a shape before the backdrop."""
        surface.use()
        self._context.enable_only(moderngl.NOTHING)
        box, pane_box = place.box, begin_pane(surface, place)
        textures = (self._nothing,) * 3
        if stage:
            textures = stage.picture.smooth.texture, stage.shown.position, stage.floor.texture
        for unit, texture in enumerate(textures):
            texture.use(unit)
        given = {"pane_box": pane_box, "picture_px": textures[0].size, "picture": 0}
        defined = []
        if controls.grid:
            defined.append("GRID")
            given |= {"position": 1, "floor_shadow": 2, "floor_half": FLOOR_HALF}
        if controls.slice != "none" and stage and pane:
            defined.append("SLICE")
            given |= self._sheet(controls, pane.volume, box[3], pixel_ratio)
        if defined:
            given |= rays(controls.camera, box[2:]) | {"line_px": max(1.0, pixel_ratio)}
        self._frame_pass(*defined).draw(**given)

    def _frame_pass(self, *defined: str) -> FullscreenPass:
        if defined not in self._frames:
            self._frames[defined] = self.own(FullscreenPass(self._context, "shape_frame.frag", *defined))
        return self._frames[defined]

    def _sheet(
        self, controls: ShapeControls, volume: VolumeTexture, height_px: int, pixel_ratio: float
    ) -> dict[str, object]:
        """The uniforms of ``shape_slice.glsl``."""
        axis = AXES[controls.slice]
        bound = volume.use(3)
        return {
            "sheet_volume": 3,
            "sheet_half": bound["half_extent"],
            "sheet_level": controls.level,
            "sheet_normal": tuple(float(axis == other) for other in range(3)),
            "sheet_offset": controls.slice_position,
            "line_spacing": _spacing(controls, height_px, pixel_ratio),
        }

    def _draw_overlays(
        self, surface: Surface, controls: ShapeControls, panes: Mapping[ShapeSource, ShapePane], pixel_ratio: float
    ) -> None:
        over = Overlay(self._overlays, surface, pixel_ratio)
        if controls.comparison == "wipe":
            over.divider(controls.divider)
        left, bottom = over.margin, over.bottom
        if controls.caption:
            over.labels(_labels(controls, panes, surface.size))
            bottom = self._draw_words(over, surface.size, controls, _look(controls, panes), pixel_ratio)
        if controls.grid:
            left += self._axes.draw(surface, controls.camera, over.em, left, bottom)[2]
        if any(controls.equivalent_covariance):
            matrix = covariance_matrix(controls.equivalent_covariance)
            self._ellipsoid.draw(surface, controls.camera, matrix, over.em, left, bottom)

    def _draw_words(self, over: Overlay, size: Size, controls: ShapeControls, look: Look, pixel_ratio: float) -> int:
        """Write caption and scale; returns how far down there is room at the left."""
        height_px = shape_panes(controls, size)[0].size[1]
        spacing = None if controls.slice == "none" else _spacing(controls, height_px, pixel_ratio)
        words = over.lower_left(words_image, (caption_words(controls, spacing), over.em, size[0] - 2 * over.margin))
        bottom = words[1] - over.margin // 2 if words else over.bottom
        if look in _TITLES:
            above = float(bottom) if words and words[2] > 0.5 * size[0] else None
            over.lower_right(scale_image, (_TITLES[look], scale_range(look, controls), over.em), above)
        return bottom


class _Stage(Owner):
    """What one shape is drawn into, and the surface that is shown of it."""

    def __init__(self, context: moderngl.Context, size: Size) -> None:
        self.surface, self.picture = self.own(SurfaceBuffers(context, size)), self.own(Picture(context, size))
        self.floor, self.shown = self.own(floor_shadow(context)), self.surface


_TITLES: dict[Look, str] = {"error": "distance to the truth", "curvature": "mean curvature"}


def _look(controls: ShapeControls, panes: Mapping[ShapeSource, ShapePane]) -> Look:
    """What colours the surface; the error only where there is a truth."""
    there = "truth" in panes and not panes["truth"].volume.is_empty
    return "error" if controls.comparison == "error" and there else controls.colouring


def _labels(controls: ShapeControls, panes: Mapping[ShapeSource, ShapePane], size: Size) -> list[Label]:
    texts: dict[ShapeSource, str] = {source: pane.label for source, pane in panes.items()}
    if controls.comparison == "error":
        field, truth = texts.get("field", ""), texts.get("truth", "")
        return label_of_difference(field, truth, size) if field and truth else [Label(field or truth, 0, size[0])]
    return labels_of(layout_of(controls), shape_panes(controls, size), texts, size)


def _spacing(controls: ShapeControls, height_px: int, pixel_ratio: float) -> float:
    plane = AXES[controls.slice], controls.slice_position
    return line_spacing(controls.camera, round(height_px / pixel_ratio), plane)


def _scaled(visible: Box, box: Box, size: Size) -> Box:
    """The part of a picture of a pane that is seen, from the bottom left, and a little more for its edge."""
    left, right = visible[0] - box[0], visible[0] - box[0] + visible[2]
    first = max(0, left * size[0] // box[2] - 2)
    last = min(size[0], -(-right * size[0] // box[2]) + 2)
    return first, 0, last - first, size[1]
