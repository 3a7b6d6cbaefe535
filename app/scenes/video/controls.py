"""What the video scene is asked to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...covariance import VARIANCES, Covariance, isotropic
from ...entries import entry, file_entry
from ...path.tracks import Space, running
from ...plane.controls import PlaneControls, Words

if TYPE_CHECKING:
    from fieldcore.filters import Gaussian
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Gaussian = SignalFacts = Any

MOST_DEVIATION_S = 5.0

_MOMENTS = Space(lambda moment: np.array([moment]), lambda point: max(float(point[0]), 0.0), velocities=running)
"""Where moments move: from key to key as a clip is played, at a constant pace where the keys ask for one."""


@dataclass(frozen=True)
class VideoControls(PlaneControls):
    """The state of the video scene.

    Attributes:
        field: path of the field shown, or of a clip, which is shown as it is until there is a field of it.
        other: the same for the right of a two-up.
        truth: the clip that the field was trained on; empty where that is not known, or it is shown itself.
        moment: that is shown, in seconds from the beginning of the clip's first frame.
        variance: of the filter along the picture's plane, in squared domain units.
        time_deviation: standard deviation of the filter along time, in seconds.
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
    variance: float = entry(0.0, least=0.0, space=VARIANCES)
    time_deviation: float = entry(
        0.0,
        "over time, s",
        "how much is averaged over time: the Gaussian's standard deviation in seconds",
        group="Filter",
        least=0.0,
        bounds=(0.0, MOST_DEVIATION_S),
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

    def filter_of(self, facts: SignalFacts) -> Gaussian:
        """See the base: the filter's third axis is time."""
        from fieldcore.filters import Gaussian
        from fieldcore.video_time import variance_of_seconds

        along_time = variance_of_seconds(self.time_deviation, facts)
        return Gaussian(np.diag([self.variance, self.variance, along_time]).tolist())

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
    def plane_covariance(self) -> Covariance:
        """See the base."""
        return isotropic(self.variance, 2)

    @property
    def caption_words(self) -> Words:
        """See the base."""
        from ...plane.caption import variance_words  # it imports Pillow, which a page of help should not wait for

        over_time = (("  over  ", False), (f"{self.time_deviation:.3g} s", True)) if self.time_deviation else ()
        return (("time  ", False), (f"{self.moment:.2f} s  ", True), *variance_words((self.variance,)), *over_time)

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        return {"moment": self.moment, "variance": self.variance, "time_deviation": self.time_deviation}
