"""Keyframes of a shape: what is shown of it at chosen moments; shape_motion.py tells what is shown between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...camera.camera import Vector
from ...path.timeline import Moment, Timeline
from .controls import Colouring, Covariance3, ShapeComparison, ShapeControls, Slice


@dataclass(frozen=True)
class ShapeKeyframe(Moment):
    """What is keyed at one moment. What is None is not keyed and runs on.

    Attributes:
        time: seconds.
        position: of the camera, in domain units.
        yaw_deg: its turn about the vertical axis; 0 looks down -z, positive turns left.
        pitch_deg: its upward tilt, within ``MOST_PITCH_DEG``.
        fov_deg: its vertical angle of view.
        covariance: the filter, as xx, xy, xz, yy, yz, zz in squared domain units.
        level: the signed distance whose surface is shown, in domain units.
        comparison: what is shown, until a later keyframe names another.
        colouring: what colours the surface, likewise.
        slice: the axis across which the shape is cut open, likewise.
        slice_position: where on that axis.
        light_yaw_deg: where the key light stands about the vertical axis.
        light_pitch_deg: how high it stands above the horizon.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
    """

    position: Vector | None = None
    yaw_deg: float | None = None
    pitch_deg: float | None = None
    fov_deg: float | None = None
    covariance: Covariance3 | None = None
    level: float | None = None
    comparison: ShapeComparison | None = None
    colouring: Colouring | None = None
    slice: Slice | None = None
    slice_position: float | None = None
    light_yaw_deg: float | None = None
    light_pitch_deg: float | None = None
    divider: float | None = None


@dataclass(frozen=True)
class ShapePath(Timeline):
    """What is shown of a shape over time; ``path_file`` reads and writes it.

    Attributes:
        field: file of the field shown.
        keyframes: in order of time.
        frames_per_second: of the frames rendered along it.
        closed: whether the last keyframe is the first one come round again.
        truth: file of the mesh that the field was trained on, where that is known.
        exact: whether the surface is that of the field itself rather than of its bake.
        shadows: whether the key light casts shadows.
        grid: whether the ground's grid and the axes are drawn.
        caption: whether the filter, labels and scales are written.
        cells: of a bake, along each axis.
        error_range: distance to the truth that the error map shows in its strongest colours, in domain units.
    """

    field: Path
    keyframes: tuple[ShapeKeyframe, ...]
    frames_per_second: float = 30.0
    closed: bool = False
    truth: Path | None = None
    exact: bool = ShapeControls.exact
    shadows: bool = ShapeControls.shadows
    grid: bool = ShapeControls.grid
    caption: bool = ShapeControls.caption
    cells: int = ShapeControls.cells
    error_range: float = ShapeControls.error_range


def shape_keyframe_of(controls: ShapeControls, time: float) -> ShapeKeyframe:
    """A keyframe at ``time``, in seconds, that keys all of ``controls`` that a path can change."""
    camera = controls.camera
    return ShapeKeyframe(
        time=time,
        position=camera.position,
        yaw_deg=camera.yaw_deg,
        pitch_deg=camera.pitch_deg,
        fov_deg=camera.fov_deg,
        covariance=controls.covariance,
        level=controls.level,
        comparison=controls.comparison,
        colouring=controls.colouring,
        slice=controls.slice,
        slice_position=controls.slice_position,
        light_yaw_deg=controls.light_yaw_deg,
        light_pitch_deg=controls.light_pitch_deg,
        divider=controls.divider,
    )
