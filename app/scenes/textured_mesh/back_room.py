"""The back room: frames that nobody waits for, made a slice at a time: those of recordings, and those judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import moderngl
import numpy as np
from jaxtyping import UInt8

from fieldcore.errors import InputError
from fieldcore.fields.field import Field

from ...benchmark.flight_measuring import Sights, sights
from ...camera.camera import Camera
from ...frame_size import Size
from ...gl.hidden_surface import HiddenSurface
from ...gl.offscreen import read_pixels
from ...work.engine import Engine
from .cockpit import FlightFrame
from .compositor import FlythroughScene
from .controls import Shading
from .frame import Panes, shaded
from .painter import Painter
from .renderer import description_of

Take = Callable[[UInt8[np.ndarray, "h w 3"], dict[str, Any]], None]
"""Takes a frame of a recording: its pixels, and what it shows."""


class BackRoom:
    """Makes one thing at a time, in order: frames of recordings and what is measured take turns.

    Args:
        context: the window's; current whenever anything is called.
        engine: who evaluates fields.
    """

    def __init__(self, context: moderngl.Context, engine: Engine) -> None:
        self._context = context
        self._painter = Painter(context, engine, for_view=False)
        self._scene: FlythroughScene | None = None
        self._surface = HiddenSurface(context)
        self._works: dict[str, Iterator[None]] = {}

    @property
    def measuring(self) -> bool:
        """Whether ways of shading are being measured."""
        return _MEASURING in self._works

    @property
    def busy(self) -> bool:
        """Whether there is something to do for this thread."""
        return bool(self._works) and not self._painter.waiting

    def film(self, frame: FlightFrame, weights: Field | None, take: Take) -> None:
        """Make a frame of a recording; nobody waits for another one any more."""
        self._begin(_FILMING, self._film(frame, weights, take))

    def measure(
        self,
        frame: FlightFrame,
        weights: Field | None,
        ways: Sequence[Shading],
        size: Size,
        before: Camera,
        take: Callable[[Sights], None],
    ) -> None:
        """See how several ways of shading show a frame."""
        self._begin(_MEASURING, _told(sights(self._painter, frame, weights, ways, size, before), take))

    def give_up_measuring(self) -> None:
        """Nobody wants to know any more."""
        self._drop(_MEASURING)

    def advance(self, seconds: float) -> None:
        """Go on for about so long. Raises InputError where the work under way cannot be done, which is then left."""
        deadline = time.perf_counter() + seconds
        while self._works:
            what, work = next(iter(self._works.items()))
            try:
                if next(work, _END) is _END:
                    del self._works[what]
            except InputError:
                self._works.clear()
                raise
            if self._painter.waiting or time.perf_counter() >= deadline:
                return

    def release(self) -> None:
        """Give everything back to the driver."""
        for what in list(self._works):
            self._drop(what)
        self._painter.release()
        self._surface.release()
        if self._scene is not None:
            self._scene.release()
        self._scene = None

    def _begin(self, what: str, work: Iterator[None]) -> None:
        self._drop(what)
        self._works[what] = work

    def _drop(self, what: str) -> None:
        work = self._works.pop(what, None)
        if work is not None:
            work.close()  # type: ignore[attr-defined]

    def _film(self, frame: FlightFrame, weights: Field | None, take: Take) -> Iterator[None]:
        started = time.perf_counter()
        slices = shaded(frame.controls, frame.size, self._painter.shadings_of(frame.model, weights))
        panes: Panes = {}
        while True:
            try:
                next(slices)
            except StopIteration as end:
                panes = end.value
                break
            if not self._painter.waiting:
                self._context.finish()  # or the driver would put off all the work to the end
            yield None
        surface = self._surface.of(frame.size)
        self._scene = self._scene or FlythroughScene(self._context)
        self._scene.draw(surface, frame.controls, panes)
        pixels = read_pixels(surface)
        drawn_ms = 1e3 * (time.perf_counter() - started)
        take(pixels, {**description_of(frame.controls), "drawn_ms": round(drawn_ms, 3)})


def _told(slices: Iterator[Sights | None], take: Callable[[Sights], None]) -> Iterator[None]:
    for seen in slices:
        if seen is not None:
            take(seen)
        yield None


_END = object()
_FILMING, _MEASURING = "filming", "measuring"
