"""A scene in a window: coarse frames while something moves, whole ones at rest, and no wait in the loop.

A frame is made of pictures, which take long and are made a slice at a time, and composed of them at once. Both are
pulled from the renderer that also makes the frames of recordings and of paths.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, runtime_checkable

import moderngl

from ..frame_size import Size, coarser
from ..gl.image_overlays import Surface
from ..gl.owner import Owner
from ..scale_bar import ScaleBar
from .kept_frame import KeptFrame
from .pace import TRAINING_S, Pace

REST_AFTER_S = 0.12
"""How long nothing must have changed before a whole frame is made."""


@runtime_checkable
class Pictures(Protocol):
    """What a frame is composed of.

    Attributes:
        milliseconds: that each kind of them took.
    """

    @property
    def milliseconds(self) -> Mapping[str, float]:
        """See above."""


@runtime_checkable
class ViewRenderer(Protocol):
    """What a viewport asks of a scene's renderer.

    Attributes:
        waiting: whether the next slice of the pictures under way is for another thread.
        bars: of the scales of errors in the latest frame that was composed.
    """

    @property
    def waiting(self) -> bool:
        """See above."""

    @property
    def bars(self) -> Sequence[ScaleBar]:
        """See above."""

    def hurried(self, controls: Any) -> Any:
        """What is shown of controls while something moves, beside coarser pixels."""

    def sizes(self, controls: Any, size: Size) -> Mapping[str, Size]:
        """Of the pictures that a frame of that size needs, by kind: what their time depends on."""

    def pictures(self, subject: Any, controls: Any, size: Size, divisor: int) -> Generator[None, None, Any]:
        """Make the pictures of a frame of that size, so many times coarser than its pixels.

        Raises:
            InputError: the subject cannot be shown so.
        """

    def compose(
        self, surface: Surface, controls: Any, pictures: Any, labels: Mapping[Any, str], pixel_ratio: float
    ) -> None:
        """Fill a surface with them, and with what is written over them."""

    def release(self) -> None:
        """Free what it holds in OpenGL."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """What the window is to show.

    Attributes:
        subject: what is open, as the renderer takes it.
        controls: what to show of it.
        size: in pixels.
        of: what its pictures depend on beside that: first what is open, then in which state it is.
        pixel_ratio: framebuffer pixels in a point of the display.
        moving: whether more of the kind will follow at once.
        training: whether what is open will soon look otherwise.
        superseded: whether something newer will be there in a moment, so that nothing is begun.
    """

    subject: Any
    controls: Any
    size: Size
    of: tuple[Any, ...]
    pixel_ratio: float
    moving: bool
    training: bool = False
    superseded: bool = False


@dataclass(eq=False)
class Frame:
    """A frame on its way, or made.

    Attributes:
        look: what it was made for.
        wanted: the same in full.
        controls: what it shows, which may be less while something moves.
        divisor: how many times coarser than its pixels it is.
        whole: whether it is as good as it can be.
        quick: whether it was made while something moved.
        pictures: of it, when they are there.
    """

    look: tuple[Any, ...]
    wanted: Wanted
    controls: Any
    divisor: int
    whole: bool
    quick: bool
    pictures: Any = None


class Viewport(Owner):
    """Shows the latest frame that is wanted; it is kept, to be drawn again as it is.

    Args:
        context: the window's; current whenever anything is called.
        renderer: of the scene, which is released with this; it asks other threads for what takes long.
        moving_s: what a frame may take while something moves.
        dress: entries of the controls that only composing looks at.

    Attributes:
        finished: the frame shown, if any.
        kept: what was composed last.
    """

    def __init__(
        self, context: moderngl.Context, renderer: ViewRenderer, moving_s: float, dress: tuple[str, ...]
    ) -> None:
        self.kept, self._renderer = self.own(KeptFrame(context)), self.own(renderer)
        self._moving_s, self._dress = moving_s, dress
        self._pace = Pace()
        self.finished: Frame | None = None
        self._wanted: Wanted | None = None
        self._look: tuple[Any, ...] = ()
        self._changed_at = 0.0
        self._job: tuple[Frame, Generator[None, None, Pictures]] | None = None
        self._failed: tuple[Any, ...] | None = None
        self._composed_of: tuple[Any, ...] | None = None

    @property
    def bars(self) -> Sequence[ScaleBar]:
        """Of the scales of errors in what was composed last."""
        return self._renderer.bars if self._composed_of is not None else ()

    @property
    def busy(self) -> bool:
        """Whether a frame is being made, and the next slice of it is for this thread."""
        return self._job is not None and not self._renderer.waiting

    @property
    def at_rest(self) -> bool:
        """Whether what is wanted is shown as well as it can be."""
        finished = self.finished
        return finished is not None and self._job is None and finished.whole and finished.look == self._look

    def want(self, wanted: Wanted) -> None:
        """Show that from now on."""
        controls = wanted.controls
        shown = tuple(getattr(controls, entry.name) for entry in fields(controls) if entry.name not in self._dress)
        look = (shown, wanted.size, *wanted.of)
        if look != self._look:
            self._look, self._changed_at = look, time.perf_counter()
        self._wanted = wanted

    def advance(self, seconds: float) -> None:
        """Go on making the frame for about so long.

        Raises:
            InputError: it cannot be made; it is not tried again until something else is wanted.
        """
        deadline = time.perf_counter() + seconds
        self._choose()
        while self._job is not None:
            frame, slices = self._job
            try:
                next(slices)
            except StopIteration as end:
                self._finish(frame, end.value)
                return
            except Exception:
                self._failed = frame.look
                self._drop()
                raise
            if self._renderer.waiting or time.perf_counter() >= deadline:
                return

    def compose(self, labels: Mapping[Any, str]) -> bool:
        """Put the latest frame together; returns whether it looks different from before.

        While the next one is being made that waits: its pictures replace those of this one, one by one.

        Args:
            labels: what is said of each pane.
        """
        finished, wanted = self.finished, self._wanted
        if finished is None or wanted is None or self._job is not None:
            return False
        controls = self.dressed(finished)
        of = (finished, controls, wanted.pixel_ratio, labels)
        if of == self._composed_of:
            return False
        self._composed_of = of
        surface = self.kept.surface_of(finished.wanted.size)
        self._renderer.compose(surface, controls, finished.pictures, labels, wanted.pixel_ratio)
        return True

    @property
    def wanted(self) -> Wanted | None:
        """What is to be shown, None as long as nothing was wanted."""
        return self._wanted

    def dressed(self, frame: Frame) -> Any:
        """The controls that a frame is composed by now."""
        wanted = self._wanted or frame.wanted
        return replace(frame.controls, **{name: getattr(wanted.controls, name) for name in self._dress})

    def release(self) -> None:
        """Give everything back to the driver."""
        self._drop()
        super().release()

    def _choose(self) -> None:
        """See whether the frame under way is still worth finishing, and begin one where one is needed."""
        wanted, finished = self._wanted, self.finished
        if wanted is None:
            return
        if self._job is not None:
            frame = self._job[0]
            # A quick one is finished whatever comes, or a hand that never rests would never see any.
            if frame.look == self._look or (frame.quick and frame.wanted.of[0] is wanted.of[0]):
                return
            self._drop()
        resting = not wanted.moving and time.perf_counter() - self._changed_at >= REST_AFTER_S
        is_enough = False
        if finished is not None and finished.look == self._look:
            is_enough = finished.whole or not resting or (wanted.training and not finished.quick)
        if not (is_enough or wanted.superseded or self._look == self._failed):
            self._begin(wanted, resting)

    def _begin(self, wanted: Wanted, resting: bool) -> None:
        controls = wanted.controls if resting else self._renderer.hurried(wanted.controls)
        seconds = self._moving_s if not resting else TRAINING_S if wanted.training else None
        sizes = self._renderer.sizes(controls, wanted.size)
        divisor = 1 if seconds is None else self._pace.divisor(sizes, seconds)
        whole = not wanted.training and divisor == 1 and controls == wanted.controls
        frame = Frame(self._look, wanted, controls, divisor, whole, not resting)
        self._job = frame, self._renderer.pictures(wanted.subject, controls, wanted.size, divisor)

    def _finish(self, frame: Frame, pictures: Pictures) -> None:
        sizes = self._renderer.sizes(frame.controls, frame.wanted.size)
        for kind, milliseconds in pictures.milliseconds.items():
            self._pace.note(kind, coarser(sizes[kind], frame.divisor), milliseconds)
        frame.pictures = pictures
        self.finished, self._job = frame, None

    def _drop(self) -> None:
        if self._job is not None:
            self._job[1].close()
        self._job = None
