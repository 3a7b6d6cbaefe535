"""Scenes on a plane: layers of evaluated values as pictures on a ground, compared and captioned.

Draws into any framebuffer, a window's or one that nobody sees.
"""

from __future__ import annotations

import math
import time
from typing import Any

import moderngl
import numpy as np
import torch

from fieldcore.evaluation import Grid
from fieldcore.signals import SignalFacts

from ..compare import ERROR_KINDS, FLIP, METRICS
from ..compositor import EMPTY_GROUND, Compositor, Overlay, Scale, begin_pane, parts_of
from ..frame_size import Box, Size, from_bottom
from ..gl.fullscreen_pass import FullscreenPass
from ..gl.handover import Handover
from ..gl.image_overlays import Surface
from ..gl.overlays import LEAST_EM_PX
from ..panes import Pane
from ..work.delivery import HostValues, Values
from .caption import caption_image
from .controls import PlaneControls
from .inset_drawing import draw_insets, draw_spectra
from .insets import NO_INSETS, InsetControls
from .inspector import LEAST_GRID_PX
from .layers import Layer, LayerName, Layers, check_has_colours
from .map_overlay import MapOverlay
from .size_maps import MapControls, Ring
from .spectra import Spectra
from .tone import CURVES
from .view import View

_SWIZZLE = {1: "RRR1", 3: "RGB1"}
"""How textures of that many channels read as colours."""

_SLICE_BYTES = 1 << 19

NO_SPECTRA: Spectra = {}


class PlaneCompositor(Compositor[PlaneControls]):
    """Shows layers of one (grey) or three channels.

    The last layers given to ``show`` stay in place in the domain whatever the controls do, so a window can pan and
    zoom over them until better ones arrive.

    Args:
        context: to draw with.
        handover: what brings layers from a GPU to textures; not the scene's own, it may serve several.
    """

    def __init__(self, context: moderngl.Context, handover: Handover | None = None) -> None:
        super().__init__(context)
        self._handover = handover or Handover(context, torch.device("cpu"))
        self._ground = self.own(FullscreenPass(context, "ground.frag"))
        self._display_picture = self.own(FullscreenPass(context, "picture.frag"))
        self._linear_picture = self.own(FullscreenPass(context, "picture.frag", "VALUES_ARE_LINEAR"))
        self._toned_picture = self.own(FullscreenPass(context, "picture.frag", "TONED"))
        self._error = self.own(FullscreenPass(context, "error.frag"))
        self._shown: dict[LayerName, _LayerTexture] = {}
        self._arriving: dict[LayerName, _LayerTexture] = {}
        self._spare: list[_LayerTexture] = []
        self._maps = self.own(MapOverlay(context))
        self._ring: Ring | None = None
        self._grid: list[FullscreenPass] = []
        self._light_passes: list[FullscreenPass] = []
        self._has_grid = False
        self._spectra = self._arriving_spectra = NO_SPECTRA

    def show(self, layers: Layers, spectra: Spectra = NO_SPECTRA) -> None:
        """Take the layers of a frame; ``upload`` brings them to the driver and then shows them all at once.

        Args:
            layers: by name.
            spectra: of what panes show, where these are shown.

        Raises:
            InputError: a layer is no picture.
        """
        for layer in layers.values():
            check_has_colours(layer.facts)
        self._spare += self._arriving.values()
        self._arriving = {name: self._texture_for(layer) for name, layer in layers.items()}
        self._arriving_spectra = spectra

    def upload(self, seconds: float = math.inf) -> bool:
        """Go on uploading for about so long; returns whether what was given to ``show`` has just become visible."""
        if not self._arriving:
            return False
        deadline = time.perf_counter() + seconds
        for texture in self._arriving.values():
            if not texture.write(deadline):
                return False
        for name, texture in self._arriving.items():
            if name in self._shown:
                self._spare.append(self._shown[name])
            self._shown[name] = texture
        self._arriving, self._spectra = {}, self._arriving_spectra
        return True

    @property
    def uploading(self) -> bool:
        """Whether ``upload`` has something left to do."""
        return bool(self._arriving)

    def draw(
        self,
        framebuffer: Surface,
        controls: PlaneControls,
        pixel_ratio: float = 1.0,
        ring: Ring | None = None,
        in_window: bool = False,
    ) -> None:
        """Fill ``framebuffer`` with what ``controls`` ask for; see ``compose``. A field alone goes without its name.

        Args:
            framebuffer: of any size.
            controls: what to show.
            pixel_ratio: framebuffer pixels in a point of the display, which makes small letters readable there.
            ring: of a brush over it, which no frame of a recording has.
            in_window: whether lines are drawn between pixels that are large, which no frame of a recording has either.
        """
        texts = {"truth": "truth", **{name: texture.layer.label for name, texture in self._shown.items()}}
        if controls.shown == ("field",):
            texts = {}
        self._ring, self._has_grid = ring, in_window
        self.compose(framebuffer, controls, texts, pixel_ratio)

    def draw_light(self, framebuffer: Surface, controls: PlaneControls) -> None:
        """Fill a framebuffer of floats with the linear light of what ``controls`` ask for, exposed but not encoded.

        Where there is no picture it is 0; of an error map the difference in the values is there, by channel and with
        its sign. Nothing is written over it.
        """
        framebuffer.use()
        framebuffer.viewport, framebuffer.scissor = (0, 0, *framebuffer.size), None
        framebuffer.clear(0.0, 0.0, 0.0, 0.0)
        self._context.enable_only(moderngl.NOTHING)
        if not self._light_passes:
            self._light_passes = [
                self.own(FullscreenPass(self._context, "light.frag", *defined)) for defined in ((), ("DIFFERENCE",))
            ]
        for pane in controls.panes(framebuffer.size):
            if pane.visible[2] > 0:
                self._draw_light(framebuffer, controls, pane)

    def _draw_light(self, framebuffer: Surface, controls: PlaneControls, pane: Pane) -> None:
        name, error = self._source(controls, pane)
        shown, truth = self._shown.get(name) or self._shown.get("field"), self._shown.get("truth")
        pane_box = begin_pane(framebuffer, pane)
        if shown is None or shown.layer.refusal or (error and truth is None):
            return
        view = View.of(controls.seen_in(pane.output), shown.layer.facts, pane.size)
        half = view.half_extent
        picture_box = (*view.frame_from_domain((-half[0], -half[1])), *view.frame_from_domain(half))
        given = {"pane_box": pane_box, "picture_box": picture_box, "picture": 0, **_values_of(shown.layer, view)}
        shown.use(0, view)
        if error and truth is not None:
            truth.use(1, view)
            self._light_passes[1].draw(**given, reference_box=_box_of(truth.layer.grid, view), reference=1)
            return
        is_linear = shown.layer.facts.encoding == "linear" and shown.layer.shown_range is None
        gain, offset = (2.0**controls.exposure, controls.offset) if controls.is_light(pane.output) else (1.0, 0.0)
        self._light_passes[0].draw(**given, values_are_linear=is_linear, tone_gain=gain, tone_offset=offset)

    def release(self) -> None:
        """Give everything back to the driver."""
        for texture in (*self._shown.values(), *self._arriving.values(), *self._spare):
            texture.release()
        super().release()

    def _texture_for(self, layer: Layer) -> _LayerTexture:
        """A texture of the layer's size, an old one where there is one."""
        channels = layer.facts.channels
        width, height = layer.grid.resolution
        fitting = [spare for spare in self._spare if spare.fits((width, height), channels)]
        for spare in self._spare:
            if spare not in fitting[:1]:
                spare.release()
        self._spare = []
        texture = fitting[0] if fitting else _LayerTexture(self._context, self._handover, (width, height), channels)
        texture.begin(layer)
        return texture

    def _draw_pane(self, framebuffer: Surface, controls: PlaneControls, pane: Pane, pixel_ratio: float) -> None:
        box, visible = pane.box, pane.visible
        name, error = self._source(controls, pane)
        shown = self._shown.get(name) or self._shown.get("field")
        pane_box = begin_pane(framebuffer, pane)
        if shown is None or shown.layer.refusal:
            framebuffer.clear(*EMPTY_GROUND)
            return
        view = View.of(controls.seen_in(pane.output), shown.layer.facts, pane.size)
        half = view.half_extent
        boxes = {
            "pane_box": pane_box,
            "picture_box": (*view.frame_from_domain((-half[0], -half[1])), *view.frame_from_domain(half)),
        }
        self._draw_ground(framebuffer, box, visible, boxes)
        framebuffer.scissor = from_bottom(visible, framebuffer.size)
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        truth = self._shown.get("truth")
        if error and truth is not None:
            if controls.metric == FLIP and self._has_flip:
                scale = {**self._use_colours("absolute", controls.flip_range, 2), "error_metric": METRICS.index(FLIP)}
                shown = self._shown[FLIP]
            else:
                scale = self._use_error_colours(controls, error, 2)
            self._draw_error(shown, truth, view, boxes, scale)
        else:
            is_linear = shown.layer.facts.encoding == "linear" and shown.layer.shown_range is None
            shown.use(0, view)
            drawing, tone = self._linear_picture if is_linear else self._display_picture, {}
            if controls.is_toned and controls.is_light(pane.output):
                drawing, tone = self._toned_picture, self._tone(controls, is_linear)
            drawing.draw(**boxes, **_values_of(shown.layer, view), **tone, picture=0)
        self._draw_grid(shown.layer.facts, view, boxes)
        self._context.disable(moderngl.BLEND)
        if isinstance(controls, MapControls) and (controls.map_seen or self._ring is not None):
            self._maps.draw(controls, view, boxes, pixel_ratio, self._ring)

    def _source(self, controls: PlaneControls, pane: Pane) -> tuple[str, str]:
        """The layer that a pane shows, and the kind of the error where it shows how far that is from the truth."""
        return (controls.subject, pane.output) if pane.output in ERROR_KINDS else (pane.output, "")

    @property
    def _has_flip(self) -> bool:
        """See the base: it is found where the layers are evaluated."""
        return FLIP in self._shown

    def _tone(self, controls: PlaneControls, is_linear: bool) -> dict[str, object]:
        """Bind the colours of false colour; returns the uniforms of ``tone.glsl``."""
        scale = self._use_colours("light", 1.0, 2)
        return {
            "values_are_linear": is_linear,
            "tone_gain": 2.0**controls.exposure,
            "tone_offset": controls.offset,
            "tone_curve": CURVES.index(controls.tone),
            "tone_colours": scale["scale_colours"],
        }

    def _scale(self, controls: PlaneControls, output: str) -> Scale | None:
        """See the base; of what is shown in false colour, its luminance."""
        if controls.tone != "false_colour" or output in ERROR_KINDS:
            return super()._scale(controls, output)
        gain = f" × {2.0**controls.exposure:.3g}" if controls.exposure else ""  # noqa: RUF001
        offset = f" + {controls.offset:.3g}" if controls.offset else ""
        return f"luminance{gain}{offset}", "light", 1.0

    def _draw_error(
        self, shown: _LayerTexture, truth: _LayerTexture, view: View, boxes: dict[str, Any], scale: dict[str, object]
    ) -> None:
        shown.use(0, view)
        truth.use(1, view)
        self._error.draw(
            **boxes,
            **scale,
            **_values_of(shown.layer, view),
            reference_box=_box_of(truth.layer.grid, view),
            picture=0,
            reference=1,
        )

    def _draw_grid(self, facts: SignalFacts, view: View, boxes: dict[str, Any]) -> None:
        """Draw lines between the picture's pixels, where these are large."""
        if self._has_grid and facts.resolution and view.magnification >= LEAST_GRID_PX:
            if not self._grid:
                self._grid.append(self.own(FullscreenPass(self._context, "pixel_grid.frag")))
            self._grid[0].draw(**boxes, resolution=tuple(map(float, facts.resolution[:2])))

    def _draw_ground(self, framebuffer: Surface, pane: Box, visible: Box, boxes: dict[str, Any]) -> None:
        """Draw the ground where the picture does not hide it, which on a processor is far the cheaper."""
        left, top, right, bottom = boxes["picture_box"]
        x0, x1 = (pane[0] + round(min(max(edge, 0), pane[2])) for edge in (math.ceil(left), math.floor(right)))
        y0, y1 = (pane[1] + round(min(max(edge, 0), pane[3])) for edge in (math.ceil(top), math.floor(bottom)))
        bands = (
            (pane[0], pane[1], pane[2], y0 - pane[1]),
            (pane[0], y1, pane[2], pane[1] + pane[3] - y1),
            (pane[0], y0, x0 - pane[0], y1 - y0),
            (x1, y0, pane[0] + pane[2] - x1, y1 - y0),
        )
        for band in bands:
            seen = _common(band, visible)
            if seen is not None:
                framebuffer.scissor = from_bottom(seen, framebuffer.size)
                self._ground.draw(**boxes)

    def _draw_words(self, over: Overlay, surface: Surface, controls: PlaneControls, pixel_ratio: float) -> Box | None:
        caption = corner = None
        if any(texture.layer.refusal for texture in self._shown.values()):
            self._draw_refusals(over, surface, controls)
        if self._shown and isinstance(controls, InsetControls) and controls.insets != NO_INSETS:
            facts = next(iter(self._shown.values())).layer.facts
            corner = draw_insets(over, controls, controls.layout, facts)
        if controls.caption:
            em_px = LEAST_EM_PX * pixel_ratio
            room = controls.pane_size(surface.size) if controls.layout == "beside" else surface.size
            said = (*controls.caption_words, *controls.tone_words)
            words = controls.equivalent_covariance, said, room, em_px, controls.outline
            caption = over.lower_left(caption_image, words)
        if self._spectra:
            draw_spectra(over, controls, controls.panes(surface.size), self._spectra, caption, corner)
        return corner or caption

    def _draw_refusals(self, over: Overlay, surface: Surface, controls: PlaneControls) -> None:
        """In the middle of each pane whose field cannot be filtered so, the sentence that says why."""
        panes = controls.panes(surface.size)
        for pane, part in zip(panes, parts_of(controls.layout, panes, surface.size), strict=True):
            shown = self._shown.get(self._source(controls, pane)[0])
            if shown is not None and shown.layer.refusal:
                over.sentence(shown.layer.refusal, part)


class _LayerTexture:
    """A layer on its way to the driver, row by row, or all at once from where the driver can fetch it."""

    def __init__(self, context: moderngl.Context, handover: Handover, size: Size, channels: int) -> None:
        self.texture = context.texture(size, channels, dtype="f4")
        self.texture.repeat_x = self.texture.repeat_y = False
        self.texture.swizzle = _SWIZZLE[channels]
        self.layer: Layer
        self._handover = handover
        self._values: Values
        self._next_row = 0

    def fits(self, size: Size, channels: int) -> bool:
        return self.texture.size == size and self.texture.components == channels

    def begin(self, layer: Layer) -> None:
        self.layer, self._values, self._next_row = layer, layer.values, 0

    def write(self, deadline: float) -> bool:
        """Write rows until all are there (True) or the time is up (False), but some at least."""
        if isinstance(self._values, torch.Tensor) and self._next_row == 0:
            left = self._handover.write(self._values, self.texture)
            if left is None:
                self._next_row = len(self._values)
            else:
                self._values = left
        if isinstance(self._values, np.ndarray):
            self._write_rows(self._values, deadline)
        return self._next_row >= len(self._values)

    def _write_rows(self, values: HostValues, deadline: float) -> None:
        height, width = values.shape[:2]
        rows = max(1, _SLICE_BYTES // values[0].nbytes)
        while self._next_row < height:
            part = values[self._next_row : self._next_row + rows]
            self.texture.write(np.ascontiguousarray(part), viewport=(0, self._next_row, width, len(part)))
            self._next_row += len(part)
            if time.perf_counter() >= deadline:
                break

    def use(self, unit: int, view: View) -> None:
        """Bind it, interpolated unless its cells are just the pixels of ``view``."""
        cell = (self.layer.grid.upper[0] - self.layer.grid.lower[0]) / self.layer.grid.resolution[0]
        filtering = moderngl.NEAREST if math.isclose(cell, view.pixel_size, rel_tol=1e-6) else moderngl.LINEAR
        self.texture.filter = filtering, filtering
        self.texture.use(unit)

    def release(self) -> None:
        self.texture.release()


def _values_of(layer: Layer, view: View) -> dict[str, Any]:
    black, white = layer.shown_range or layer.facts.value_range
    return {"texture_box": _box_of(layer.grid, view), "black_value": black, "white_value": white}


def _common(one: Box, other: Box) -> Box | None:
    """What two boxes have in common, or None."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[0] + one[2], other[0] + other[2]), min(one[1] + one[3], other[1] + other[3])
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def _box_of(grid: Grid, view: View) -> tuple[float, ...]:
    return (*view.frame_from_domain(grid.lower), *view.frame_from_domain(grid.upper))
