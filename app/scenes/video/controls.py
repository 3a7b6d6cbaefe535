"""What the video scene is asked to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...covariance import covariance_matrix
from ...entries import entry, file_entry
from ...filter.controls import FilterControls
from ...path.tracks import Space, running
from ...plane.controls import PlaneControls, Words

if TYPE_CHECKING:
    from fieldcore.filters import Filter
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Filter = SignalFacts = Any

MOST_DEVIATION_S = 5.0
MOST_SHUTTER_FRAMES = 60.0

_MOMENTS = Space(lambda moment: np.array([moment]), lambda point: max(float(point[0]), 0.0), velocities=running)
"""Where moments move: from key to key as a clip is played, at a constant pace where the keys ask for one."""


@dataclass(frozen=True, kw_only=True)
class VideoControls(FilterControls, PlaneControls):
    """The state of the video scene.

    Attributes:
        field: path of the field shown, or of a clip, which is shown as it is until there is a field of it.
        other: the same for the right of a two-up.
        truth: the clip that the field was trained on; empty where that is not known, or it is shown itself.
        moment: that is shown, in seconds from the beginning of the clip's first frame.
        time_deviation: standard deviation of a Gaussian along time, in seconds.
        half_size_frames: half size of a kernel along time, in frames: a shutter that is open so long.
        loop: whether moments after the clip's end are those from its beginning on.
    """

    field: str = file_entry("the path of a field of a video, or of a clip", required=True)
    other: str = file_entry("the path of a field of a video, or of a clip")
    truth: str = file_entry("the file of a clip, or a folder of its frames")
    moment: float = entry(
        0.0,
        "time, s",
        "the moment shown, in seconds from the beginning of the clip's first frame",
        group="Time",
        setting="time",
        widget="number",
        least=0.0,
        bounds=(0.0, 1e6),
        space=_MOMENTS,
        brief=lambda moment: f"{moment:.2f} s",
    )
    time_deviation: float = entry(
        0.0,
        "over time, s",
        "how much is averaged over time: the Gaussian's standard deviation in seconds",
        group="Filter",
        least=0.0,
        bounds=(0.0, MOST_DEVIATION_S),
        seen=lambda controls: controls.is_gaussian,
    )
    half_size_frames: float = entry(
        0.0,
        "shutter, frames",
        "the kernel's half size along time, in frames; 0 is one moment",
        group="Filter",
        least=0.0,
        most=1e4,
        bounds=(0.0, MOST_SHUTTER_FRAMES),
        seen=lambda controls: not controls.is_gaussian,
    )
    loop: bool = entry(
        True, "loop", "begin again where the clip ends", group="Time", along="constant", off="stop where the clip ends"
    )

    def further(self, facts: SignalFacts) -> tuple[float, ...]:
        """See the base: the moment as a coordinate."""
        from fieldcore.video_time import time_of_seconds

        return (time_of_seconds(self.moment_in(facts), facts),)

    def moment_in(self, facts: SignalFacts) -> float:
        """The moment in seconds, within such a clip."""
        duration = facts.duration_seconds
        return self.moment % duration if self.loop and self.moment >= duration else min(self.moment, duration)

    def filter_of(self, facts: SignalFacts) -> Filter:
        """See the base: the filter's third axis is time."""
        from fieldcore.filters import Gaussian
        from fieldcore.kernel_names import kernel_of
        from fieldcore.video_time import variance_of_seconds

        if self.is_gaussian:
            covariance = np.zeros((3, 3))
            covariance[:2, :2] = covariance_matrix(self.covariance)
            covariance[2, 2] = variance_of_seconds(self.time_deviation, facts)
            return Gaussian(covariance.tolist())
        frames = facts.resolution[-1] if facts.resolution else 100
        return kernel_of(self.kernel, [*self.half_size, 2 * self.half_size_frames / frames], 3)

    @property
    def is_off(self) -> bool:
        """Whether nothing is filtered, along time neither."""
        return super().is_off and not (self.time_deviation if self.is_gaussian else self.half_size_frames)

    def unseen(self, facts: SignalFacts) -> str:
        """See the base."""
        if self.loop or self.moment <= facts.duration_seconds:
            return ""
        frames = f"{facts.resolution[-1]} frames" if facts.resolution else "no frames"
        return (
            f"moment: '{facts.name}' lasts {facts.duration_seconds:.4g} s ({frames}), got {self.moment:.4g} s; give "
            'one in it, or say "loop": true'
        )

    @property
    def caption_words(self) -> Words:
        """See the base."""
        over = f"{self.time_deviation:.3g} s" if self.is_gaussian else f"{self.half_size_frames:.3g} frames"
        size = self.time_deviation if self.is_gaussian else self.half_size_frames
        over_time = (("  over  ", False), (over, True)) if size else ()
        in_plane = super().caption_words
        if over_time and not self.is_gaussian and not any(self.half_size):
            in_plane = ((in_plane[0][0].strip(), False),)
        return (("time  ", False), (f"{self.moment:.2f} s  ", True), *in_plane, *over_time)

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        over = (
            {"time_deviation": self.time_deviation} if self.is_gaussian else {"half_size_frames": self.half_size_frames}
        )
        return {"moment": self.moment, **super().described, **over}
