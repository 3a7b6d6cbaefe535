"""A filter in space in the hand: an ellipsoid, or a kernel's box, drawn true to size where it was put, and pulled."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from ...camera.camera import Camera, Vector, frame_from_world, pixel_at
from ...camera.camera_state import CameraState
from ...covariance import covariance_matrix
from ...filter.half_size import LARGEST
from ...filter.in_hand import WHOLE, Grip, Held, InHand, Line, ellipse
from ...filter.state import FilteredState
from ...frame_size import Box, Size
from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from ...scene_state import Position
from .principal_axes import PrincipalAxes3, turned_towards

_LEAST = 1e-4
"""Domain units of an axis that is too short to be seen, which still points somewhere."""

_BOX = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64)
_BOX_EDGES = [(one, other) for one in range(8) for other in range(one) if (_BOX[one] != _BOX[other]).sum() == 1]


class EllipsoidInHand(InHand, FilteredState, CameraState):
    """What a shape's state has of it."""

    def __init__(self, services: Any, controls: Any) -> None:
        super().__init__(services, controls)
        self._held_at: Vector = (0.0, 0.0, 0.0)

    @property
    @abstractmethod
    def axes(self) -> PrincipalAxes3:
        """The filter's sizes and directions."""

    @abstractmethod
    def set_axes(self, **values: Any) -> None:
        """Change the filter's log10 variances, yaw, pitch or roll."""

    def click(self, position: Position) -> None:
        """See the base; the filter in the hand is put on what is seen there."""
        super().click(position)
        seen = self.sees(position) if self.in_hand else None
        if seen is not None:
            self._held_at = seen.point

    def held(self) -> Sequence[Held]:
        """See the base."""
        if self.nothing_shown:
            return ()
        panes = self.controls.panes(self._services.framebuffer_px)
        seen = dict.fromkeys((pane.box, self.controls.eye_of(pane.output)) for pane in panes)
        return [shape for box, eye in seen if (shape := self._held_in(box, eye)) is not None]

    def _held_in(self, box: Box, camera: Camera) -> Held | None:
        controls, corner, size = self.controls, box[:2], box[2:]
        middle, ends = np.array(self._held_at), self._ends
        places = frame_from_world(camera, size, np.concatenate([middle[None], middle + ends]))
        if (places[:, 2] <= _LEAST).any():
            return None
        at = float(places[0, 0] + corner[0]), float(places[0, 1] + corner[1])
        axes = tuple((float(x), float(y)) for x, y in places[1:, :2] - places[0, :2])
        if controls.is_gaussian:
            lines = tuple(ellipse(at, axes[one], axes[other]) for one, other in ((0, 1), (1, 2), (2, 0)))
            outline = (self._silhouette(camera, size, at),)
            return Held(at, axes, outline, lines, turning=(0, 1, 2), within=box)
        corners = frame_from_world(camera, size, middle + _BOX * np.array(controls.half_size))[:, :2]
        seen = [(float(x + corner[0]), float(y + corner[1])) for x, y in corners]
        return Held(at, axes, tuple((seen[one], seen[other]) for one, other in _BOX_EDGES), within=box)

    @property
    def _ends(self) -> Float[np.ndarray, "3 3"]:
        """Rows: the ends of the half axes, from the middle."""
        controls = self.controls
        if not controls.is_gaussian:
            return np.diag(np.maximum(controls.half_size, _LEAST))
        sizes = np.array([0.0 if controls.is_off else 10.0 ** (size / 2) for size in self.axes.log10_variances])
        return (self.axes.axes * np.maximum(sizes, _LEAST)).T

    def _silhouette(self, camera: Camera, size: Size, at: Position) -> Line:
        """The outline of the ellipsoid as it would be from afar, along the way of sight to its middle."""
        right, up, _ = camera.axes
        across = np.stack([right, -up]) / pixel_at(camera, size, np.array(self._held_at))
        variances, ways = np.linalg.eigh(across @ covariance_matrix(self.controls.covariance) @ across.T)
        one, other = (ways * np.sqrt(variances.clip(0))).T
        return ellipse(at, (float(one[0]), float(one[1])), (float(other[0]), float(other[1])))

    @property
    def held_sizes(self) -> Any:
        """See the base."""
        return self.axes if self.controls.is_gaussian else self.controls.half_size

    @property
    def held_words(self) -> str:
        """See the base."""
        controls = self.controls
        if controls.is_gaussian:
            sizes = [0.0 if controls.is_off else 10 ** (size / 2) for size in self.axes.log10_variances]
        else:
            sizes = list(controls.half_size)
        words = list(dict.fromkeys(f"{size:.2g}" for size in sizes))
        name = "σ" if controls.is_gaussian else "half size"  # noqa: RUF001
        return f"{name}  {' by '.join(words if len(words) == 1 else [f'{size:.2g}' for size in sizes])}"

    def pull(self, grip: Grip, to: Position, factor: float, before: Any) -> None:
        """See the base; the first end of an axis turns all of them, any other only makes it longer or shorter."""
        self._services.attempt(lambda: self._pull(grip, to, factor, before))

    def _pull(self, grip: Grip, to: Position, factor: float, before: Any) -> None:
        camera = self.controls.eye
        unit = pixel_at(camera, self.controls.pane_size(self._services.framebuffer_px), np.array(self._held_at))
        right, up, forward = camera.axes
        drawn = unit * (to[0] * right - to[1] * up)
        if not isinstance(before, PrincipalAxes3):
            self._pull_box(grip, drawn, factor, before)
            return
        sizes = list(before.log10_variances)
        if grip == WHOLE:
            more = 2 * math.log10(factor)
            self.set_axes(log10_variances=tuple(_within(size + more) for size in sizes))
            return
        axis = before.axes[:, grip[0]]
        length = _length_along(drawn, axis, forward)
        if grip[1] > 0:
            # What points away from the eye cannot be seen, and stays.
            way = drawn + forward * (axis @ forward) * 10 ** (sizes[grip[0]] / 2)
            length = float(np.linalg.norm(way))
            before = turned_towards(before, grip[0], way)
        sizes[grip[0]] = _within(2 * math.log10(max(length, 1e-9)))
        turns = {name: getattr(before, name) for name in ("yaw_deg", "pitch_deg", "roll_deg")}
        self.set_axes(log10_variances=tuple(sizes), **turns)

    def _pull_box(self, grip: Grip, drawn: Float[np.ndarray, "3"], factor: float, before: Sequence[float]) -> None:
        if grip == WHOLE:
            self.take_filter(half_size=tuple(min(factor * size, LARGEST) for size in before))
            return
        length = min(_length_along(drawn, np.eye(3)[grip[0]], self.controls.eye.axes[2]), LARGEST)
        sizes = [length if self.linked or axis == grip[0] else one for axis, one in enumerate(before)]
        self.take_filter(half_size=tuple(sizes))


def _within(log10_variance: float) -> float:
    return min(max(log10_variance, LEAST_LOG10_VARIANCE), MOST_LOG10_VARIANCE)


def _length_along(
    drawn: Float[np.ndarray, "3"], axis: Float[np.ndarray, "3"], forward: Float[np.ndarray, "3"]
) -> float:
    """How long an axis is whose end is seen as near as possible to a place, across the way of sight."""
    seen = axis - (axis @ forward) * forward
    share = float(seen @ seen)
    return max(float(drawn @ seen), 0.0) / share if share > 1e-3 else float(np.linalg.norm(drawn))
