"""The map of sizes over a picture, its handles, and the ring of the brush that paints it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import moderngl
import numpy as np

from fieldcore.errors import InputError
from fieldcore.grid import Grid

from ..gl.fullscreen_pass import FullscreenPass
from ..gl.owner import Owner
from .size_maps import RAMPS, MapControls, Ring
from .view import View

LONGER_SIDE = 384
"""Of the map's texture."""

_TINT = 0.2
_HANDLE_PT, _LINE_PT = 7.0, 1.5


class MapOverlay(Owner):
    """Draws them into a pane that is being drawn."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._pass = self.own(FullscreenPass(context, "size_map.frag"))
        self._texture: moderngl.Texture | None = None
        self._held: object = None

    def draw(
        self, controls: MapControls, view: View, boxes: dict[str, Any], pixel_ratio: float, ring: Ring | None
    ) -> None:
        """Lay them over the pane.

        Args:
            controls: which map, and whether it is shown.
            view: of the pane.
            boxes: of the pane and of the picture in it, as shaders take them.
            pixel_ratio: framebuffer pixels in a point of the display.
            ring: of a brush.
        """
        is_shown = controls.map_seen
        self._hold(controls, view, is_shown)
        has_handles = is_shown and controls.half_size_map in RAMPS
        ends = [view.frame_from_domain(point) for point in (controls.map_focus, controls.map_whole)]
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._pass.draw(
            **boxes,
            shares=0,
            tint=_TINT if is_shown else 0.0,
            handles=(*ends[0], *ends[1]),
            handle_px=_HANDLE_PT * pixel_ratio if has_handles else 0.0,
            brush=ring or (0.0, 0.0, 0.0),
            line_px=_LINE_PT * pixel_ratio,
        )
        self._context.disable(moderngl.BLEND)

    def _hold(self, controls: MapControls, view: View, is_shown: bool) -> None:
        """Bring the map into its texture, unless it is there."""
        grid = Grid.covering(view.half_extent, LONGER_SIDE)
        width, height = grid.resolution
        ramp = controls.map_focus, controls.map_whole, controls.map_feather
        held = (is_shown and controls.half_size_map, ramp, grid.resolution)
        if held != self._held or self._texture is None:
            self._held = held
            shares = np.zeros(grid.shape, np.float32)
            with suppress(InputError):  # which those are told who look for the picture under it
                if is_shown:
                    shares = controls.map_shares(grid.points(0, grid.count), view.facts).float().numpy()
            if self._texture is None or self._texture.size != (width, height):
                self._free()
                self._texture = self._context.texture((width, height), 1, dtype="f4")
                self._texture.repeat_x = self._texture.repeat_y = False
            self._texture.write(np.ascontiguousarray(shares, dtype=np.float32).tobytes())
        self._texture.use(0)

    def _free(self) -> None:
        if self._texture is not None:
            self._texture.release()
            self._texture = None

    def release(self) -> None:
        """Give everything back to the driver."""
        self._free()
        super().release()
