"""The frame that a window shows, kept as a texture, so that it is drawn again without being made again."""

from __future__ import annotations

from collections.abc import Callable

import moderngl

from ..frame_size import Size, fitted
from ..gl.fullscreen_pass import FullscreenPass
from ..gl.image_overlays import Surface
from ..gl.owner import Owner, Sized, Target


class KeptFrame(Owner):
    """A frame and its pixels.

    Args:
        context: the window's; current whenever anything is called.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._copy = self.own(FullscreenPass(context, "frame.frag"))
        self._backdrop = self.own(FullscreenPass(context, "backdrop.frag"))
        self._frames = self.own(Sized(lambda size: Target(context, size, "f1", interpolated=True)))
        self._latest: Target | None = None

    def surface_of(self, size: Size) -> moderngl.Framebuffer:
        """What to draw the next frame of that size on."""
        self._latest = self._frames.of(size)
        return self._latest.framebuffer

    def draw(self, surface: Surface) -> None:
        """Show it all over the surface's viewport; where there is none yet, a studio's backdrop."""
        surface.use()
        self._context.enable_only(moderngl.NOTHING)
        left, bottom, width, height = map(float, surface.viewport)
        if self._latest is None:
            self._backdrop.draw(pane_box=(left, bottom, width, height))
            return
        self._latest.textures[0].use(0)
        self._copy.draw(frame=0, corner_px=(left, bottom), surface_px=(width, height))


def draw_fitted(draw: Callable[[Surface], None], surface: moderngl.Framebuffer, shown_px: Size) -> None:
    """Let ``draw`` fill the part of a surface that has the shape of a view of ``shown_px``; the rest stays black."""
    surface.use()
    surface.clear()
    surface.viewport = fitted(shown_px, surface.size)
    draw(surface)
    surface.viewport = (0, 0, *surface.size)
