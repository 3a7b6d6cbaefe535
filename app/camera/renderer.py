"""What the renderers of scenes that a camera sees have in common: what puts their frames together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import moderngl

from ..compositor import Compositor
from ..scale_bar import ScaleBar

Composes = TypeVar("Composes", bound=Compositor[Any])
Renders = TypeVar("Renders", bound="CameraRenderer[Any]")


class CameraRenderer(Generic[Composes]):
    """See ``record.frame_renderer.FrameRenderer`` and ``viewport.viewport.ViewRenderer``.

    Args:
        context: to draw with; current whenever anything is called.
        compositor: makes what composes frames, when it is first needed.

    Attributes:
        whole_pictures: whether each output of pictures can be composed alone, too.
    """

    whole_pictures = True

    def __init__(self, context: moderngl.Context, compositor: Callable[[moderngl.Context], Composes]) -> None:
        self._context, self._make = context, compositor
        self._made: Composes | None = None

    @property
    def of_scene(self: Renders) -> Renders:
        """Itself: others stand around it where more than the scene is shown."""
        return self

    @property
    def scene(self) -> Composes:
        """What composes frames."""
        self._made = self._made or self._make(self._context)
        return self._made

    @property
    def bars(self) -> tuple[ScaleBar, ...]:
        """See ``ViewRenderer``."""
        return () if self._made is None else self._made.bars

    def take_flip(self, flip: moderngl.Texture | None) -> None:
        """Let error maps of the next frames show that; see ``Compositor.flip``."""
        if flip is not None or self._made is not None:
            self.scene.flip = flip

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        if self._made is not None:
            self._made.release()
        self._made = None
