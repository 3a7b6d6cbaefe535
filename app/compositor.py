"""What frames of all scenes have in common: outputs drawn into their panes, and what is written over them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import moderngl

from .compare import ERROR_KINDS, FLIP, METRICS, Compare
from .frame_size import Box, Size, from_bottom
from .gl.colormap import COLOUR_MAPS, colour_texture
from .gl.fullscreen_pass import FullscreenPass
from .gl.image_overlays import ImageOverlays, Surface
from .gl.overlays import (
    banner_image,
    caption_margin_px,
    divider_image,
    divider_px,
    label_em_px,
    label_height_px,
    label_image,
    scale_bar_box,
    scale_image,
)
from .gl.owner import Owner, Sized, Target
from .panes import Layout, Pane
from .scale_bar import ScaleBar

_LEAST_ROOM_EM = 4.0
"""Width of a pane, less its margins, below which nothing is written on it."""

_SCALE_EM = 19.0
"""Room that the scale of an error map takes, with its margins."""

_SCALE_HIGH_EM = 5.6
"""Its height."""

Scale = tuple[str, str, float]
"""Of an output that is drawn in colours: its title, a name in ``COLOUR_MAPS``, and the number in the last colour."""

Shown = TypeVar("Shown", bound=Compare)


class Compositor(Owner, ABC, Generic[Shown]):
    """Composes outputs of a scene into a frame, as its controls ask. A scene says how one of them is drawn into a pane.

    Args:
        context: to draw with.

    Attributes:
        bars: of the scales of errors in the latest frame.
        flip: FLIP of what the errors are of, as numbers in a picture of a pane; None where it is not known.
    """

    bars: tuple[ScaleBar, ...] = ()
    flip: moderngl.Texture | None = None

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._overlays = self.own(ImageOverlays(context))
        self._colours: dict[str, moderngl.Texture] = {}
        self._below = self.own(Sized(lambda size: Target(context, size, "f1")))
        self._cuts: list[FullscreenPass] = []
        self._numbers: list[FullscreenPass] = []

    def compose(
        self,
        surface: Surface,
        controls: Shown,
        texts: Mapping[Any, str],
        pixel_ratio: float,
        panes: Sequence[Pane] = (),
    ) -> None:
        """Fill ``surface`` with what ``controls`` ask for.

        Args:
            surface: of any size.
            controls: what to show.
            texts: what is said of each output.
            pixel_ratio: framebuffer pixels in a point of the display, which makes small letters readable there.
            panes: in place of those of the controls.
        """
        surface.use()
        self._context.enable_only(moderngl.NOTHING)
        panes = panes or controls.panes(surface.size)
        clear_between(surface, panes)
        for pane in panes:
            if pane.below:
                self._draw_below(surface, controls, pane, pixel_ratio)
            elif pane.visible[2] > 0:
                self._draw_any(surface, controls, pane, pixel_ratio)
        over, self.bars = Overlay(self._overlays, surface, pixel_ratio), ()
        if controls.layout == "wipe":
            over.divider(controls.divider)
        words = self._draw_words(over, surface, controls, pixel_ratio)
        if controls.caption:
            scales: dict[Scale, Box] = {}
            of_errors: set[Scale] = set()
            for pane, part in zip(panes, parts_of(controls.layout, panes, surface.size), strict=True):
                is_error = pane.output in ERROR_KINDS
                compared = (controls.subject, controls.reference) if is_error else (pane.output,)
                said = " − ".join(filter(None, map(texts.get, compared)))  # noqa: RUF001 (a minus sign)
                over.label(said, part, at_right=part[0] > 0 and controls.layout in ("wipe", "cut"))
                scale = self._scale(controls, pane.output)
                if scale is not None:
                    scales[scale] = part
                    of_errors |= {scale} if is_error else set()
            if scales:
                drawn = _draw_scales(over, scales, words)
                self.bars = tuple(bar for scale, bar in drawn.items() if scale in of_errors)
        self._draw_gizmos(over, surface, controls, words)

    def _draw_below(self, surface: Surface, controls: Shown, pane: Pane, pixel_ratio: float) -> None:
        """Draw a pane of which what lies below the diagonal is seen, and a line along that."""
        target = self._below.of(surface.size)
        target.framebuffer.use()
        self._draw_any(target.framebuffer, controls, pane, pixel_ratio)
        surface.use()
        surface.viewport, surface.scissor = (0, 0, *surface.size), None
        if not self._cuts:
            self._cuts.append(self.own(FullscreenPass(self._context, "cut.frag")))
        target.texture.use(0)
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        line_px = divider_px(label_em_px(surface.size, pixel_ratio))
        self._cuts[0].draw(framebuffer_px=surface.size, line_px=float(line_px), picture=0)
        self._context.disable(moderngl.BLEND)

    def _draw_any(self, surface: Surface, controls: Shown, pane: Pane, pixel_ratio: float) -> None:
        """Draw what a pane shows, where that is FLIP as its numbers."""
        if pane.output not in ERROR_KINDS or not controls.shows_flip or self.flip is None:
            self._draw_pane(surface, controls, pane, pixel_ratio)
            return
        if not self._numbers:
            self._numbers.append(self.own(FullscreenPass(self._context, "numbers.frag")))
        self.flip.use(0)
        scale = self._use_colours("absolute", controls.flip_range, 1)
        self._numbers[0].draw(**scale, pane_box=begin_pane(surface, pane), numbers=0)

    @abstractmethod
    def _draw_pane(self, surface: Surface, controls: Shown, pane: Pane, pixel_ratio: float) -> None:
        """Draw what it shows; blending is off."""

    def _draw_words(self, over: Overlay, surface: Surface, controls: Shown, pixel_ratio: float) -> Box | None:
        """Write what is to be said in the lower left corner, if captions are; returns its left, top, right, bottom."""

    def _draw_gizmos(self, over: Overlay, surface: Surface, controls: Shown, words: Box | None) -> None:
        """Draw what stands above these words, if anything does."""

    def _scale(self, controls: Shown, output: str) -> Scale | None:
        """The scale of an output's colours, if they are numbers."""
        if output not in ERROR_KINDS:
            return None
        if controls.shows_flip and self._has_flip:
            return "FLIP", "absolute", controls.flip_range
        return controls.error_title(output), output, controls.error_range

    @property
    def _has_flip(self) -> bool:
        """Whether FLIP is there to be shown."""
        return self.flip is not None

    def _use_colours(self, kind: str, most: float, unit: int) -> dict[str, object]:
        """Bind a colour map; returns the uniforms of ``scale.glsl``."""
        if kind not in self._colours:
            self._colours[kind] = self.own(colour_texture(self._context, COLOUR_MAPS[kind]()))
        self._colours[kind].use(unit)
        return {"scale_colours": unit, "scale_range": most, "scale_signed": kind == "signed"}

    def _use_error_colours(self, controls: Shown, kind: str, unit: int) -> dict[str, object]:
        """Bind those of an error map; returns the uniforms of ``metric.glsl``."""
        metric = "difference" if controls.metric == FLIP else controls.metric
        scale = self._use_colours(kind, controls.error_range, unit)
        return {**scale, "error_metric": METRICS.index(metric)}


def _draw_scales(over: Overlay, scales: Mapping[Scale, Box], words: Box | None) -> dict[Scale, ScaleBar]:
    """Draw each scale in the last part of the frame that has it, or above words that are in its way."""
    drawn = {}
    for scale, (left, top, width, height) in scales.items():
        right, bottom = left + width, top + height - over.margin
        if width < over.size[0] and _SCALE_EM * over.em > width:
            continue
        if words is not None and words[2] > right - 0.5 * over.size[0] and bottom > words[1]:
            above = words[1] - over.margin // 2
            is_low = above - _SCALE_HIGH_EM * over.em < top + label_height_px(over.em)
            right, bottom = (words[0], bottom) if is_low else (right, above)
        box = over.lower_right(scale_image, (*scale, over.em), right - over.margin, bottom)
        if box is not None:
            x, y, long, high = scale_bar_box(over.em)
            drawn[scale] = ScaleBar((box[0] + x, box[1] + y, long, high), scale[1] == "signed")
    return drawn


def clear_between(surface: Surface, panes: Sequence[Pane]) -> None:
    """Fill what lies between panes, which would else be of the frame before."""
    width, height = surface.size
    if sum(pane.visible[2] * pane.visible[3] for pane in panes) < width * height:
        surface.viewport, surface.scissor = (0, 0, width, height), None
        surface.clear(*EMPTY_GROUND)


EMPTY_GROUND = (0.09, 0.095, 0.108, 1.0)
"""Where there is nothing to show."""


def parts_of(layout: Layout, panes: Sequence[Pane], framebuffer_px: Size) -> list[Box]:
    """Where something can be said of each pane.

    Of a wipe that is the two halves of the frame, wherever its divider is; of what is cut along a diagonal, the upper
    left quarter and the lower right one.
    """
    if layout not in ("wipe", "cut"):
        return [pane.box for pane in panes]
    (width, height), middle = framebuffer_px, framebuffer_px[0] // 2
    if layout == "cut":
        half = height // 2
        return [(0, 0, middle, half), (middle, half, width - middle, height - half)]
    return [(0, 0, middle, height), (middle, 0, width - middle, height)]


def begin_pane(surface: Surface, pane: Pane) -> tuple[float, ...]:
    """Let drawing go to what is seen of a pane; returns its box from the bottom left, as shaders want it."""
    box = from_bottom(pane.box, surface.size)
    surface.viewport, surface.scissor = box, from_bottom(pane.visible, surface.size)
    return tuple(map(float, box))


class Overlay:
    """Lays divider, words and scales over one frame.

    Args:
        images: draws them.
        surface: the frame.
        pixel_ratio: framebuffer pixels in a point of the display, which makes small letters readable there.

    Attributes:
        size: of the frame.
        em: of the letters, in pixels.
        margin: of what is written, to the frame's edges.
        bottom: where what is written ends below.
    """

    def __init__(self, images: ImageOverlays, surface: Surface, pixel_ratio: float) -> None:
        self._images, self._surface, self.size = images, surface, surface.size
        self.em, self.margin = label_em_px(surface.size, pixel_ratio), caption_margin_px(surface.size)
        self.bottom = surface.size[1] - self.margin
        surface.use()
        surface.viewport, surface.scissor = (0, 0, *surface.size), None

    def divider(self, share: float) -> None:
        """Draw the line between the two pictures of a wipe."""
        width, height = self._surface.size
        self._images.draw(self._surface, divider_image, (height, self.em), lambda px: (width * share - px[0] / 2, 0))

    def label(self, text: str, part: Box, at_right: bool = False) -> None:
        """Write at the top of a part of the frame, shortened to the room that there is."""
        left, top, width, _ = part
        room = width - 2 * self.margin
        if text and room > _LEAST_ROOM_EM * self.em:

            def place(px: Size) -> tuple[float, float]:
                shift = width - self.margin - px[0] if at_right else self.margin
                return float(left + shift), float(top + self.margin)

            self._images.draw(self._surface, label_image, (text, self.em, room), place)

    def at(self, make: Callable[..., Any], arguments: tuple[Hashable, ...], left: int, top: int) -> Box | None:
        """Lay ``make(*arguments)`` with its upper left corner there; returns left, top, right, bottom."""
        return self._images.draw(self._surface, make, arguments, lambda px: (left, top))

    def sentence(self, text: str, part: Box) -> None:
        """Write in the middle of a part of the frame, where there is room, in a few lines."""
        left, top, width, height = part
        room = width - 2 * self.margin, height - 2 * self.margin

        def place(px: Size) -> tuple[float, float]:
            return left + (width - px[0]) / 2, top + (height - px[1]) / 2

        self._images.draw(self._surface, banner_image, (text, "info", self.em, room), place)

    def lower_left(self, make: Callable[..., Any], arguments: tuple[Hashable, ...]) -> Box | None:
        """Lay ``make(*arguments)`` in that corner; returns left, top, right, bottom, None where there is no image."""
        return self._images.draw(self._surface, make, arguments, lambda px: (self.margin, self.bottom - px[1]))

    def lower_right(
        self, make: Callable[..., Any], arguments: tuple[Hashable, ...], right: int, bottom: int
    ) -> Box | None:
        """The same with its lower right corner there."""
        return self._images.draw(self._surface, make, arguments, lambda px: (right - px[0], bottom - px[1]))
