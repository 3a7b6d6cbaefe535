"""Lines with round ends laid over a frame: outlines, axes and, where both ends are one point, dots."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import moderngl
import numpy as np
from jaxtyping import Float

from ..frame_size import from_bottom
from ..marks import Stroke
from .canvas import BACKING
from .image_overlays import Surface, program
from .owner import Owner

_EDGE_PT, _THIN_EDGE_PT, _THIN_PT = 1.25, 0.7, 1.2
_MOST_SEGMENTS = 4096


class Strokes(Owner):
    """Draws strokes.

    Args:
        context: to draw with.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._program = self.own(program(context, "strokes.vert", "strokes.frag"))
        self._buffer = self.own(context.buffer(reserve=_MOST_SEGMENTS * 8 * 4, dynamic=True))
        formats = [(self._buffer, "4f 1f 3f/i", "ends", "half_width", "colour")]
        self._array = self.own(context.vertex_array(self._program, formats))

    def draw(self, surface: Surface, strokes: Sequence[Stroke], pixel_ratio: float) -> None:
        """Lay them over a frame, each over those before it.

        Args:
            surface: the frame, which is in use.
            strokes: at most 4,096 segments in a row, edges included; what is more is left out.
            pixel_ratio: framebuffer pixels in a point of the display.
        """
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._program["framebuffer_px"] = surface.size
        for within, some in groupby(strokes, lambda stroke: stroke.within):
            segments = segments_of(list(some), pixel_ratio)[:_MOST_SEGMENTS]
            self._buffer.write(segments.tobytes())
            surface.scissor = None if within is None else from_bottom(within, surface.size)
            self._array.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=len(segments))
        surface.scissor = None
        self._context.disable(moderngl.BLEND)


def segments_of(strokes: Sequence[Stroke], pixel_ratio: float) -> Float[np.ndarray, "n 8"]:
    """Of each segment both ends, half the width in pixels, and the colour; the edge of a stroke comes before it."""
    parts = []
    for stroke in strokes:
        points = np.array(stroke.points, np.float32)
        ends = np.concatenate([points[:-1], points[1:]], 1) if len(points) > 1 else np.tile(points, 2)
        edge = _EDGE_PT if stroke.width_pt > _THIN_PT else _THIN_EDGE_PT
        layers = [(edge, BACKING[0])] if stroke.is_edged else []
        for more, colour in (*layers, (0.0, stroke.colour)):
            rest = np.array([(stroke.width_pt / 2 + more) * pixel_ratio, *colour], np.float32)
            parts.append(np.concatenate([ends, np.broadcast_to(rest, (len(ends), 4))], 1))
    return np.concatenate(parts) if parts else np.zeros((0, 8), np.float32)
