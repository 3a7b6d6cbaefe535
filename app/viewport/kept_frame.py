"""The frame that a window shows, kept as a texture, so that it is drawn again without being made again."""

from __future__ import annotations

import moderngl

from ..frame_size import Size
from ..gl.fullscreen_pass import FullscreenPass
from ..gl.image_overlays import Surface


class KeptFrame:
    """A frame and its pixels.

    Args:
        context: the window's; current whenever anything is called.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._copy, self._backdrop = FullscreenPass(context, "frame.frag"), FullscreenPass(context, "backdrop.frag")
        self._surface: moderngl.Framebuffer | None = None

    def surface_of(self, size: Size) -> moderngl.Framebuffer:
        """What to draw the next frame of that size on."""
        if self._surface is None or self._surface.size != size:
            self._forget()
            self._picture = self._context.texture(size, 4)
            self._surface = self._context.framebuffer([self._picture])
        return self._surface

    def draw(self, surface: Surface) -> None:
        """Show it all over the surface's viewport; where there is none yet, a studio's backdrop."""
        surface.use()
        self._context.enable_only(moderngl.NOTHING)
        left, bottom, width, height = map(float, surface.viewport)
        if self._surface is None:
            self._backdrop.draw(pane_box=(left, bottom, width, height))
            return
        self._picture.use(0)
        self._copy.draw(frame=0, corner_px=(left, bottom), surface_px=(width, height))

    def release(self) -> None:
        """Give everything back to the driver."""
        self._forget()
        self._copy.release()
        self._backdrop.release()

    def _forget(self) -> None:
        if self._surface is not None:
            self._surface.release()
            self._picture.release()
        self._surface = None
