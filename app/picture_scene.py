"""The picture scene: evaluated values as a picture on a ground, with a caption; draws into any framebuffer."""

from __future__ import annotations

import moderngl
import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.signals import SignalFacts

from .caption import caption_image, caption_margin_px
from .controls import Controls, Covariance
from .resources import shader_source
from .view import Size, View

_SWIZZLE = {1: "RRR1", 3: "RGB1"}
"""How textures of that many channels read as colours."""


class PictureScene:
    """Shows the values of a two-dimensional field of one (grey) or three channels.

    The last values given to ``show`` stay in place in the domain whatever the controls do, so a window can pan
    and zoom over them until better ones arrive.

    Raises:
        InputError: the field is no picture.
    """

    def __init__(self, context: moderngl.Context, facts: SignalFacts) -> None:
        if len(facts.half_extent) != 2 or facts.channels not in _SWIZZLE:
            raise InputError(
                f"field of '{facts.name}': a picture scene shows 2-D fields of 1 or 3 channels, "
                f"got {len(facts.half_extent)}-D of {facts.channels}"
            )
        self._context, self._facts = context, facts
        self._picture_program = _program(context, "fullscreen.vert", "picture.frag")
        self._overlay_program = _program(context, "overlay.vert", "overlay.frag")
        self._frame = context.vertex_array(self._picture_program, [])
        self._overlay = context.vertex_array(self._overlay_program, [])
        self._texture = self._new_texture((1, 1))
        self._grid = Grid((1, 1), (0.0, 0.0), (1.0, 1.0))
        self._caption: moderngl.Texture | None = None
        self._captioned: tuple[Covariance, Size] | None = None

    def show(self, values: Float[np.ndarray, "h w c"], grid: Grid) -> None:
        """Take the field's values on ``grid`` as the picture's visible part, at any resolution."""
        if self._texture.size != grid.resolution:
            self._texture.release()
            self._texture = self._new_texture((grid.resolution[0], grid.resolution[1]))
        self._texture.write(np.ascontiguousarray(values, dtype=np.float32))
        self._grid = grid

    def draw(self, framebuffer: moderngl.Framebuffer, controls: Controls) -> None:
        """Fill ``framebuffer`` with what ``controls`` ask for."""
        framebuffer.use()
        self._context.disable(moderngl.BLEND)
        self._draw_picture(View.of(controls, self._facts, framebuffer.size))
        if controls.caption:
            self._draw_caption(controls.covariance, framebuffer.size)

    def release(self) -> None:
        """Give everything back to the driver."""
        for resource in (self._texture, self._caption, self._frame, self._overlay):
            if resource is not None:
                resource.release()
        self._picture_program.release()
        self._overlay_program.release()

    def _draw_picture(self, view: View) -> None:
        half = view.half_extent
        lower, upper = self._grid.lower, self._grid.upper
        uniforms = {
            "framebuffer_px": view.framebuffer_px,
            "picture_box": (*view.frame_from_domain((-half[0], -half[1])), *view.frame_from_domain(half)),
            "texture_box": (*view.frame_from_domain(lower), *view.frame_from_domain(upper)),
            "black_value": self._facts.value_range[0],
            "white_value": self._facts.value_range[1],
            "values_are_linear": self._facts.encoding == "linear",
        }
        for name, value in uniforms.items():
            self._picture_program[name] = value
        self._texture.use()
        self._frame.render(moderngl.TRIANGLES, vertices=3)

    def _draw_caption(self, covariance: Covariance, framebuffer_px: Size) -> None:
        if self._captioned != (covariance, framebuffer_px):
            self._renew_caption(covariance, framebuffer_px)
        if self._caption is None:
            return
        width, height = self._caption.size
        margin = caption_margin_px(framebuffer_px)
        top = framebuffer_px[1] - margin - height
        self._overlay_program["framebuffer_px"] = framebuffer_px
        self._overlay_program["overlay_box"] = (margin, top, margin + width, top + height)
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._caption.use()
        self._overlay.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def _renew_caption(self, covariance: Covariance, framebuffer_px: Size) -> None:
        if self._caption is not None:
            self._caption.release()
        image = caption_image(covariance, framebuffer_px)
        if image is None:
            self._caption = None
        else:
            self._caption = self._context.texture((image.shape[1], image.shape[0]), 4, image.tobytes())
        self._captioned = (covariance, framebuffer_px)

    def _new_texture(self, size: Size) -> moderngl.Texture:
        texture = self._context.texture(size, self._facts.channels, dtype="f4")
        texture.filter = moderngl.LINEAR, moderngl.LINEAR
        texture.repeat_x = texture.repeat_y = False
        texture.swizzle = _SWIZZLE[self._facts.channels]
        return texture


def _program(context: moderngl.Context, vertex_stage: str, fragment_stage: str) -> moderngl.Program:
    vertex_shader, fragment_shader = shader_source(vertex_stage), shader_source(fragment_stage)
    return context.program(vertex_shader=vertex_shader, fragment_shader=fragment_shader)
