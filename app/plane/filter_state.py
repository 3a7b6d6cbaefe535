"""The state of a scene on a plane whose filter a person sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..covariance import distinct_variances
from ..filter.half_size import LARGEST
from ..filter.in_hand import WHOLE, Grip, Held, InHand, ellipse, rectangle
from ..filter.state import FilteredState
from ..frame_size import Box
from ..principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, PrincipalAxes
from ..scene_state import Position
from ..services import Services
from .controls import Point
from .inspector import covariance_at
from .plane_state import PlaneState


class FilteredPlaneState(InHand, FilteredState, PlaneState):
    """What such scenes have: the axes of a Gaussian, and the filter in the hand."""

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self._axes = PrincipalAxes()
        self._held_at: Point | None = None

    @property
    def axes(self) -> PrincipalAxes:
        """The Gaussian's size and shape; a shape that was set is remembered where the filter does not show it."""
        if self._axes.covariance != self.controls.covariance:
            self._axes = PrincipalAxes.of(self.controls.covariance)
        return self._axes

    def set_axes(self, **values: float) -> None:
        """Change the Gaussian's log10 variance, anisotropy or angle."""
        axes = replace(self.axes, **values)
        self.take_filter(covariance=axes.covariance)
        self._axes = axes

    @property
    def log10_variance(self) -> float:
        """See the base: of the geometric mean of the variances along the two axes."""
        return self.axes.log10_variance

    def set_log10_variance(self, value: float) -> None:
        """See the base."""
        least, most = self.controls.log10_variances
        self.set_axes(log10_variance=min(max(value, least), most))

    # In the hand

    def click(self, position: Position) -> None:
        """See the base; the filter in the hand is put there, too."""
        super().click(position)
        spot = self._spot_at(position)
        if self.in_hand and spot is not None:
            self._held_at = spot.point

    @property
    def _held_point(self) -> Point:
        """Where it lies: where it was put; a filter that differs from point to point under the cursor."""
        spot = self._spot_at(self._services.cursor) if self.controls.varies else None
        center: Point = self.controls.center
        return spot.point if spot is not None else self._held_at or center

    @property
    def held_places(self) -> Sequence[tuple[Position, float, Box | None]]:
        """Where it is drawn: its middle in the frame, the side of a pixel of that in domain units, and the pane."""
        panes = {pane.box: self.view_of(pane.output) for pane in reversed(self.panes)}
        places = []
        for box, view in reversed(panes.items()):
            if view is not None:
                x, y = view.frame_from_domain(self._held_point)
                places.append(((x + box[0], y + box[1]), view.pixel_size, box))
        return places

    @property
    def held_unit(self) -> tuple[float, str]:
        """What its sizes are told in: how many of these are a domain unit, and their name."""
        return (1 / self.pixel_size, " px") if self.view is not None and self.view.facts.resolution else (1.0, "")

    def held(self) -> Sequence[Held]:
        """See the base."""
        return [replace(self._held_in(middle, size), within=box) for middle, size, box in self.held_places]

    def _held_in(self, middle: Position, pixel_size: float) -> Held:
        controls = self.controls
        if controls.varies:
            variances, ways = np.linalg.eigh(self._covariance_there)
            one, other = (
                _scaled(way, size) for way, size in zip(ways.T, np.sqrt(variances.clip(0)) / pixel_size, strict=True)
            )
            return Held(middle, (one, other), (ellipse(middle, one, other),), fixed=True)
        if not controls.is_gaussian:
            width, height = (size / pixel_size for size in controls.half_size[:2])
            sides = (max(width, _LEAST), 0.0), (0.0, max(height, _LEAST))
            return Held(middle, sides, (rectangle(middle, width, height),))
        turn = math.radians(self.axes.angle_deg)
        directions = (math.cos(turn), -math.sin(turn)), (math.sin(turn), math.cos(turn))
        sizes = [0.0 if controls.is_off else 10.0 ** (size / 2) / pixel_size for size in self.axes.log10_along]
        axes = tuple(_scaled(way, max(size, _LEAST)) for way, size in zip(directions, sizes, strict=True))
        one, other = (_scaled(way, size) for way, size in zip(directions, sizes, strict=True))
        twice = ellipse(middle, _scaled(one, 2.0), _scaled(other, 2.0))
        return Held(middle, axes, (ellipse(middle, one, other),), (twice,), turning=(0,))

    @property
    def _covariance_there(self) -> Any:
        assert self.document is not None
        return covariance_at(self._held_point, self.controls, self.document.field.facts)

    @property
    def held_sizes(self) -> Any:
        """See the base."""
        return self.axes if self.controls.is_gaussian else self.controls.half_size

    @property
    def held_words(self) -> str:
        """See the base."""
        (per_unit, unit), controls = self.held_unit, self.controls
        if controls.varies:
            sizes = np.sqrt(np.linalg.eigvalsh(self._covariance_there).clip(0))[::-1].tolist()
        elif controls.is_gaussian:
            sizes = [math.sqrt(variance) for variance in distinct_variances(controls.covariance)]
        else:
            sizes = list(controls.half_size[:2])
        words = dict.fromkeys(f"{size * per_unit:.3g}" for size in sizes)
        return ("σ  " if controls.is_gaussian or controls.varies else "half size  ") + " by ".join(words) + unit  # noqa: RUF001

    def pull(self, grip: Grip, to: Position, factor: float, before: Any) -> None:
        """See the base."""
        places = self.held_places
        if places:
            self._services.attempt(lambda: self._pull(grip, to, factor, before, places[0][1]))

    def _pull(self, grip: Grip, to: Position, factor: float, before: Any, pixel_size: float) -> None:
        size = math.hypot(*to) * pixel_size
        if not self.controls.is_gaussian:
            if grip == WHOLE:
                sizes = [min(factor * one, LARGEST) for one in before]
            else:
                sizes = [
                    min(size, LARGEST) if self.linked or axis == grip[0] else one for axis, one in enumerate(before)
                ]
            self.take_filter(half_size=tuple(sizes))
            return
        if grip == WHOLE:
            self.set_log10_variance(before.log10_variance + 2 * math.log10(factor))
            return
        log10 = min(max(2 * math.log10(max(size, 1e-9)), LEAST_LOG10_VARIANCE), MOST_LOG10_VARIANCE)
        turned = math.degrees(math.atan2(-to[1], to[0])) if grip == (0, 1) and any(to) else None
        self.set_axes(**before.pulled(grip[0], log10, turned))


_LEAST = 1e-3
"""Pixels of an axis that is too short to be seen, which still points somewhere."""


def _scaled(way: Sequence[float], size: float) -> Position:
    return float(way[0]) * float(size), float(way[1]) * float(size)
