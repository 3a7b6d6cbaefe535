"""Flights: what the fly-through shows at chosen moments; flight_motion.py tells what it shows between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fieldcore.border_names import Border

from ...camera.camera import Vector
from ...path.timeline import Moment, Timeline
from .controls import FlightComparison, FlightControls, PixelFilter, Shading


@dataclass(frozen=True)
class FlightKeyframe(Moment):
    """What is keyed at one moment. What is None is not keyed and runs on.

    Attributes:
        time: seconds.
        position: of the camera, in the model's normalised units.
        yaw_deg: turn about the vertical axis; 0 looks down -z, positive turns left.
        pitch_deg: upward tilt, within ``MOST_PITCH_DEG``.
        fov_deg: vertical angle of view.
        variance: added to every pixel's footprint by the field, in squared domain units of the texture.
        shading: how the texture is looked up, until a later keyframe says otherwise.
        other: the same on the right of a wipe or a two-up.
        comparison: what is shown, until a later keyframe names another.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
    """

    position: Vector | None = None
    yaw_deg: float | None = None
    pitch_deg: float | None = None
    fov_deg: float | None = None
    variance: float | None = None
    shading: Shading | None = None
    other: Shading | None = None
    comparison: FlightComparison | None = None
    divider: float | None = None


@dataclass(frozen=True)
class FlightPath(Timeline):
    """What the fly-through shows over time; ``path_file`` reads and writes it.

    Attributes:
        model: file of the model.
        keyframes: in order of time.
        frames_per_second: of the frames rendered along it.
        closed: whether the last keyframe is the first one come round again.
        field: file of the field that is the model's texture, if there is one.
        texture: picture to lay on the model instead of its own.
        wrap: how that picture continues outside [0, 1]; None for what the model says.
        atlas: whether texture coordinates are made for a model that has none.
        pixel_filter: what a pixel averages over.
        samples: the judge takes this many squared samples a pixel.
        lit: whether light falls on the model.
        grid: whether the ground's grid and the axes are drawn.
        caption: whether labels are written.
        error_range: mean absolute difference that the error map shows brightest.
    """

    model: Path
    keyframes: tuple[FlightKeyframe, ...]
    frames_per_second: float = 30.0
    closed: bool = False
    field: Path | None = None
    texture: Path | None = None
    wrap: Border | None = None
    atlas: bool = False
    pixel_filter: PixelFilter = FlightControls.pixel_filter
    samples: int = FlightControls.samples
    lit: bool = FlightControls.lit
    grid: bool = FlightControls.grid
    caption: bool = FlightControls.caption
    error_range: float = FlightControls.error_range


def flight_keyframe_of(controls: FlightControls, time: float) -> FlightKeyframe:
    """A keyframe at ``time``, in seconds, that keys all of ``controls`` that a flight can change."""
    camera = controls.camera
    return FlightKeyframe(
        time=time,
        position=camera.position,
        yaw_deg=camera.yaw_deg,
        pitch_deg=camera.pitch_deg,
        fov_deg=camera.fov_deg,
        variance=controls.variance,
        shading=controls.shading,
        other=controls.other,
        comparison=controls.comparison,
        divider=controls.divider,
    )
