"""The fly-through in a window: coarse frames while something moves, whole ones at rest, and no wait in the loop."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import moderngl

from fieldcore.errors import InputError
from fieldcore.fields.field import Field

from ...viewport.pace import MOVING_S, TRAINING_S
from ...viewport.viewport import Viewport
from ...work.asking import Asking
from ...work.engine import Engine
from .compositor import TexturedMeshCompositor
from .controls import Shading, TexturedMeshControls
from .painter import Painter, Shaded, TexturedMeshSubject
from .panes import pane_size, shown_shadings
from .state import TexturedMeshFrame

HURRIED_SAMPLES = 2
"""Of the judge, along either axis, while something moves."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """What the window is to show.

    Attributes:
        frame: what.
        weights: the field to draw it with.
        version: differs whenever they do.
        moving: whether more of the kind will follow at once.
        training: whether the field's weights will soon be others.
        pixel_ratio: framebuffer pixels in a point of the display.
    """

    frame: TexturedMeshFrame
    weights: Field | None
    version: Any
    moving: bool
    training: bool
    pixel_ratio: float

    @property
    def look(self) -> tuple[Any, ...]:
        """What shading depends on; what is only laid over or composed is left out."""
        undressed = {name: getattr(_PLAIN, name) for name in _DRESS}
        controls = replace(self.frame.controls, field="", **undressed)
        return controls, self.frame.size, self.frame.model, self.version

    @property
    def dress(self) -> tuple[Any, ...]:
        """What composing depends on beside it."""
        return (*(getattr(self.frame.controls, name) for name in _DRESS), self.pixel_ratio)


@dataclass(eq=False)
class Frame:
    """A frame on its way, or shaded.

    Attributes:
        look: what it was made for.
        shown: what it shows, which while something moves has fewer samples.
        divisor: how many times coarser than its pixels it is.
        whole: whether it is as good as it can be.
        quick: whether it was made while something moved.
        panes: its pictures, when they are there.
    """

    look: tuple[Any, ...]
    shown: TexturedMeshFrame
    divisor: int
    whole: bool
    quick: bool
    panes: Mapping[Shading, Shaded] = field(default_factory=dict)


class TexturedMeshView(Viewport):
    """Draws the fly-through from pictures that are shaded a slice at a time.

    Args:
        context: the window's; current whenever anything is called.
        engine: who evaluates fields.

    Attributes:
        finished: the frame shown, if any.
    """

    def __init__(self, context: moderngl.Context, engine: Engine) -> None:
        super().__init__(context)
        self._scene = self.own(TexturedMeshCompositor(context))
        self._painter = self.own(Painter(context, Asking(engine, for_view=True)))
        self.finished: Frame | None = None
        self._wanted: Wanted | None = None
        self._job: tuple[Frame, Generator[None, None, dict[Shading, Shaded]]] | None = None
        self._failed: tuple[Any, ...] | None = None
        self._composed_of: tuple[Any, ...] | None = None

    @property
    def busy(self) -> bool:
        """Whether a frame is being made, and the next slice of it is for this thread."""
        return self._job is not None and not self._painter.waiting

    @property
    def at_rest(self) -> bool:
        """Whether what is wanted is shown as well as it can be."""
        finished, wanted = self.finished, self._wanted
        if finished is None or wanted is None or self._job is not None:
            return False
        return finished.look == wanted.look and finished.whole

    def want(self, wanted: Wanted) -> None:
        """Show that from now on."""
        self._see(wanted.look)
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
            except InputError:
                self._failed = frame.look
                self._drop()
                raise
            if self._painter.waiting or time.perf_counter() >= deadline:
                return

    def compose(self, labels: Mapping[Shading, str]) -> bool:
        """Put the latest frame together; returns whether it looks different from before.

        While the next one is being made that waits: its pictures replace those of this one, one by one.

        Args:
            labels: what is said of each pane.
        """
        finished, wanted = self.finished, self._wanted
        if finished is None or wanted is None or self._job is not None:
            return False
        of = (finished, wanted.dress, tuple(labels.items()))
        if of == self._composed_of:
            return False
        self._composed_of = of
        panes = {way: replace(shaded.pane, label=labels[way]) for way, shaded in finished.panes.items()}
        self._scene.draw(
            self._kept.surface_of(finished.shown.size), self._dressed(finished, wanted), panes, wanted.pixel_ratio
        )
        return True

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
            if frame.look == wanted.look or (frame.quick and frame.shown.model is wanted.frame.model):
                return
            self._drop()
        resting = self._rests(wanted.moving)
        is_shown = finished is not None and finished.look == wanted.look
        is_enough = is_shown and finished is not None and (finished.whole or not resting)
        is_watched = is_shown and wanted.training and finished is not None and not finished.quick
        if not (is_enough or is_watched or wanted.look == self._failed):
            self._begin(wanted, resting)

    def _begin(self, wanted: Wanted, resting: bool) -> None:
        shown = wanted.frame
        size, divisor = pane_size(shown.controls, shown.size), 1
        sizes = dict.fromkeys(shown_shadings(shown.controls), size)
        if not resting:
            divisor = self._pace.divisor(sizes, MOVING_S)
            controls = replace(shown.controls, samples=min(shown.controls.samples, HURRIED_SAMPLES))
            shown = replace(shown, controls=controls)
        elif wanted.training:
            divisor = self._pace.divisor(sizes, TRAINING_S)
        frame = Frame(wanted.look, shown, divisor, resting and not wanted.training, not resting)
        subject = TexturedMeshSubject(shown.model.model, wanted.weights)
        self._job = frame, self._painter.shaded(subject, shown.controls, shown.size, divisor)

    def _finish(self, frame: Frame, panes: dict[Shading, Shaded]) -> None:
        for way, shaded in panes.items():
            self._pace.note(way, shaded.shot.size, shaded.milliseconds)
        frame.panes = panes
        self.finished, self._job = frame, None

    def _dressed(self, finished: Frame, wanted: Wanted) -> TexturedMeshControls:
        """What the finished frame shows, with what can be changed without shading it again as it is wanted now."""
        return replace(finished.shown.controls, **{name: getattr(wanted.frame.controls, name) for name in _DRESS})

    def _drop(self) -> None:
        if self._job is not None:
            self._job[1].close()
        self._job = None


_PLAIN = TexturedMeshControls("")
_DRESS = ("lit", "grid", "caption", "divider", "error_range")
"""What can be changed without shading anything again."""
