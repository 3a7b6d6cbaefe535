"""What makes frames: the one interface between a scene and the drivers of its recordings.

A scene has one ``FrameRenderer``. Without a window ``path_rendering.py`` runs its generator to the end; recording from
the window, ``live.py`` takes steps of it between two passes of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar, runtime_checkable

import moderngl

from .frame import Frame
from .passes import AS_SHOWN, Pass

Subject = TypeVar("Subject", contravariant=True)
Shown = TypeVar("Shown", contravariant=True)


@runtime_checkable
class FrameRenderer(Protocol[Subject, Shown]):
    """Makes whole frames of a scene, one after the other; what serves the next one too is kept.

    Attributes:
        waiting: whether the next step of the frame under way is for another thread.
    """

    @property
    def waiting(self) -> bool:
        """See above."""

    def render(
        self, subject: Subject, controls: Shown, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """Draw a frame; None where others may go on meanwhile, and last the frame.

        Args:
            subject: what is open: fields, models, truths.
            controls: what to show of it, with the changes of the pass.
            surface: to draw on, as large as the frame is to be.
            of: the pass that the frame is for.

        Raises:
            InputError: the subject cannot be shown so.
        """

    def release(self) -> None:
        """Free what it holds in OpenGL."""


def whole(steps: Iterator[Frame | None]) -> Frame:
    """The frame, however long it takes."""
    *_, frame = steps
    assert frame is not None
    return frame
