"""Brings radiance fields into the window, and records them."""

from __future__ import annotations

from typing import Any

import moderngl

from ...camera.beside import OtherFrame
from ...camera.presenter import CameraPresenter
from ...camera.sight import SeenPoint
from ...histogram import Histograms, histograms, stride_over
from ...panes import Pane
from ...services import Services
from ...viewport.viewport import Frame, Wanted
from .controls import RadianceControls
from .inspector import seen_at
from .renderer import RadianceRenderer, description_of, labels_of
from .state import RadianceState

MOVING_S = 0.006
"""What a frame may take while something moves: the same processor renders meanwhile."""


DRESS = ("caption", "frusta", "divider", "error", "error_range", "flip_range")
"""What can be changed without rendering anything again."""


class RadiancePresenter(CameraPresenter[RadianceState, RadianceRenderer]):
    """Draws what the state says, from the pictures that the worker thread renders.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
    """

    def __init__(self, context: moderngl.Context, services: Services, state: RadianceState) -> None:
        super().__init__(context, services, state, lambda asking: RadianceRenderer(context), MOVING_S, DRESS)

    def _wanted(self, pixel_ratio: float) -> Wanted | None:
        state, seen = self._state, self._state.seen
        if state.document is None or seen is None or seen.request.document is not state.document:
            return None
        self._in_view.seen_with(seen.request.subject)
        size = self._services.framebuffer_px
        of = (state.document, seen)
        return Wanted(seen.stage.pictures, state.controls, size, of, pixel_ratio, state.under_way)

    def _seen_at(self, frame: Frame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """See the base."""
        return seen_at(frame.pictures, pane.size, pane.output, share)

    def _seen_beside(self, other: OtherFrame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """See the base."""
        drawn: Any = other.renderer
        pictures = drawn.scene.pictures
        return None if pictures is None else seen_at(pictures, pane.size, other.controls.left, share)

    def _histograms(self, frame: Frame) -> Histograms | None:
        """See the base: of what is seen, and what was photographed there."""
        images, depth = frame.pictures.images, frame.pictures.depth
        sides = [images[name] for name in (frame.controls.subject, frame.controls.reference) if name in images]
        if frame.controls.subject not in images or depth is None:
            return None
        step = stride_over(depth.size)
        values, *photo = (side[::step, ::step][depth[::step, ::step] > 0] for side in sides)
        return histograms(values, (values - photo[0]).mean(1) if photo else None)

    def _follow(self, wanted: Wanted) -> None:
        """Note what is seen, and tell of it once it is as well as it can be."""
        state, frame, seen = self._state, self._viewport.finished, self._state.seen
        if frame is None or seen is None:
            return
        self.shown = seen
        rays = seen.stage.points
        state.frame_facts = f"{rays:,} rays in {seen.milliseconds:.0f} ms"
        if seen.stage.final and self._viewport.at_rest and not state.under_way:
            description = {"scene": "radiance", "field": state.controls.field, **description_of(state.controls)}
            size = list(self._services.framebuffer_px)
            self._tell({**description, "size": size}, milliseconds=round(seen.milliseconds, 1))
        elif state.under_way:
            self._told = {}

    def _labels(self, frame: Frame) -> dict[str, str]:
        document = self._state.document
        if document is None:
            return {}
        return labels_of(self._state.subject(self._state.controls), self._state.controls)

    def _description(self, controls: RadianceControls) -> dict[str, Any]:
        return description_of(controls)


PRESENTER = RadiancePresenter
