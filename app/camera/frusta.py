"""Where photographs were taken: each camera as a pyramid of lines, over a picture of what another camera sees."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np
import torch
from jaxtyping import Float

from fieldcore.views.camera import Camera

from ..gl.image_overlays import program
from ..gl.owner import Owner

DEPTH = 0.15
"""Of a pyramid, in domain units."""

USED, HELD_OUT = (1.0, 1.0, 1.0), (1.0, 0.6, 0.15)
"""Colours of the cameras of views that are trained on, and of those that are kept for testing."""

_NEAR, _FAR = 0.02, 60.0


def frustum_lines(camera: Camera, depth: float = DEPTH) -> Float[np.ndarray, "16 3"]:
    """The ends of eight lines: from the camera's centre to its picture's corners at a depth, and around these.

    Example:
        >>> import torch
        >>> camera = Camera(4, 2, 2.0, 2.0, 2.0, 1.0, torch.eye(4, dtype=torch.float64))
        >>> frustum_lines(camera, 1.0)[1].tolist()
        [-1.0, 0.5, -1.0]
    """
    width, height = camera.width, camera.height
    pixels = torch.tensor([[0, 0], [width, 0], [width, height], [0, height]], dtype=torch.float64)
    origins, directions = camera.rays(pixels)
    ahead = directions @ -camera.rotation[:, 2]
    corners = (origins + directions * (depth / ahead)[:, None]).numpy()
    centre = camera.centre.numpy()
    lines = [point for corner in corners for point in (centre, corner)]
    lines += [point for number in range(4) for point in (corners[number], corners[(number + 1) % 4])]
    return np.stack(lines)


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
    """Draws pyramids.

    Args:
        context: to draw with.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._program = self.own(program(context, "frusta.vert", "frusta.frag"))
        self._lines: moderngl.Buffer | None = None
        self._array: moderngl.VertexArray | None = None
        self._bytes = b""

    def take(self, frusta: Sequence[Float[np.ndarray, "16 3"]], held_out: Sequence[bool]) -> None:
        """Draw these from now on, in the colour of those that were held out, or of the others."""
        colours = [np.tile(HELD_OUT if held else USED, (16, 1)) for held in held_out]
        vertices = [np.concatenate(pair, 1) for pair in zip(frusta, colours, strict=True)]
        packed = np.concatenate(vertices).astype(np.float32).tobytes() if vertices else b""
        if packed == self._bytes:
            return
        self._give_back()
        self._bytes = packed
        if packed:
            self._lines = self._context.buffer(packed)
            self._array = self._context.vertex_array(self._program, [(self._lines, "3f 3f", "position", "colour")])

    def draw(self, camera: Camera, viewport_px: tuple[float, float]) -> None:
        """Draw them as a camera sees them, over all of the viewport."""
        if self._array is None:
            return
        self._program["clip_from_world"] = tuple(clip_from_world(camera).T.flatten())
        self._array.render(moderngl.LINES)

    def release(self) -> None:
        """Give everything back to the driver."""
        self._give_back()
        super().release()

    def _give_back(self) -> None:
        for part in (self._array, self._lines):
            if part is not None:
                part.release()
        self._array = self._lines = None
        self._bytes = b""
