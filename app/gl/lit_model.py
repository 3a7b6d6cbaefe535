"""Photographs of a model, as any pinhole camera of a scene takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.errors import InputError
from fieldcore.views.camera import Camera

from .image_overlays import program
from .owner import Owner

SUPERSAMPLING = 4
"""Samples of a pixel along each axis."""

_WRAPS = {"repeat": 0.0, "mirror": 1.0, "clamp": 2.0}


@dataclass(frozen=True, eq=False)
class LitTriangles:
    """Triangles and what they look like; each has corners of its own.

    Attributes:
        positions, normals: (3t, 3), in the scene's coordinates.
        uv: (3t, 2) texture coordinates.
        boxes: (3t, 4) of the triangles' textures in the sheet.
        wraps: (3t, 2) how these continue: 0 repeated, 1 mirrored, 2 clamped.
        sheet: display-encoded, the first row on top; None for a pattern.
    """

    positions: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"]
    uv: Float[np.ndarray, "n 2"]
    boxes: Float[np.ndarray, "n 4"]
    wraps: Float[np.ndarray, "n 2"]
    sheet: Float[np.ndarray, "h w 3"] | None


@dataclass(frozen=True)
class Lighting:
    """Lights from afar and how a surface answers.

    Attributes:
        ways: to two lights, of length 1; (0, 0, 0) is one at the camera.
        strengths: of these; 0 for none.
        ambient: light from everywhere.
        specular: strength of the highlight.
        exponent: its sharpness.
    """

    ways: tuple[tuple[float, float, float], tuple[float, float, float]]
    strengths: tuple[float, float]
    ambient: float
    specular: float
    exponent: float = 40.0


def wrap_numbers(wraps: Sequence[tuple[str, str]]) -> Float[np.ndarray, "m 2"]:
    """How the textures of materials continue along u and v, as the shader has it."""
    return np.array([[_WRAPS[along] for along in both] for both in wraps])


class LitModel(Owner):
    """Draws a model as cameras of a scene see it.

    Args:
        context: to draw with.
        triangles: what is drawn.
        lighting: how it is lit.
        size: of the pictures, in pixels.

    Raises:
        InputError: the driver has no room for the triangles or the picture.
    """

    def __init__(
        self, context: moderngl.Context, triangles: LitTriangles, lighting: Lighting, size: tuple[int, int]
    ) -> None:
        self._context = context
        fine = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
        parts = (triangles.positions, triangles.normals, triangles.uv, triangles.boxes, triangles.wraps)
        try:
            self._vertices = self.own(context.buffer(np.concatenate(parts, 1, dtype=np.float32).tobytes()))
            self._sheet = self.own(_sheet_texture(context, triangles.sheet))
            self._framebuffer = self.own(
                context.framebuffer(self.own(context.texture(fine, 4)), self.own(context.depth_renderbuffer(fine)))
            )
        except moderngl.Error as error:
            raise InputError(f"the driver has no room for the model or its pictures ({error})") from error
        self._program = self.own(program(context, "lit_model.vert", "lit_model.frag"))
        names = ("in_position", "in_normal", "in_uv", "in_box", "in_wraps")
        self._array = self.own(context.vertex_array(self._program, [(self._vertices, "3f 3f 2f 4f 2f", *names)]))
        self._set(textured=float(triangles.sheet is not None), sheet=0, **vars(lighting))
        self._reach = float(np.linalg.norm(triangles.positions, axis=1).max())

    def photograph(self, camera: Camera) -> UInt8[np.ndarray, "h w 4"]:
        """Colours times alpha, and alpha: means over the samples of each pixel, display-encoded."""
        self._framebuffer.use()
        self._framebuffer.clear()
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._sheet.use(0)
        distance = float(camera.centre.norm())
        near = max(distance - self._reach, 1e-3 * distance) * 0.9
        clip = clip_from_world(camera, near, (distance + self._reach) * 1.1)
        self._set(clip_from_world=tuple(clip.T.flatten()), eye=tuple(camera.centre.tolist()))
        self._array.render(moderngl.TRIANGLES)
        self._context.disable(moderngl.DEPTH_TEST)
        width, height = self._framebuffer.size
        bottom_up = np.frombuffer(self._framebuffer.read(components=4, alignment=1), np.uint8)
        samples = bottom_up.reshape(height, width, 4)[::-1]
        blocks = samples.reshape(height // SUPERSAMPLING, SUPERSAMPLING, width // SUPERSAMPLING, SUPERSAMPLING, 4)
        return (blocks.mean((1, 3), dtype=np.float32) + np.float32(0.5)).astype(np.uint8)

    def _set(self, **uniforms: object) -> None:
        for name, value in uniforms.items():
            if name in self._program:
                self._program[name] = value


def clip_from_world(camera: Camera, near: float, far: float) -> Float[np.ndarray, "4 4"]:
    """Column-vector matrix to OpenGL's clip coordinates, whose bottom row of pixels is the picture's last.

    Args:
        camera: any pinhole camera; skew and an off-centre principal point are kept.
        near, far: depths between which something is seen.
    """
    projection = camera.matrix.numpy()
    depth = projection[2]
    columns = 2 / camera.width * projection[0] - depth
    rows = depth - 2 / camera.height * projection[1]
    slope = (far + near) / (far - near)
    return np.stack([columns, rows, slope * depth - [0, 0, 0, 2 * far * near / (far - near)], depth])


def _sheet_texture(context: moderngl.Context, sheet: Float[np.ndarray, "h w 3"] | None) -> moderngl.Texture:
    pixels = np.zeros((1, 1, 3), np.float32) if sheet is None else sheet
    height, width = pixels.shape[:2]
    stored = (pixels[::-1].clip(0, 1) * 255 + 0.5).astype(np.uint8)
    texture = context.texture((width, height), 3, np.ascontiguousarray(stored).tobytes(), alignment=1)
    texture.build_mipmaps()
    texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    return texture
