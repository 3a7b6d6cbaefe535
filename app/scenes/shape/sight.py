"""All that the surface seen by a pixel depends on, the shape aside."""

from __future__ import annotations

from dataclasses import dataclass

from fieldcore.sphere_tracing import HALF_EXTENT

from ...camera.camera import Camera, Vector
from .controls import ShapeControls, Slice

AXES: dict[Slice, int] = {"x": 0, "y": 1, "z": 2}


@dataclass(frozen=True)
class Bounds:
    """A box between two corners."""

    lower: Vector = (-HALF_EXTENT,) * 3
    upper: Vector = (HALF_EXTENT,) * 3

    def within(self, other: Bounds) -> Bounds:
        """What the two have in common."""
        (a, b, c), (d, e, f) = (
            tuple(map(choose, one, two))
            for choose, one, two in ((max, self.lower, other.lower), (min, self.upper, other.upper))
        )
        return Bounds((a, b, c), (d, e, f))


@dataclass(frozen=True)
class Sight:
    """Who looks at which part of which level set.

    Attributes:
        camera: who looks.
        level: signed distance of the surface.
        bounds: the part of the world that is left of the shape.
    """

    camera: Camera
    level: float
    bounds: Bounds

    @classmethod
    def of(cls, controls: ShapeControls) -> Sight:
        """What the controls ask for: a shape that is cut open loses the half on the camera's side."""
        return cls(controls.eye, controls.level, _left_of(controls))


def slice_faces_up(controls: ShapeControls) -> bool:
    """Whether a slice is seen from the side of growing coordinates."""
    return controls.eye.position[AXES[controls.slice]] > controls.slice_position


def _left_of(controls: ShapeControls) -> Bounds:
    whole = Bounds()
    if controls.slice == "none":
        return whole
    axis = AXES[controls.slice]
    corner = list(whole.upper if slice_faces_up(controls) else whole.lower)
    corner[axis] = controls.slice_position
    moved = (corner[0], corner[1], corner[2])
    return Bounds(whole.lower, moved) if slice_faces_up(controls) else Bounds(moved, whole.upper)
