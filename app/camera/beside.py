"""Two of what is open in one frame of a scene that a camera sees: each is drawn alone, and the two are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from jaxtyping import Float

from fieldcore.images.curves import linear_from_display

from ..compare import OTHER
from ..compositor import Compositor, Overlay, begin_pane, parts_of
from ..frame_size import Box, Size, coarser
from ..gl.fullscreen_pass import FullscreenPass
from ..gl.image_overlays import Surface
from ..gl.offscreen import read_light, read_pixels
from ..gl.owner import Owner, Sized, Target
from ..panes import Pane
from ..record.frame import Frame
from ..record.passes import AS_SHOWN, Pass
from ..scale_bar import ScaleBar
from .controls import CameraControls
from .flipping import FlipRenderer, SceneRenderer

Beside = Callable[[Any], tuple[Any, Any]]
"""From controls that show something beside, what that is and the controls of its own frames; raises InputError."""


@dataclass(frozen=True, eq=False)
class OtherFrame:
    """A frame of what stands beside.

    Attributes:
        frame: itself.
        controls: what it shows.
        subject: of what.
        renderer: that drew it.
    """

    frame: Frame
    controls: Any
    subject: Any
    renderer: SceneRenderer


class BesideRenderer(Owner):
    """A scene's renderer that also knows the output ``other``; see ``FrameRenderer`` and ``ViewRenderer``.

    Args:
        context: to draw with; current whenever anything is called.
        renderer: of the scene.
        second: makes one more, when it is first needed, for what stands beside.
        beside: what that is.

    Attributes:
        of_scene: the scene's renderer.
        other: of what stands beside the latest frame alone; None before there is one.
    """

    def __init__(
        self,
        context: moderngl.Context,
        renderer: FlipRenderer | SceneRenderer,
        second: Callable[[], SceneRenderer],
        beside: Beside,
    ) -> None:
        self._renderer, self._make_second, self._beside = self.own(renderer), second, beside
        self.of_scene = renderer.of_scene
        self.other: OtherFrame | None = None
        self._second: SceneRenderer | None = None
        self._own, self._others, self._light = (
            self.own(Sized(lambda size: Target(context, size, "f4", interpolated=True))) for _ in range(3)
        )
        self._together = self.own(_Together(context))
        self.bars: tuple[ScaleBar, ...] = ()

    @property
    def waiting(self) -> bool:
        """See ``FrameRenderer``."""
        return self._renderer.waiting or (self._second is not None and self._second.waiting)

    def render(
        self, subject: Any, controls: CameraControls, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``; of light a frame is drawn with numbers, which no display clips."""
        own = controls.own
        if of.content == "light":
            target = self._light.of(surface.size).framebuffer
            for lit in self.render(subject, controls, target):
                yield lit and replace(lit, stored=linear_from_display(read_light(target)))
            return
        if own is controls:
            yield from self._renderer.render(subject, controls, surface, of)
            return
        pane = controls.pane_size(surface.size)
        frame: Frame | None = None
        for made in self._renderer.render(subject, own, self._own.of(pane).framebuffer):
            frame = made
            if made is None:
                yield None
        assert frame is not None
        milliseconds = yield from self._draw_other(controls, pane)
        self._together.draw(surface, controls, self._own.latest, self._others.latest, 1.0)
        yield Frame(
            read_pixels(surface),
            {**frame.description, **controls.comparison_described, OTHER: controls.other},
            {**frame.milliseconds, "other_ms": milliseconds},
        )

    def light(
        self, controls: CameraControls, pictures: Any, labels: Mapping[Any, str], size: Size, pixel_ratio: float
    ) -> Float[np.ndarray, "h w 3"]:
        """The linear light of a frame that is composed of pictures."""
        target = self._light.of(size).framebuffer
        self.compose(target, controls, pictures, labels, pixel_ratio)
        return linear_from_display(read_light(target))

    # What a viewport asks for

    def hurried(self, controls: Any) -> Any:
        """See ``ViewRenderer``."""
        return self._renderer.hurried(controls)

    def sizes(self, controls: CameraControls, size: Size) -> Mapping[str, Size]:
        """See ``ViewRenderer``; what stands beside is one kind more."""
        own = controls.own
        if own is controls:
            return self._renderer.sizes(controls, size)
        pane = controls.pane_size(size)
        return {**self._renderer.sizes(own, pane), OTHER: pane}

    def pictures(
        self, subject: Any, controls: CameraControls, size: Size, divisor: int = 1
    ) -> Generator[None, None, Any]:
        """See ``ViewRenderer``; what stands beside is kept for composing."""
        own = controls.own
        if own is controls:
            return (yield from self._renderer.pictures(subject, controls, size, divisor))
        pane = controls.pane_size(size)
        pictures = yield from self._renderer.pictures(subject, own, pane, divisor)
        milliseconds = yield from self._draw_other(controls, coarser(pane, divisor))
        return replace(pictures, milliseconds={**pictures.milliseconds, OTHER: milliseconds})

    def compose(
        self, surface: Surface, controls: CameraControls, pictures: Any, labels: Mapping[Any, str], pixel_ratio: float
    ) -> None:
        """See ``ViewRenderer``."""
        own = controls.own
        if own is controls:
            self._renderer.compose(surface, controls, pictures, labels, pixel_ratio)
            self.bars = tuple(self._renderer.bars)
            return
        target = self._own.of(controls.pane_size(surface.size))
        self._renderer.compose(target.framebuffer, own, pictures, labels, pixel_ratio)
        self._together.draw(surface, controls, target, self._others.latest, pixel_ratio)
        panes = [pane for pane in controls.panes(surface.size) if pane.output != OTHER]
        self.bars = tuple(_moved(bar, pane) for bar in self._renderer.bars for pane in panes)

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        if self._second is not None:
            self._second.release()
        self._second = self.other = None
        super().release()

    def _draw_other(self, controls: CameraControls, size: Size) -> Generator[None, None, float]:
        """Draw what stands beside; returns what that took, without the time that others had meanwhile."""
        self._second = self._second or self._make_second()
        subject, shown = self._beside(controls)
        surface = self._others.of(size).framebuffer
        steps, spent = self._second.render(subject, shown, surface, Pass(shown.left)), 0.0
        while True:
            started = time.perf_counter()
            frame = next(steps)
            spent += time.perf_counter() - started
            if frame is not None:
                self.other = OtherFrame(frame, shown, subject, self._second)
                return 1e3 * spent
            yield


class _Together(Compositor[CameraControls]):
    """Two finished pictures in their panes, with the names of their files."""

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._copy = self.own(FullscreenPass(context, "frame.frag"))
        self._pictures: tuple[Target, Target] | None = None

    def draw(self, surface: Surface, controls: CameraControls, own: Target, other: Target, pixel_ratio: float) -> None:
        """Fill a surface with them."""
        self._pictures = own, other
        self.compose(surface, controls, {}, pixel_ratio)

    def _draw_pane(self, surface: Surface, controls: CameraControls, pane: Pane, pixel_ratio: float) -> None:
        assert self._pictures is not None
        left, bottom, width, height = begin_pane(surface, pane)
        self._pictures[pane.output == OTHER].texture.use(0)
        self._copy.draw(frame=0, corner_px=(left, bottom), surface_px=(width, height))

    def _scale(self, controls: CameraControls, output: str) -> None:
        """It is in the picture."""

    def _draw_words(self, over: Overlay, surface: Surface, controls: CameraControls, pixel_ratio: float) -> Box | None:
        if controls.caption:
            panes = controls.panes(surface.size)
            for pane, part in zip(panes, parts_of(controls.layout, panes, surface.size), strict=True):
                file = Path(controls.other if pane.output == OTHER else controls.opened)
                left, top, width, height = part
                over.label(file.stem, (left + width // 2, top, width - width // 2, height), at_right=True)
        return None


def _moved(bar: ScaleBar, pane: Pane) -> ScaleBar:
    """The scale where its picture lies in the frame."""
    left, top, width, height = bar.box
    return replace(bar, box=(left + pane.box[0], top + pane.box[1], width, height))
