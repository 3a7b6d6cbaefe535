"""What a recording notes of a shape, and how its path is edited and played: the path that comes of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...path.editor import AnyPathEditor
from .controls import ShapeControls
from .keyframes import ShapeKeyframe, ShapePath, shape_keyframe_of
from .motion import ShapeMotion

_CONSTANT = ("field", "exact", "shadows", "grid", "caption", "cells", "error_range")
"""A path has one of each from beginning to end."""

_LED = (
    "camera",
    "covariance",
    "level",
    "comparison",
    "colouring",
    "slice",
    "slice_position",
    "light_yaw_deg",
    "light_pitch_deg",
    "divider",
)
"""What a path changes."""


class ShapeLog:
    """The log of one recording.

    Args:
        controls: what is shown when it begins.
        truth: file of the mesh that the field was trained on; empty where that is not known.
    """

    def __init__(self, controls: ShapeControls, truth: str) -> None:
        self.controls = controls
        self.truth = truth

    def fits(self, controls: Any) -> bool:
        """Whether it can go on with what is shown: its path has one field."""
        return isinstance(controls, ShapeControls) and controls.field == self.controls.field

    def noted(self, controls: ShapeControls) -> ShapeControls:
        """What the frame shows."""
        return replace(controls, **{name: getattr(self.controls, name) for name in _CONSTANT})

    def learn(self, truth: str) -> None:
        """Take note of the mesh that the field was trained on, which was not known when the recording began."""
        self.truth = self.truth or truth

    def keyframe(self, controls: ShapeControls, time: float) -> ShapeKeyframe:
        """What is keyed of it at that moment."""
        return shape_keyframe_of(controls, time)

    def path(self, keyframes: Sequence[ShapeKeyframe], frames_per_second: float) -> ShapePath:
        """The path through all that was noted."""
        return shape_path(self.controls, self.truth, tuple(keyframes), frames_per_second)


class ShapeEditor(AnyPathEditor):
    """A path of a shape."""

    def _keyframe_of(self, controls: ShapeControls, time: float) -> ShapeKeyframe:
        return shape_keyframe_of(controls, time)

    def _motion_of(self, path: ShapePath) -> ShapeMotion:
        return ShapeMotion(path)

    def _led(self, controls: ShapeControls, led: ShapeControls) -> ShapeControls:
        return replace(controls, **{name: getattr(led, name) for name in _LED})

    def _path_through(
        self, keyframes: tuple[ShapeKeyframe, ...], closed: bool, controls: ShapeControls, truth: str
    ) -> ShapePath:
        return shape_path(controls, truth, keyframes, self.frames_per_second, closed)


def shape_path(
    controls: ShapeControls,
    truth: str,
    keyframes: tuple[ShapeKeyframe, ...],
    frames_per_second: float,
    closed: bool = False,
) -> ShapePath:
    """The path through these keyframes; what is not keyed is as in ``controls``."""
    return ShapePath(
        field=Path(controls.field),
        keyframes=keyframes,
        frames_per_second=frames_per_second,
        closed=closed,
        truth=Path(truth) if truth else None,
        exact=controls.exact,
        shadows=controls.shadows,
        grid=controls.grid,
        caption=controls.caption,
        cells=controls.cells,
        error_range=controls.error_range,
    )
