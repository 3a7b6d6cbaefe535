"""Keyframes: what the picture scene shows at chosen moments; motion.py tells what it shows between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...path.timeline import Moment, Timeline
from .controls import Comparison, Controls, Covariance, Point


@dataclass(frozen=True)
class Keyframe(Moment):
    """What is keyed at one moment.

    What is None is not keyed and runs on; the view does where both ``center`` and ``zoom`` are None. Where only one
    of these two is, it keeps its value of the keyframe before.

    Attributes:
        time: seconds.
        covariance: the filter, as xx, xy, yy.
        center: the domain point in the middle of the frame.
        zoom: 1 fits the whole picture into the frame.
        comparison: what is shown, until a later keyframe names another.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        foveated: whether the variance grows away from ``gaze``, until a later keyframe says otherwise.
        gaze: the domain point that stays sharpest.
    """

    covariance: Covariance | None = None
    center: Point | None = None
    zoom: float | None = None
    comparison: Comparison | None = None
    divider: float | None = None
    foveated: bool | None = None
    gaze: Point | None = None


@dataclass(frozen=True)
class KeyframePath(Timeline):
    """What a scene shows over time; ``path_file`` reads and writes it.

    Attributes:
        field: path of the field shown.
        keyframes: in order of time.
        frames_per_second: of the frames rendered along it.
        closed: whether the last keyframe is the first one come round again.
        caption: whether the filter is written and drawn in the corner.
        other: path of the field on the right of a two-up, if there is one.
        truth: the picture that the field was trained on, a file or ``sample:NAME``; empty where it is not known.
        error_range: mean absolute difference that an error map shows brightest, as a share of the value range.
        falloff: standard deviation a domain unit away from the gaze; the variance there is its square.
    """

    field: Path
    keyframes: tuple[Keyframe, ...]
    frames_per_second: float = 30.0
    closed: bool = False
    caption: bool = True
    other: Path | None = None
    truth: str = ""
    error_range: float = Controls.error_range
    falloff: float = Controls.falloff


def keyframe_of(controls: Controls, time: float) -> Keyframe:
    """A keyframe at ``time``, in seconds, that keys all of ``controls`` that a path can change."""
    return Keyframe(
        time=time,
        covariance=controls.covariance,
        center=controls.center,
        zoom=controls.zoom,
        comparison=controls.comparison,
        divider=controls.divider,
        foveated=controls.foveated,
        gaze=controls.gaze,
    )
