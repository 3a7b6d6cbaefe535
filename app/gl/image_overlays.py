"""Drawing small images over a frame; what scenes share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, runtime_checkable

import moderngl
import numpy as np
from jaxtyping import UInt8

from ..frame_size import Size
from ..resources import shader_source
from .owner import Owner


@runtime_checkable
class Surface(Protocol):
    """What scenes draw into: a framebuffer, or a window's."""

    viewport: tuple[int, int, int, int]
    scissor: Any

    @property
    def size(self) -> Size:
        """Width and height in pixels."""

    def use(self) -> None:
        """Let drawing go here."""

    def clear(self, red: float, green: float, blue: float, alpha: float) -> None:
        """Fill what the viewport covers."""


Place = Callable[[Size], tuple[float, float]]
"""From an image's size to the frame coordinates of its top left corner."""

_MOST_TEXTURES = 24


class ImageOverlays(Owner):
    """Lays images, colours multiplied by alpha, over a framebuffer; keeps the latest ones as textures."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._program = self.own(program(context, "overlay.vert", "overlay.frag"))
        self._strip = self.own(context.vertex_array(self._program, []))
        self._textures: OrderedDict[Hashable, moderngl.Texture | None] = OrderedDict()

    def draw(
        self,
        framebuffer: Surface,
        make: Callable[..., UInt8[np.ndarray, "h w 4"] | None],
        arguments: tuple[Hashable, ...],
        place: Place,
    ) -> tuple[int, int, int, int] | None:
        """Draw ``make(*arguments)``, made again only when it is not at hand.

        Returns:
            its box in frame coordinates, or None where ``make`` says there is nothing to draw.
        """
        texture = self._texture(make, arguments)
        if texture is None:
            return None
        left, top = place(texture.size)
        box = (round(left), round(top), round(left) + texture.width, round(top) + texture.height)
        self._program["framebuffer_px"] = framebuffer.size
        self._program["overlay_box"] = box
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        texture.use()
        self._strip.render(moderngl.TRIANGLE_STRIP, vertices=4)
        self._context.disable(moderngl.BLEND)
        return box

    def release(self) -> None:
        """Give everything back to the driver."""
        for texture in self._textures.values():
            if texture is not None:
                texture.release()
        self._textures.clear()
        super().release()

    def _texture(
        self, make: Callable[..., np.ndarray | None], arguments: tuple[Hashable, ...]
    ) -> moderngl.Texture | None:
        key = (make, arguments)
        if key not in self._textures:
            image = make(*arguments)
            texture = None
            if image is not None:
                texture = self._context.texture((image.shape[1], image.shape[0]), 4, image.tobytes())
                texture.filter = moderngl.NEAREST, moderngl.NEAREST
            self._textures[key] = texture
            while len(self._textures) > _MOST_TEXTURES:
                _, oldest = self._textures.popitem(last=False)
                if oldest is not None:
                    oldest.release()
        self._textures.move_to_end(key)
        return self._textures[key]


def program(context: moderngl.Context, vertex_stage: str, fragment_stage: str, *defined: str) -> moderngl.Program:
    """The shader program of two stages of ``shaders/``, the fragment stage with some names defined."""
    version, rest = shader_source(fragment_stage).split("\n", 1)
    fragment_shader = "\n".join([version, *(f"#define {name}" for name in defined), rest])
    return context.program(vertex_shader=shader_source(vertex_stage), fragment_shader=fragment_shader)
