"""What a recording notes of the fly-through, and how a flight is edited and played: the path that comes of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...path.editor import AnyPathEditor
from .controls import FlightControls
from .keyframes import FlightKeyframe, FlightPath, flight_keyframe_of
from .motion import FlightMotion
from .open_model import ModelOptions

_CONSTANT = ("model", "field", "pixel_filter", "samples", "lit", "grid", "caption", "error_range")
"""A flight has one of each from beginning to end."""

_LED = ("camera", "variance", "shading", "other", "comparison", "divider")
"""What a flight changes."""


class FlightLog:
    """The log of one recording.

    Args:
        controls: what is shown when it begins.
        options: how its model was opened.
    """

    def __init__(self, controls: FlightControls, options: ModelOptions) -> None:
        self.controls, self._options = controls, options

    def fits(self, controls: Any) -> bool:
        """Whether it can go on with what is shown: a flight has one model, and one field from when there is one."""
        if not isinstance(controls, FlightControls) or controls.model != self.controls.model:
            return False
        return self.controls.field in ("", controls.field)

    def noted(self, controls: FlightControls) -> FlightControls:
        """What the frame shows."""
        if not self.controls.field:
            self.controls = replace(self.controls, field=controls.field)
        return replace(controls, **{name: getattr(self.controls, name) for name in _CONSTANT})

    def keyframe(self, controls: FlightControls, time: float) -> FlightKeyframe:
        """What is keyed of it at that moment."""
        return flight_keyframe_of(controls, time)

    def path(self, keyframes: Sequence[FlightKeyframe], frames_per_second: float) -> FlightPath:
        """The flight through all that was noted."""
        return flight_path(self.controls, self._options, tuple(keyframes), frames_per_second)


class FlightEditor(AnyPathEditor):
    """A flight made of keyframes.

    Attributes:
        options: how its model is opened.
    """

    def __init__(self) -> None:
        super().__init__()
        self.options = ModelOptions()

    def _keyframe_of(self, controls: FlightControls, time: float) -> FlightKeyframe:
        return flight_keyframe_of(controls, time)

    def _motion_of(self, path: FlightPath) -> FlightMotion:
        return FlightMotion(path)

    def _led(self, controls: FlightControls, led: FlightControls) -> FlightControls:
        return replace(controls, **{name: getattr(led, name) for name in _LED})

    def _path_through(
        self, keyframes: tuple[FlightKeyframe, ...], closed: bool, controls: FlightControls, truth: str
    ) -> FlightPath:
        return flight_path(controls, self.options, keyframes, self.frames_per_second, closed)


def flight_path(
    controls: FlightControls,
    options: ModelOptions,
    keyframes: tuple[FlightKeyframe, ...],
    frames_per_second: float,
    closed: bool = False,
) -> FlightPath:
    """The flight through these keyframes; what is not keyed is as in ``controls``."""
    return FlightPath(
        model=Path(controls.model),
        keyframes=keyframes,
        frames_per_second=frames_per_second,
        closed=closed,
        field=Path(controls.field) if controls.field else None,
        texture=options.texture,
        wrap=options.wrap,
        atlas=options.atlas,
        pixel_filter=controls.pixel_filter,
        samples=controls.samples,
        lit=controls.lit,
        grid=controls.grid,
        caption=controls.caption,
        error_range=controls.error_range,
    )
