"""A model's triangles with a shader program that draws them."""

from __future__ import annotations

import moderngl

from ...gl.owner import Owner


class Mesh(Owner):
    """A model's buffers, which are the pass's, with one shader program."""

    def __init__(self, program: moderngl.Program, vertices: moderngl.Buffer, triangles: moderngl.Buffer) -> None:
        self._program = self.own(program)
        self._names = set(program)
        context = program.ctx
        attributes = [name for name in ("in_position", "in_normal", "in_uv") if name in self._names]
        layout = " ".join(
            f"{size}f" if name in self._names else f"{size}x4"
            for name, size in (("in_position", 3), ("in_normal", 3), ("in_uv", 2))
        )
        self._array = self.own(context.vertex_array(program, [(vertices, layout, *attributes)], triangles))

    def draw(self, **uniforms: object) -> None:
        """Draw all triangles; uniforms that the program has no use for are left out."""
        for name in self._names.intersection(uniforms):
            self._program[name] = uniforms[name]
        self._array.render(moderngl.TRIANGLES)
