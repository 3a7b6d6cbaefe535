"""Who gives OpenGL's objects back: a class that owns some lists each once, where it makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar, runtime_checkable

import moderngl
import numpy as np

from ..frame_size import Size


@runtime_checkable
class Releasable(Protocol):
    """Something of OpenGL's."""

    def release(self) -> object:
        """Give it back to the driver."""


Part = TypeVar("Part", bound=Releasable)


class Owner:
    """Owns what it makes with ``own``.

    Example:
        >>> class Shadow(Owner):
        ...     def __init__(self, context):
        ...         self.texture = self.own(context.texture((64, 64), 1))
    """

    _owned: tuple[Releasable, ...] = ()

    def own(self, part: Part) -> Part:
        """Give that back too when all is given back."""
        self._owned = (*self._owned, part)
        return part

    def release(self) -> None:
        """Give everything back to the driver."""
        for part in reversed(self._owned):
            part.release()
        self._owned = ()


class Sized(Generic[Part]):
    """One thing that depends on the size of a frame, made anew where another size is needed.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[Size], Part]) -> None:
        self._make = make
        self._held: tuple[Size, Part] | None = None

    @property
    def latest(self) -> Part:
        """It, of the size that was wanted last."""
        assert self._held is not None
        return self._held[1]

    def of(self, size: Size) -> Part:
        """It, of that size."""
        if self._held is None or self._held[0] != size:
            self.release()
            self._held = size, self._make(size)
        return self._held[1]

    def release(self) -> None:
        """Give it back to the driver."""
        if self._held is not None:
            self._held[1].release()
        self._held = None


class Target(Owner):
    """Textures that are drawn into together.

    Args:
        context: to draw with.
        size: in pixels.
        dtypes: of each texture.
        components: of their pixels.
        interpolated: whether they are sampled between their pixels.
        depth: whether a depth buffer belongs to it.

    Attributes:
        size: as above.
        textures: in the order of the attachments, not repeated.
        framebuffer: whose attachments they are.
    """

    def __init__(
        self,
        context: moderngl.Context,
        size: Size,
        *dtypes: str,
        components: int = 4,
        interpolated: bool = False,
        depth: bool = False,
    ) -> None:
        self.size = size
        self.textures = tuple(self.own(context.texture(size, components, dtype=dtype)) for dtype in dtypes)
        for texture in self.textures:
            texture.filter = (moderngl.LINEAR,) * 2 if interpolated else (moderngl.NEAREST,) * 2
            texture.repeat_x = texture.repeat_y = False
        buffer = self.own(context.depth_renderbuffer(size)) if depth else None
        self.framebuffer = self.own(context.framebuffer(self.textures, buffer))

    @property
    def texture(self) -> moderngl.Texture:
        """The first of them."""
        return self.textures[0]


def texel(framebuffer: moderngl.Framebuffer, share: tuple[float, float], attachment: int = 0) -> np.ndarray:
    """The four float32 numbers of a pixel of a framebuffer.

    Args:
        framebuffer: of floating-point textures of four components.
        share: of its width from the left, and of its height from the top, each in [0, 1).
        attachment: which of its textures.
    """
    width, height = framebuffer.size
    column, row = min(int(share[0] * width), width - 1), height - 1 - min(int(share[1] * height), height - 1)
    raw = framebuffer.read((column, row, 1, 1), components=4, attachment=attachment, dtype="f4")
    return np.frombuffer(raw, np.float32)
