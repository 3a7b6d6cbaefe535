"""What brings a scene that a camera sees into the window: a viewport, and what a scene alone knows of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Generic, TypeVar

import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from ..compare import OTHER
from ..gl.image_overlays import Surface
from ..histogram import Histograms
from ..panes import Pane
from ..services import Services
from ..viewport.kept_frame import draw_fitted
from ..viewport.presenter import BEHIND_S, ScenePresenter
from ..viewport.viewport import Frame, Viewport, Wanted
from ..work.asking import Asking
from .beside import BesideRenderer, OtherFrame
from .camera_state import CameraState
from .flipping import FlipRenderer, SceneRenderer
from .sight import SeenPoint

State = TypeVar("State", bound=CameraState)
Renderer = TypeVar("Renderer", bound=SceneRenderer)

VIEW_S, BUSY_S = 0.008, 0.004
"""Time of a pass given to the view, and behind it while it has work."""


class CameraPresenter(ScenePresenter[State], Generic[State, Renderer]):
    """Base of the presenters of scenes in space.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
        make: makes a renderer of the scene, which asks an engine for what takes long.
        moving_s: what a frame may take while something moves.
        dress: entries of the controls that only composing looks at.
    """

    def __init__(
        self,
        context: moderngl.Context,
        services: Services,
        state: State,
        make: Callable[[Asking], Renderer],
        moving_s: float,
        dress: tuple[str, ...],
    ) -> None:
        self._in_view, self._behind = (make(Asking(services.engine, for_view)) for for_view in (True, False))

        def with_beside(renderer: Renderer, for_view: bool) -> tuple[FlipRenderer, BesideRenderer]:
            asking = partial(Asking, services.engine, for_view, waits=for_view)
            flipping = FlipRenderer(context, renderer, asking())
            return flipping, BesideRenderer(context, flipping, lambda: make(asking()), state.beside)

        super().__init__(context, services, state, with_beside(self._behind, False)[1])
        self._flipping, self._renderer = with_beside(self._in_view, True)
        self._viewport = viewport = Viewport(context, self._renderer, moving_s, dress)
        self._sight: tuple[tuple[Any, ...], SeenPoint | None] = (), None
        self._counted_of: tuple[Any, ...] = ()
        state.sees, state.scale_bars = self._sees, lambda: viewport.bars

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""
        return self._recorder.busy or (seen and self._viewport.busy)

    def advance(self, pixel_ratio: float) -> bool:
        """Go on with the frames under way; returns whether the view looks different from before."""
        wanted = self._wanted(pixel_ratio) if 0 not in self._services.framebuffer_px else None
        if wanted is None:
            self._go_on_recording(BEHIND_S)
            return False
        wanted = replace(wanted, of=(*wanted.of, *self._state.beside_version))
        self._viewport.want(wanted)
        self._services.attempt(partial(self._viewport.advance, VIEW_S))
        self._go_on_recording(BUSY_S if self._viewport.busy else BEHIND_S)
        self._follow(wanted)
        self._count()
        finished = self._viewport.finished
        return finished is not None and self._viewport.compose(self._labels(finished))

    def draw(self, surface: Surface) -> None:
        """Show the latest frame."""
        self._viewport.kept.draw(surface)

    def see(self, surface: moderngl.Framebuffer, controls: Any) -> dict[str, Any]:
        """Draw what the view shows at the size of ``surface``; returns what that is, for a report."""
        draw_fitted(self._viewport.kept.draw, surface, self._services.framebuffer_px)
        return self._description(controls)

    def light(self, pixels: UInt8[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
        """See the base: of the latest frame as it was before a display clipped it."""
        frame, wanted = self._latest, self._viewport.wanted
        if frame is None or wanted is None or frame.wanted.size != pixels.shape[1::-1]:
            return super().light(pixels)
        labels, ratio = self._labels(frame), wanted.pixel_ratio
        return self._renderer.light(self._viewport.dressed(frame), frame.pictures, labels, frame.wanted.size, ratio)

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._viewport.release()
        super().release()

    @property
    def _latest(self) -> Frame | None:
        """The latest frame that is whole; None where what it was drawn with has been given back."""
        frame = self._viewport.finished
        return frame if frame is not None and self._is_there(frame) else None

    def _is_there(self, frame: Frame) -> bool:
        """Whether what a frame was drawn with is still there, to be read."""
        return True

    def _sees(self, position: tuple[float, float]) -> SeenPoint | None:
        """What the latest frame shows at a place of the view; the window's context must be current."""
        frame, size = self._latest, self._services.framebuffer_px
        if frame is None or frame.wanted.size != size:
            return None
        of = frame, self._state.controls, position, self._told_of
        if of != self._sight[0]:
            panes = self._state.controls.panes(size)
            pane = next((pane for pane in reversed(panes) if pane.shows(position) and not pane.below), None)
            seen = None
            if pane is not None:
                left, top, width, height = pane.box
                share = (position[0] - left) / width, (position[1] - top) / height
                seen = self._seen_in(frame, pane, share)
            self._sight = of, seen
        return self._sight[1]

    def _seen_in(self, frame: Frame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """What a pane shows, whatever that is of; of FLIP with its number."""
        if pane.output == OTHER:
            other = self._renderer.other
            return None if other is None else self._seen_beside(other, pane, share)
        seen, flip = self._seen_at(frame, pane, share), self._flipping.flip_at(frame.controls, pane.output, share)
        if seen is None or flip is None:
            return seen
        return replace(seen, rows=(*seen.rows, ("FLIP", f"{flip:.3f}")))

    def _count(self) -> None:
        """Count what is shown at rest, where somebody looks at histograms."""
        frame = self._latest
        of = frame, self._told_of
        if self._state.count_asked and self._viewport.at_rest and frame is not None and of != self._counted_of:
            self._counted_of = of
            self._state.counted = self._histograms(frame)
        self._state.count_asked = False

    def _histograms(self, frame: Frame) -> Histograms | None:
        """What is counted of a frame."""
        return None

    @property
    def _told_of(self) -> Any:
        """What is told beside the frame depends on."""
        return None

    def _seen_at(self, frame: Frame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """What a frame shows in a pane.

        Args:
            frame: the latest.
            pane: where it is.
            share: of the pane's width from the left, and of its height from the top.
        """
        return None

    def _seen_beside(self, other: OtherFrame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """The same of what stands beside, in the pane that shows it."""
        return None

    @abstractmethod
    def _wanted(self, pixel_ratio: float) -> Wanted | None:
        """What is to be shown now, None where there is nothing yet."""

    @abstractmethod
    def _follow(self, wanted: Wanted) -> None:
        """Note what has become of the frames, and tell of them."""

    @abstractmethod
    def _labels(self, frame: Frame) -> Mapping[Any, str]:
        """What is said of each pane of a frame."""

    @abstractmethod
    def _description(self, controls: Any) -> dict[str, Any]:
        """What a frame of these controls shows, for a report."""
