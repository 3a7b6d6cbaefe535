"""Surface buffers: what each pixel sees of a shape, however that was found, before any light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Bool, Float

from ...frame_size import Size
from .sight import Sight


@dataclass(frozen=True, eq=False)
class SurfaceArrays:
    """The buffers on the host, top row first.

    Attributes:
        position: of what is seen, in the world.
        share: of the pixel that what its centre sees covers: at least one half where that is the shape, 1 away from
            silhouettes; where the centre misses the shape, the share below one half that the shape covers.
        normal: unit vectors, on the camera's side; 0 where the shape is missed.
        curvature: mean curvature, in one over domain units; 0 where it was not asked for.
    """

    position: Float[np.ndarray, "h w 3"]
    share: Float[np.ndarray, "h w"]
    normal: Float[np.ndarray, "h w 3"]
    curvature: Float[np.ndarray, "h w"]

    @property
    def hit(self) -> Bool[np.ndarray, "h w"]:
        """Where the pixel's centre sees the shape."""
        return self.share >= 0.5


class SurfaceBuffers:
    """The same in textures of 32-bit floats.

    Attributes:
        size: in pixels.
        sight: what they show; None while they are empty.
        position, normal: the textures: position and share; normal and curvature.
        framebuffer: whose attachments these two are.
    """

    def __init__(self, context: moderngl.Context, size: Size) -> None:
        self.size = size
        self.sight: Sight | None = None
        self.position, self.normal = (context.texture(size, 4, dtype="f4") for _ in range(2))
        for texture in (self.position, self.normal):
            texture.filter = moderngl.NEAREST, moderngl.NEAREST
        self.framebuffer = context.framebuffer([self.position, self.normal])

    def write(self, arrays: SurfaceArrays, sight: Sight) -> None:
        """Take the surface that was found otherwise."""
        for texture, vectors, numbers in (
            (self.position, arrays.position, arrays.share),
            (self.normal, arrays.normal, arrays.curvature),
        ):
            texels = np.concatenate([vectors, numbers[..., None]], -1, dtype=np.float32)
            texture.write(np.ascontiguousarray(texels[::-1]))
        self.sight = sight

    def read(self) -> SurfaceArrays:
        """Copy them to the host."""
        position, normal = (self._read(index)[::-1] for index in range(2))
        return SurfaceArrays(position[..., :3], position[..., 3], normal[..., :3], normal[..., 3])

    def release(self) -> None:
        """Give everything back to the driver."""
        for resource in (self.framebuffer, self.position, self.normal):
            resource.release()

    def _read(self, attachment: int) -> Float[np.ndarray, "h w 4"]:
        values = np.empty((self.size[1], self.size[0], 4), np.float32)
        self.framebuffer.read_into(values, components=4, attachment=attachment, dtype="f4")
        return values
