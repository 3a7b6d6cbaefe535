"""Where photographs were taken, drawn over a picture of what another camera sees: pyramids of lines with thumbnails."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.views.camera import Camera

from ..frame_size import Box
from ..gl.image_overlays import program
from ..gl.owner import Owner, Part, Releasable
from .frustum import Frustum, picture_corners

_NEAR, _FAR = 0.02, 60.0
_THUMBNAIL_PX = 64
_TRIANGLES = (0, 1, 2, 0, 2, 3)
_CORNERS_UV = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def clip_from_world(camera: Camera) -> Float[np.ndarray, "4 4"]:
    """Column-vector matrix of a camera's projection, its picture filling the viewport."""
    across, down = 2 / camera.width, 2 / camera.height
    projection = np.zeros((4, 4))
    projection[0] = camera.fx * across, -camera.skew * across, 1 - camera.cx * across, 0
    projection[1] = 0, camera.fy * down, camera.cy * down - 1, 0
    projection[2, 2:] = (_FAR + _NEAR) / (_NEAR - _FAR), 2 * _FAR * _NEAR / (_NEAR - _FAR)
    projection[3, 2] = -1
    return projection @ np.linalg.inv(camera.world_from_camera.numpy())


class Frusta(Owner):
    """Draws pyramids, hidden by what is nearer.

    Args:
        context: to draw with.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._line_program = self.own(program(context, "frusta.vert", "frusta.frag"))
        self._picture_program = self.own(program(context, "thumbnails.vert", "thumbnails.frag"))
        self._frusta: tuple[Frustum, ...] = ()
        self._quads = np.zeros((0, 6, 6), np.float32)
        self._parts: list[Releasable] = []
        self._lines: moderngl.VertexArray | None = None
        self._pictures: tuple[moderngl.VertexArray, moderngl.Buffer, moderngl.TextureArray] | None = None

    def take(self, frusta: Sequence[Frustum]) -> None:
        """Draw these from now on."""
        if tuple(frusta) == self._frusta:
            return
        self._give_back()
        self._frusta = tuple(frusta)
        if not frusta:
            return
        lines = self._kept(self._buffer(np.concatenate([each.coloured_lines for each in frusta])))
        formats = [(lines, "3f 3f", "position", "colour")]
        self._lines = self._kept(self._context.vertex_array(self._line_program, formats))
        with_pictures = [each for each in frusta if each.thumbnail is not None]
        if with_pictures:
            self._take_pictures(with_pictures)

    def _take_pictures(self, frusta: Sequence[Frustum]) -> None:
        layers = np.stack([_thumbnail(each.thumbnail) for each in frusta if each.thumbnail is not None])
        size = (_THUMBNAIL_PX, _THUMBNAIL_PX, len(layers))
        texture = self._kept(self._context.texture_array(size, 4, layers.tobytes()))
        texture.filter = (moderngl.LINEAR,) * 2
        self._quads = np.stack([_quad(each.camera, number) for number, each in enumerate(frusta)])
        buffer = self._kept(self._buffer(self._quads))
        formats = [(buffer, "3f 3f", "position", "uv_and_layer")]
        array = self._kept(self._context.vertex_array(self._picture_program, formats))
        self._pictures = array, buffer, texture

    def draw(self, camera: Camera, viewport: Box, depth: moderngl.Texture | None = None) -> None:
        """Draw them as a camera sees them, over all of the viewport.

        Args:
            camera: who looks.
            viewport: left, bottom, width and height in pixels.
            depth: how far what is seen is in each pixel, along the view direction, 0 where nothing is.
        """
        if self._lines is None:
            return
        uniforms = {"clip_from_world": tuple(clip_from_world(camera).T.flatten()), "pane": tuple(map(float, viewport))}
        for each in (self._picture_program, self._line_program):
            for name, value in uniforms.items():
                each[name] = value
            each["depths"], each["hides"] = 1, depth is not None
        if depth is not None:
            depth.use(1)
        if self._pictures is not None:
            array, buffer, texture = self._pictures
            away = self._quads[:, :, :3].mean(1) - camera.centre.numpy()
            farthest_first = np.argsort(-(away * -camera.rotation[:, 2].numpy()).sum(1))
            buffer.write(np.ascontiguousarray(self._quads[farthest_first]).tobytes())
            texture.use(0)
            self._picture_program["pictures"] = 0
            array.render(moderngl.TRIANGLES)
        self._lines.render(moderngl.LINES)

    def release(self) -> None:
        """Give everything back to the driver."""
        self._give_back()
        super().release()

    def _buffer(self, values: np.ndarray) -> moderngl.Buffer:
        return self._context.buffer(np.ascontiguousarray(values, np.float32).tobytes())

    def _kept(self, part: Part) -> Part:
        self._parts.append(part)
        return part

    def _give_back(self) -> None:
        for part in reversed(self._parts):
            part.release()
        self._parts, self._frusta = [], ()
        self._lines = self._pictures = None


def _thumbnail(pixels: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "64 64 4"]:
    small: UInt8[np.ndarray, "64 64 4"] = cv2.resize(
        pixels, (_THUMBNAIL_PX, _THUMBNAIL_PX), interpolation=cv2.INTER_AREA
    )
    return small


def _quad(camera: Camera, layer: int) -> Float[np.ndarray, "6 6"]:
    """Two triangles: positions, places in the picture from its upper left corner, and which picture it is."""
    corners = [(*place, *uv, layer) for place, uv in zip(picture_corners(camera), _CORNERS_UV, strict=True)]
    return np.array([corners[number] for number in _TRIANGLES], np.float32)
