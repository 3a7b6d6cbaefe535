"""The shape scene: level sets of signed distances in a studio's light, cut open, compared and labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import moderngl

from ...camera.camera import Vector, rays
from ...camera.gizmo import Gizmo
from ...compare import ERROR_KINDS
from ...compositor import Compositor, Overlay, Scale, begin_pane
from ...covariance import covariance_matrix
from ...frame_size import Box, Size
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import Surface
from ...gl.owner import Owner, Sized, texel
from ...panes import Pane
from .colour_texture import ColourTexture
from .controls import ShapeControls, ShapeSource
from .ellipsoid import EllipsoidGizmo
from .legend import caption_words, line_spacing, words_image
from .light import CURVATURE_RANGE, FLOOR_HALF, Light, Look, Picture, floor_shadow
from .sight import AXES, Sight
from .surface_buffers import SurfaceArrays, SurfaceBuffers
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
        colours: the field's own; while they are empty, a surface that asks for them is of a plain material.
    """

    volume: VolumeTexture
    label: str = ""
    exact: SurfaceBuffers | None = None
    colours: ColourTexture | None = None


class ShapeCompositor(Compositor[ShapeControls]):
    """Composes shapes into a frame.

    Args:
        context: to draw with.
    """

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._surfaces, self._light = self.own(SurfacePass(context)), self.own(Light(context))
        self._frames: dict[tuple[str, ...], FullscreenPass] = {}
        self._axes, self._ellipsoid = self.own(Gizmo(context, self._overlays)), self.own(EllipsoidGizmo(context))
        self._stages: dict[int, Sized[_Stage]] = {}
        self._panes: Mapping[ShapeSource, ShapePane] = {}
        self._prepared: dict[Pane, _Stage | None] = {}
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
        self.compose(surface, controls, {source: pane.label for source, pane in panes.items()}, pixel_ratio)

    def prepare(
        self, controls: ShapeControls, panes: Mapping[ShapeSource, ShapePane], size: Size, divisor: int = 1
    ) -> None:
        """Draw the lit surfaces of a frame of that size, which ``compose`` then puts together; see ``draw``."""
        self._panes, places = panes, enumerate(controls.panes(size))
        self._prepared = {
            pane: self._lit(controls, index, pane, divisor) for index, pane in places if pane.visible[2] > 0
        }

    def surface_of(self, output: str) -> SurfaceArrays | None:
        """What an output of the prepared frame shows of a shape; None where there is none."""
        stage = next((stage for pane, stage in self._prepared.items() if pane.output == output), None)
        return None if stage is None else stage.shown.read()

    def seen_at(self, output: str, share: tuple[float, float]) -> tuple[Vector, Vector] | None:
        """The point and the normal that an output of the prepared frame shows; None where the shape is missed.

        Args:
            output: one that is shown.
            share: of the pane's width from the left, and of its height from the top.
        """
        stage = next((stage for pane, stage in self._prepared.items() if pane.output == output), None)
        if stage is None:
            return None
        (x, y, z, covered), normal = (texel(stage.shown.framebuffer, share, number).tolist() for number in (0, 1))
        return ((x, y, z), (normal[0], normal[1], normal[2])) if covered >= 0.5 else None

    def _shape(self, output: str) -> ShapePane | None:
        """The shape whose surface an output shows, if it is there."""
        shape = self._panes.get("truth" if output == "truth" else "field")
        return None if shape is None or shape.volume.is_empty else shape

    def _look(self, controls: ShapeControls, output: str) -> Look:
        """What colours the surface; the error only where there is a truth."""
        there = "truth" in self._panes and not self._panes["truth"].volume.is_empty
        if output in ERROR_KINDS and there:
            return "error"
        return "material" if controls.colouring == "colours" and not self._own_colours(output) else controls.colouring

    def _own_colours(self, output: str) -> ColourTexture | None:
        """The colours of the shape whose surface an output shows, if they are there."""
        shape = self._shape(output)
        return None if shape is None or shape.colours is None or shape.colours.is_empty else shape.colours

    def _scale(self, controls: ShapeControls, output: str) -> Scale | None:
        look = self._look(controls, output)
        if look == "curvature":
            return "mean curvature", "signed", CURVATURE_RANGE
        return super()._scale(controls, output) if look == "error" else None

    def _lit(self, controls: ShapeControls, index: int, place: Pane, divisor: int) -> _Stage | None:
        """Draw a shape's lit surface and its shadow; None where there is no shape yet."""
        shape = self._shape(place.output)
        if shape is None:
            return None
        sight, look, box = Sight.of(controls), self._look(controls, place.output), place.box
        exact = shape.exact if controls.exact and shape.exact is not None and shape.exact.sight == sight else None
        size = exact.size if exact else (-(-box[2] // divisor), -(-box[3] // divisor))
        stage = self._stage(index, size)
        part = _scaled(place.visible, box, size)
        if exact is None:
            part = self._surfaces.draw(stage.surface, shape.volume, sight, part, curved=look == "curvature")
        stage.shown = exact or stage.surface
        truth, scale = self._panes["truth"].volume if look == "error" else None, self._scale(controls, place.output)
        given = self._use_colours(*scale[1:], unit=3) if scale else {}
        if look == "colours" and shape.colours is not None:
            given = shape.colours.use(3)
        self._light.shade(stage.picture, stage.shown, shape.volume, controls, look, given, truth, part)
        if controls.grid:
            self._light.shade_floor(stage.floor, shape.volume, controls)
        return stage

    def _stage(self, index: int, size: Size) -> _Stage:
        if index not in self._stages:
            self._stages[index] = self.own(Sized(partial(_Stage, self._context)))
        return self._stages[index].of(size)

    def _draw_pane(self, surface: Surface, controls: ShapeControls, place: Pane, pixel_ratio: float) -> None:
        """Put a shape before the backdrop."""
        stage, shape = self._prepared.get(place), self._shape(place.output)
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
        if controls.slice != "none" and stage and shape:
            defined.append("SLICE")
            given |= self._sheet(controls, shape.volume, box[3], pixel_ratio)
        if defined:
            given |= rays(controls.eye, box[2:]) | {"line_px": max(1.0, pixel_ratio)}
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

    def _draw_words(self, over: Overlay, surface: Surface, controls: ShapeControls, pixel_ratio: float) -> Box | None:
        if not controls.caption:
            return None
        height_px = controls.pane_size(surface.size)[1]
        spacing = None if controls.slice == "none" else _spacing(controls, height_px, pixel_ratio)
        room = over.size[0] - 2 * over.margin
        return over.lower_left(words_image, (caption_words(controls, spacing), over.em, room))

    def _draw_gizmos(self, over: Overlay, surface: Surface, controls: ShapeControls, words: Box | None) -> None:
        """Draw the axes, and the filter beside them."""
        left, bottom = over.margin, words[1] - over.margin // 2 if words else over.bottom
        if controls.grid:
            left += self._axes.draw(surface, controls.eye, over.em, left, bottom)[2]
        if any(controls.equivalent_covariance):
            matrix = covariance_matrix(controls.equivalent_covariance)
            self._ellipsoid.draw(surface, controls.eye, matrix, over.em, left, bottom)


class _Stage(Owner):
    """What one shape is drawn into, and the surface that is shown of it."""

    def __init__(self, context: moderngl.Context, size: Size) -> None:
        self.surface, self.picture = self.own(SurfaceBuffers(context, size)), self.own(Picture(context, size))
        self.floor, self.shown = self.own(floor_shadow(context)), self.surface


def _spacing(controls: ShapeControls, height_px: int, pixel_ratio: float) -> float:
    plane = AXES[controls.slice], controls.slice_position
    return line_spacing(controls.eye, round(height_px / pixel_ratio), plane)


def _scaled(visible: Box, box: Box, size: Size) -> Box:
    """The part of a picture of a pane that is seen, from the bottom left, and a little more for its edge."""
    left, right = visible[0] - box[0], visible[0] - box[0] + visible[2]
    first = max(0, left * size[0] // box[2] - 2)
    last = min(size[0], -(-right * size[0] // box[2]) + 2)
    return first, 0, last - first, size[1]
