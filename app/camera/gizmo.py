"""The little axes in a corner of the frame, which say how the camera stands."""

from __future__ import annotations

from functools import partial

import moderngl
import numpy as np
from jaxtyping import UInt8

from ..frame_size import Box, from_bottom
from ..gl.canvas import TEXT, Paint, baseline_in, canvas_of, font_of, font_sizes
from ..gl.fullscreen_pass import FullscreenPass
from ..gl.image_overlays import ImageOverlays, Surface
from ..gl.owner import Owner
from .camera import Camera

AXES: tuple[tuple[str, tuple[float, float, float]], ...] = (
    ("X", (0.90, 0.27, 0.31)),
    ("Y", (0.36, 0.68, 0.26)),
    ("Z", (0.27, 0.49, 0.93)),
)
"""Name and colour of each."""

_SIDE_EM = 6.6
_LENGTH_EM = 2.3


def axis_image(index: int, em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """The end of an axis: its letter on a disc in its colour."""
    name, colour = AXES[index]
    font = font_of(font_sizes(0.9 * em_px)[0])
    side = 2 * round(0.8 * font.size)
    paint: Paint = (colour, 1.0)
    canvas = canvas_of(side, side, side / 2, paint)
    canvas.write(name, (side - font.getlength(name)) / 2, baseline_in(side, font), font, TEXT)
    return canvas.pixels()


class Gizmo(Owner):
    """Draws the axes."""

    def __init__(self, context: moderngl.Context, overlays: ImageOverlays) -> None:
        self._context, self._overlays = context, overlays
        self._lines = self.own(FullscreenPass(context, "gizmo.frag"))

    def draw(self, surface: Surface, camera: Camera, em_px: float, left: int, bottom: int) -> Box:
        """Draw into a square whose lower left corner is at those frame coordinates; returns the square."""
        side = round(_SIDE_EM * em_px)
        box = (left, bottom - side, side, side)
        right, up, forward = camera.axes
        # Rows: where each axis ends, to the right, down and away.
        ends = np.stack([right, -up, forward], 1) * _LENGTH_EM * em_px
        order = [int(axis) for axis in np.argsort(-ends[:, 2])]
        surface.viewport = surface.scissor = from_bottom(box, surface.size)
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._lines.draw(
            pane_box=tuple(map(float, from_bottom(box, surface.size))),
            ends=[tuple(end) for end in ends],
            colours=[colour for _, colour in AXES],
            order=order,
            line_px=0.2 * em_px,
        )
        self._context.disable(moderngl.BLEND)
        surface.viewport, surface.scissor = (0, 0, *surface.size), None
        for axis in order:
            middle = left + side / 2 + ends[axis, 0], bottom - side / 2 + ends[axis, 1]
            self._overlays.draw(surface, axis_image, (axis, em_px), partial(_centred, middle))
        return box


def _centred(middle: tuple[float, float], image_px: tuple[int, int]) -> tuple[float, float]:
    return middle[0] - image_px[0] / 2, middle[1] - image_px[1] / 2
