"""Drawing with a fragment shader alone; what scenes share."""

from __future__ import annotations

import moderngl

from .image_overlays import program
from .owner import Owner


class FullscreenPass(Owner):
    """A fragment shader over all that viewport and scissor leave."""

    def __init__(self, context: moderngl.Context, fragment_stage: str, *defined: str) -> None:
        self._program = self.own(program(context, "fullscreen.vert", fragment_stage, *defined))
        self._triangle = self.own(context.vertex_array(self._program, []))

    def bind_block(self, name: str, unit: int) -> None:
        """Let the uniform block of that name be what buffers bound to ``unit`` hold."""
        block = self._program[name]
        assert isinstance(block, moderngl.UniformBlock)
        block.binding = unit

    def draw(self, **uniforms: object) -> None:
        """Set the uniforms and draw; textures must be bound to the units that their samplers name."""
        for name, value in uniforms.items():
            self._program[name] = value
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
