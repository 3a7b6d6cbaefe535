"""What a recording notes of the picture scene, and the path that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .controls import Controls
from .keyframes import Keyframe, KeyframePath, keyframe_of

_CONSTANT = ("field", "other", "caption", "error_range", "falloff")
"""A path has one of each from beginning to end."""


class PictureLog:
    """The log of one recording.

    Args:
        controls: what is shown when it begins.
        truth: the picture that the field was trained on, if known.
    """

    def __init__(self, controls: Controls, truth: str) -> None:
        self.controls = controls if controls.comparison == "two_up" else replace(controls, other="")
        self.truth = truth

    def fits(self, controls: Any) -> bool:
        """Whether it can go on with what is shown: its path has one field, and one more beside it."""
        if not isinstance(controls, Controls):
            return False
        field, other = self.controls.field, self.controls.other
        same_other = controls.comparison != "two_up" or other in ("", controls.other)
        return controls.field == field and same_other

    def noted(self, controls: Controls) -> Controls:
        """What the frame shows."""
        if controls.comparison == "two_up" and not self.controls.other:
            self.controls = replace(self.controls, other=controls.other)
        return replace(controls, **{name: getattr(self.controls, name) for name in _CONSTANT})

    def learn(self, truth: str) -> None:
        """Take note of the picture that the field was trained on, which was not known when the recording began."""
        self.truth = self.truth or truth

    def keyframe(self, controls: Controls, time: float) -> Keyframe:
        """What is keyed of it at that moment."""
        return keyframe_of(controls, time)

    def path(self, keyframes: Sequence[Keyframe], frames_per_second: float) -> KeyframePath:
        """The path through all that was noted."""
        shown = self.controls
        return KeyframePath(
            field=Path(shown.field),
            keyframes=tuple(keyframes),
            frames_per_second=frames_per_second,
            caption=shown.caption,
            other=Path(shown.other) if shown.other else None,
            truth=self.truth,
            error_range=shown.error_range,
            falloff=shown.falloff,
        )
