"""The fly-through's scene: shaded pictures of a model in soft light before a backdrop, compared and labelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import moderngl
import numpy as np

from ...camera.camera import Camera, rays
from ...camera.gizmo import Gizmo
from ...frame_size import Box, Size, from_bottom
from ...gl.colormap import magma
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import ImageOverlays, Surface
from ...gl.overlays import caption_margin_px, colour_bar_image, divider_image, label_em_px, label_image
from .controls import FlightComparison, FlightControls, Shading
from .geometry_pass import Geometry
from .panes import pane_boxes, shown_shadings

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


@dataclass(frozen=True)
class _Part:
    """A pane's place, and how much of it is seen."""

    box: Box
    visible: Box


class FlythroughScene:
    """Composes panes into a frame, as the controls' comparison asks.

    Panes that are missing are backdrop, so a frame can be drawn before all are shaded; those of another size than their
    place are magnified smoothly.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._plain, self._gridded = (
            FullscreenPass(context, "flight.frag"),
            FullscreenPass(context, "flight.frag", "GRID"),
        )
        self._error = FullscreenPass(context, "flight_error.frag")
        self._overlays = ImageOverlays(context)
        self._gizmo = Gizmo(context, self._overlays)
        self._colours = context.texture((256, 1), 3, magma().astype(np.float32).tobytes(), dtype="f4")
        self._colours.repeat_x = False
        self._nothing = context.texture((1, 1), 4, bytes(4))

    def draw(
        self, surface: Surface, controls: FlightControls, panes: Mapping[Shading, Pane], pixel_ratio: float = 1.0
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
        em = label_em_px(surface.size, pixel_ratio)
        boxes = pane_boxes(controls, surface.size)
        shadings = shown_shadings(controls)
        if controls.comparison == "error":
            self._draw_error(surface, controls, panes, boxes[0])
        else:
            for shading, part in zip(shadings, _parts(controls, boxes), strict=True):
                self._draw_pane(surface, controls, shading, panes.get(shading), part, pixel_ratio)
        surface.viewport, surface.scissor = (0, 0, *surface.size), None
        self._draw_overlays(surface, controls, panes, em)

    def release(self) -> None:
        """Give everything back to the driver; panes are not the scene's."""
        for part in (
            self._plain,
            self._gridded,
            self._error,
            self._overlays,
            self._gizmo,
            self._colours,
            self._nothing,
        ):
            part.release()

    def _draw_pane(
        self,
        surface: Surface,
        controls: FlightControls,
        shading: Shading,
        pane: Pane | None,
        part: _Part,
        pixel_ratio: float,
    ) -> None:
        camera = pane.geometry.camera if pane else controls.camera
        box = self._frame(surface, part)
        (pane.albedo if pane else self._nothing).use(0)
        (pane.geometry.surface if pane else self._nothing).use(1)
        given = {
            "pane_box": box,
            "picture_px": _floats(pane.albedo.size if pane else part.box[2:]),
            "key_direction": _key_direction(camera) if controls.lit and shading not in _UNLIT else (0.0, 0.0, 0.0),
            "albedo": 0,
            "surface": 1,
        }
        if controls.grid:
            self._gridded.draw(**given, **rays(camera, part.box[2:]), line_px=max(1.0, pixel_ratio))
        else:
            self._plain.draw(**given)

    def _draw_error(self, surface: Surface, controls: FlightControls, panes: Mapping[Shading, Pane], box: Box) -> None:
        one, judge = (panes.get(shading) for shading in shown_shadings(controls))
        there = one is not None and judge is not None
        (one.albedo if one and there else self._nothing).use(0)
        (judge.albedo if judge and there else self._nothing).use(1)
        self._colours.use(2)
        self._error.draw(
            pane_box=self._frame(surface, _Part(box, box)),
            picture_px=_floats(one.albedo.size if one and there else box[2:]),
            albedo=0,
            reference=1,
            error_colours=2,
            error_range=controls.error_range,
        )

    def _frame(self, surface: Surface, part: _Part) -> tuple[float, ...]:
        """Let drawing go to what is visible of a pane; returns its box as shaders want it."""
        box = from_bottom(part.box, surface.size)
        surface.viewport, surface.scissor = box, from_bottom(part.visible, surface.size)
        return _floats(box)

    def _draw_overlays(
        self, surface: Surface, controls: FlightControls, panes: Mapping[Shading, Pane], em: float
    ) -> None:
        size, margin = surface.size, caption_margin_px(surface.size)
        if controls.grid:
            camera = next((pane.geometry.camera for pane in panes.values()), controls.camera)
            self._gizmo.draw(surface, camera, em, margin, size[1] - margin)
        if controls.comparison == "wipe":
            middle = size[0] * controls.divider
            self._overlays.draw(surface, divider_image, (size[1], em), lambda px: (middle - px[0] / 2, 0))
        if not controls.caption:
            return
        for text, left, top, right, at_right in _LABELS[controls.comparison](controls, panes, size):
            room = right - left - 2 * margin
            if text and room > 4 * em:
                place = partial(_in_corner, left + margin, right - margin, top + margin, at_right)
                self._overlays.draw(surface, label_image, (text, em, room), place)
        if controls.comparison == "error":
            self._overlays.draw(
                surface,
                colour_bar_image,
                (controls.error_range, em),
                lambda px: (size[0] - margin - px[0], size[1] - margin - px[1]),
            )


_Label = tuple[str, int, int, int, bool]
"""Text, left, top and right of the room for it, whether it lies at the right."""


def _parts(controls: FlightControls, boxes: tuple[Box, ...]) -> list[_Part]:
    """Where panes are seen: all of them whole, but those of a wipe on their side of the divider."""
    if controls.comparison != "wipe":
        return [_Part(box, box) for box in boxes]
    left, top, width, height = boxes[0]
    divider = round(width * controls.divider)
    return [
        _Part(boxes[0], (left, top, divider, height)),
        _Part(boxes[1], (left + divider, top, width - divider, height)),
    ]


def _pane_labels(controls: FlightControls, panes: Mapping[Shading, Pane], size: Size) -> list[_Label]:
    boxes = pane_boxes(controls, size)
    texts = [_text(panes, shading) for shading in shown_shadings(controls)]
    return [(text, box[0], box[1], box[0] + box[2], False) for text, box in zip(texts, boxes, strict=True)]


def _wipe_labels(controls: FlightControls, panes: Mapping[Shading, Pane], size: Size) -> list[_Label]:
    one, other = (_text(panes, shading) for shading in shown_shadings(controls))
    return [(one, 0, 0, size[0] // 2, False), (other, size[0] // 2, 0, size[0], True)]


def _error_label(controls: FlightControls, panes: Mapping[Shading, Pane], size: Size) -> list[_Label]:
    one, judge = (_text(panes, shading) for shading in shown_shadings(controls))
    return [(f"{one} − {judge}", 0, 0, size[0], False)] if one and judge else []  # noqa: RUF001 (a minus sign)


_LABELS: dict[FlightComparison, Callable[[FlightControls, Mapping[Shading, Pane], Size], list[_Label]]] = {
    "one": _pane_labels,
    "wipe": _wipe_labels,
    "two_up": _pane_labels,
    "four": _pane_labels,
    "error": _error_label,
}


def _text(panes: Mapping[Shading, Pane], shading: Shading) -> str:
    return panes[shading].label if shading in panes else ""


def _in_corner(left: int, right: int, top: int, at_right: bool, label_px: Size) -> tuple[float, float]:
    return float(right - label_px[0] if at_right else left), float(top)


def _key_direction(camera: Camera) -> tuple[float, ...]:
    direction = np.array(_KEY_LIGHT) @ camera.axes
    return tuple(direction / np.linalg.norm(direction))


def _floats(numbers: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(map(float, numbers))
