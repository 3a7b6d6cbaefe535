"""Recording from the window: its frames are made between the passes of the loop, behind what the view needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..frame_size import Size
from ..gl.hidden_surface import HiddenSurface
from ..work.slices import Slices, Work
from .frame_renderer import FrameRenderer
from .passes import AS_SHOWN, Pass

Subject = TypeVar("Subject")
Shown = TypeVar("Shown")
_FILMING = "filming"


class LiveRecorder(Slices, Generic[Subject, Shown]):
    """Makes one frame at a time; other works of the same renderer may take turns with that.

    Args:
        renderer: of the scene; it asks other threads for what takes long.
        surface: to draw on, unseen.
        take: takes the pixels of a frame, what is said of it, and its light where that is wanted.
    """

    def __init__(
        self,
        renderer: FrameRenderer[Subject, Shown],
        surface: HiddenSurface,
        take: Callable[[Any, dict[str, Any], Any], None],
    ) -> None:
        super().__init__(lambda: renderer.waiting)
        self._renderer, self._surface, self._take = renderer, surface, take

    def film(self, subject: Subject, controls: Shown, size: Size, of: Pass = AS_SHOWN) -> None:
        """Make a frame; nobody waits for another one any more."""
        self.begin(_FILMING, self._film(subject, controls, size, of))

    def release(self) -> None:
        """Free what it and its renderer hold in OpenGL."""
        self.drop_all()
        self._renderer.release()
        self._surface.release()

    def _film(self, subject: Subject, controls: Shown, size: Size, of: Pass) -> Work:
        for frame in self._renderer.render(subject, controls, self._surface.of(size), of):
            if frame is not None:
                self._take(frame.pixels, frame.described, frame.light if of.content == "light" else None)
            yield
