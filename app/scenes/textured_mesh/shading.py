"""What all ways of shading share: the shot that is shaded, their common face, the picture that they fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, runtime_checkable

import moderngl
import numpy as np
from jaxtyping import Float

from ...camera.camera import Camera
from ...frame_size import Size
from ...gl.owner import Owner, Sized, Target, texel
from .controls import TexturedMeshControls
from .geometry_pass import Geometry, GeometryPass


@dataclass(eq=False)
class Shot:
    """One frame to be shaded, perhaps in several ways, which share its geometry.

    Attributes:
        geometry_pass: of the model.
        camera: who looks.
        size: of the frame, in pixels.
    """

    geometry_pass: GeometryPass
    camera: Camera
    size: Size
    _geometry: Geometry | None = field(default=None, init=False)

    def sees_as(self, other: Shot) -> bool:
        """Whether the geometry of both is the same."""
        return (self.geometry_pass, self.camera, self.size) == (other.geometry_pass, other.camera, other.size)

    @property
    def geometry(self) -> Geometry:
        """What the frame sees at its pixels' centres; drawn when it is first asked for."""
        if self._geometry is None:
            self._geometry = self.geometry_pass.draw(self.camera, self.size)
        return self._geometry

    def draw_in_slices(self) -> Iterator[None]:
        """Draw the geometry where that has not been done yet, yielding between slices of work."""
        if self._geometry is None:
            self._geometry = yield from self.geometry_pass.draw_in_slices(self.camera, self.size)
            yield


@runtime_checkable
class TextureShading(Protocol):
    """A way of looking up the texture for each pixel of a shot."""

    label: str
    """For people, such as ``mipmaps``."""

    @property
    def albedo(self) -> moderngl.Texture:
        """The latest finished picture, RGBA16F, in OpenGL's order.

        Display-encoded colours, not multiplied, and the share of the pixel that the model covers: that of the shot's
        geometry, so that pictures differ in how the texture is filtered and in nothing else.
        """

    def shade(self, shot: Shot, controls: TexturedMeshControls) -> Iterator[None]:
        """Shade a frame, yielding between slices of work; ``albedo`` changes with the last one."""

    def release(self) -> None:
        """Give everything back to the driver."""


class Albedo(Owner):
    """The picture that a way of shading fills, and the one before, which stays until the new one is finished."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._front, self._back = (self.own(Sized(partial(cleared_target, context, "f2"))) for _ in range(2))
        for target in (self._front, self._back):
            target.of((1, 1))

    @property
    def texture(self) -> moderngl.Texture:
        """The finished picture; of one transparent pixel as long as there has been none."""
        return self._front.latest.texture

    def begin(self, size: Size) -> moderngl.Framebuffer:
        """The transparent picture to draw into next, already in use. Several may be begun before one is finished."""
        framebuffer = self._back.of(size).framebuffer
        framebuffer.use()
        framebuffer.clear()
        return framebuffer

    def resume(self) -> moderngl.Framebuffer:
        """The same again, as it is by now: others may have drawn elsewhere meanwhile."""
        self._back.latest.framebuffer.use()
        return self._back.latest.framebuffer

    @property
    def unfinished(self) -> moderngl.Texture:
        """What ``begin`` has begun."""
        return self._back.latest.texture

    def finish(self) -> None:
        """Show what has been drawn."""
        self._front, self._back = self._back, self._front


def cleared_target(context: moderngl.Context, dtype: str, size: Size) -> Target:
    """A transparent picture that can be drawn into."""
    target = Target(context, size, dtype)
    target.framebuffer.clear()
    return target


def read_albedo(albedo: moderngl.Texture) -> Float[np.ndarray, "h w 4"]:
    """Copy a picture to the host, top row first."""
    width, height = albedo.size
    values = np.frombuffer(albedo.read(), np.float16).reshape(height, width, 4)
    return np.ascontiguousarray(values[::-1], np.float32)


def colour_at(
    context: moderngl.Context, albedo: moderngl.Texture, share: tuple[float, float]
) -> Float[np.ndarray, "3"]:
    """A picture's colour at a share of its width from the left and of its height from the top."""
    framebuffer = context.framebuffer([albedo])
    try:
        return texel(framebuffer, share)[:3]
    finally:
        framebuffer.release()
