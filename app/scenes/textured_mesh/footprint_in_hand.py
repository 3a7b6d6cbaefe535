"""A texture's filter in the hand: a circle in the texture, drawn on the model true to size, and pulled there."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from fieldcore.signals import SignalFacts
from fieldcore.signals.texture import domain_by_uv

from ...camera.camera import Camera, Vector, frame_from_world
from ...camera.camera_state import CameraState
from ...camera.sight import SeenPoint
from ...filter.in_hand import WHOLE, Grip, Held, InHand, ellipse
from ...filter.state import SizedState
from ...frame_size import Box
from ...scene_state import Position

_SAME_POINT = 0.02
"""Of the distance: as near to where it was put as what is seen where that would be."""

_LEAST_AREA = 1e-14
"""Of a pixel in the texture, in domain units: what is smaller lies along the way of sight."""


class FootprintInHand(InHand, SizedState, CameraState):
    """What a textured mesh's state has of it: what the field averages over beyond a pixel."""

    def __init__(self, services: Any, controls: Any) -> None:
        super().__init__(services, controls)
        self._held_at: Vector | None = None
        self._by_deviation = (1.0, 1.0)

    @property
    @abstractmethod
    def texture_facts(self) -> SignalFacts | None:
        """Of the texture shown; None where there is none."""

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """See the base; where one flies a press on the model puts the filter there."""
        puts = self.in_hand and not (self.orbiting or self.captured)
        if puts and not self.take_hold(position, pixel_ratio) and self._put(position):
            return
        if self._grip is None:
            super().press_button(position, pixel_ratio)

    def click(self, position: Position) -> None:
        """See the base; the filter in the hand is put on what is seen there."""
        super().click(position)
        if self.in_hand:
            self._put(position)

    def _put(self, position: Position) -> bool:
        seen = self.sees(position)
        if seen is None or seen.by_pixel is None:
            return False
        self._held_at = seen.point
        return True

    def held(self) -> Sequence[Held]:
        """See the base; at first it lies in the middle of the view."""
        facts = self.texture_facts
        if facts is None:
            return ()
        panes = self.controls.panes(self._services.framebuffer_px)
        views = dict.fromkeys((pane.box, self.controls.eye_of(pane.output)) for pane in panes)
        left, top, width, height = panes[0].box
        if self._held_at is None and not self._put((left + width / 2, top + height / 2)):
            return ()
        return [shape for box, eye in views if (shape := self._held_in(box, eye, facts)) is not None]

    def _held_in(self, box: Box, eye: Camera, facts: SignalFacts) -> Held | None:
        seen, at = self._seen_there(box, eye)
        if seen is None or seen.by_pixel is None:
            return None
        in_texture = np.array(domain_by_uv(facts))[:, None] * np.array(seen.by_pixel)
        if abs(np.linalg.det(in_texture)) < _LEAST_AREA:
            return None
        ways, lengths, _ = np.linalg.svd(np.linalg.inv(in_texture))
        self._by_deviation = float(lengths[0]), float(lengths[1])
        first, second = ((float(x), float(y)) for x, y in (self._deviation * lengths * ways).T)
        return Held(at, (first, second), (ellipse(at, first, second),), within=box)

    def _seen_there(self, box: Box, eye: Camera) -> tuple[SeenPoint | None, Position]:
        """What is seen where it was put, unless something hides that, and the place in the frame."""
        assert self._held_at is not None
        x, y, away = frame_from_world(eye, box[2:], np.array([self._held_at]))[0].tolist()
        at = x + box[0], y + box[1]
        seen = self.sees(at) if away > 0 else None
        if seen is None or math.dist(seen.point, self._held_at) > _SAME_POINT * away:
            return None, at
        return seen, at

    @property
    def _deviation(self) -> float:
        """The filter's, in domain units."""
        variance: float = self.controls.variance
        return math.sqrt(variance)

    @property
    def held_sizes(self) -> Any:
        """See the base."""
        return self.log10_variance

    @property
    def held_words(self) -> str:
        """See the base."""
        facts = self.texture_facts
        if facts is None or not self._deviation:
            return "σ  none beyond the pixel's own"  # noqa: RUF001
        texel = 2 * facts.half_extent[0] / facts.resolution[0]
        return f"σ  {self._deviation:.2g} = {self._deviation / texel:.2g} texels"  # noqa: RUF001

    def pull(self, grip: Grip, to: Position, factor: float, before: Any) -> None:
        """See the base: it stays a circle in the texture, as large as the end that is pulled wants it."""
        if grip == WHOLE:
            self.set_log10_variance(before + 2 * math.log10(factor))
        else:
            deviation = math.hypot(*to) / self._by_deviation[grip[0]]
            self.set_log10_variance(2 * math.log10(max(deviation, 1e-12)))
