"""Surface buffers: what each pixel sees of a shape, however that was found, before any light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Bool, Float

from ...frame_size import Size
from ...gl.owner import Target
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


class SurfaceBuffers(Target):
    """The same in textures of 32-bit floats.

    Attributes:
        sight: what they show; None while they are empty.
        position, normal: the textures: position and share; normal and curvature.
    """

    def __init__(self, context: moderngl.Context, size: Size) -> None:
        super().__init__(context, size, "f4", "f4")
        self.position, self.normal = self.textures
        self.sight: Sight | None = None

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

    def _read(self, attachment: int) -> Float[np.ndarray, "h w 4"]:
        values = np.empty((self.size[1], self.size[0], 4), np.float32)
        self.framebuffer.read_into(values, components=4, attachment=attachment, dtype="f4")
        return values
