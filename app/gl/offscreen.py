"""Drawing without a window, through EGL: the headless twin of a window, and the only place that knows EGL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.errors import InputError

from ..frame_size import Size

_LIBRARIES = "libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri libgles2"
_SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software")


@dataclass(frozen=True)
class Offscreen:
    """A framebuffer that no window shows.

    Attributes:
        context: its OpenGL context.
        framebuffer: what to draw into.
        renderer: the driver's own name, ``GL_RENDERER``.
    """

    context: moderngl.Context
    framebuffer: moderngl.Framebuffer
    renderer: str

    def pixels(self) -> UInt8[np.ndarray, "h w 3"]:
        """What has been drawn, top row first."""
        return read_pixels(self.framebuffer)


def read_pixels(framebuffer: moderngl.Framebuffer) -> UInt8[np.ndarray, "h w 3"]:
    """What has been drawn into a framebuffer, top row first."""
    width, height = framebuffer.size
    bottom_up = np.frombuffer(framebuffer.read(components=3, alignment=1), np.uint8)
    return np.ascontiguousarray(bottom_up.reshape(height, width, 3)[::-1])


def read_light(framebuffer: moderngl.Framebuffer) -> Float[np.ndarray, "h w 3"]:
    """What has been drawn into a framebuffer of floats, top row first."""
    width, height = framebuffer.size
    bottom_up = np.frombuffer(framebuffer.read(components=3, alignment=1, dtype="f4"), np.float32)
    return np.ascontiguousarray(bottom_up.reshape(height, width, 3)[::-1])


def is_software(renderer: str) -> bool:
    """Whether ``GL_RENDERER`` is one that draws on the processor."""
    return any(name in renderer.lower() for name in _SOFTWARE_RENDERERS)


@contextmanager
def offscreen(framebuffer_px: Size, *, require_gpu: bool = False) -> Iterator[Offscreen]:
    """Open a context and a framebuffer of that size, and release both in the end.

    Raises:
        InputError: EGL or OpenGL 3.3 is missing, the frame is larger than the driver can draw, or a GPU is
            required and the driver draws in software.
    """
    context = _egl_context()
    try:
        renderer = str(context.info["GL_RENDERER"])
        if require_gpu and is_software(renderer):
            raise InputError(f"--require-gpu: OpenGL draws in software here ({renderer}); install the GPU's driver")
        yield Offscreen(context, _framebuffer(context, framebuffer_px), renderer)
    finally:
        context.release()


def _egl_context() -> moderngl.Context:
    try:
        return moderngl.create_context(require=330, standalone=True, backend="egl")  # type: ignore[arg-type]
    except Exception as error:  # moderngl raises bare exceptions for every cause
        raise InputError(
            f"cannot draw without a window: EGL with OpenGL 3.3 is missing ({' '.join(str(error).split())}); "
            f"on Debian or Ubuntu run 'apt install {_LIBRARIES}'"
        ) from error


def _framebuffer(context: moderngl.Context, framebuffer_px: Size) -> moderngl.Framebuffer:
    limits = [context.info["GL_MAX_TEXTURE_SIZE"], *context.info["GL_MAX_VIEWPORT_DIMS"]]
    width, height = framebuffer_px
    if max(width, height) > min(limits):
        raise InputError(f"--size {width}x{height}: this driver draws at most {min(limits)} pixels a side")
    try:
        return context.simple_framebuffer(framebuffer_px, components=4)
    except moderngl.Error as error:
        raise InputError(f"--size {width}x{height}: the driver cannot hold such a frame ({error})") from error
