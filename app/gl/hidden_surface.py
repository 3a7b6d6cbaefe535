"""A framebuffer that is never shown, made anew where another size is needed."""

from __future__ import annotations

import moderngl

from fieldcore.errors import InputError

from ..frame_size import Size


class HiddenSurface:
    """Holds one framebuffer at a time.

    Args:
        context: current whenever anything is called.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._framebuffer: moderngl.Framebuffer | None = None

    def of(self, size: Size) -> moderngl.Framebuffer:
        """It, of that size. Raises InputError where the driver cannot hold it."""
        if self._framebuffer is None or self._framebuffer.size != size:
            self.release()
            try:
                self._framebuffer = self._context.simple_framebuffer(size, components=4)
            except moderngl.Error as error:
                raise InputError(f"the driver cannot hold a frame of {size[0]} x {size[1]} pixels ({error})") from error
        return self._framebuffer

    def release(self) -> None:
        """Give it back to the driver."""
        if self._framebuffer is not None:
            for part in (*self._framebuffer.color_attachments, self._framebuffer.depth_attachment, self._framebuffer):
                part.release()
        self._framebuffer = None
