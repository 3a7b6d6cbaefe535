"""The state of the video scene: the moment shown, which runs on while the clip is played."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from fieldcore.signals import SignalFacts

from ...plane.filter_state import FilteredPlaneState
from ...services import Services
from .controls import VideoControls

if TYPE_CHECKING:
    from ...session import Session

PATIENCE_S = 0.1
"""For how long a clip that is played waits for the whole of a moment, before it goes on with a coarse one."""


class VideoState(FilteredPlaneState):
    """The videos.

    Attributes:
        running: whether the clip is played.
    """

    controls: VideoControls
    truth_words = "the clip"

    def __init__(self, services: Services) -> None:
        super().__init__(services, VideoControls())
        self.running = False
        self._shown_at = 0.0

    @property
    def under_way(self) -> bool:
        """Whether what is shown moves by itself."""
        return self.running or super().under_way

    # Time

    def toggle_running(self) -> None:
        """Play the clip from the moment shown, from the beginning where that is its end, or stop it."""
        self.path.pause()
        self.running, self._shown_at = not self.running and self.facts is not None, self._services.now
        if self.running and self.facts is not None and self._at_end(self.facts):
            self._show(0.0)

    def step(self, frames: int) -> None:
        """Show another of the clip's frames, so many after the one shown."""
        self.running, facts = False, self.facts
        if facts is None:
            return
        a_frame = _seconds_a_frame(facts)
        number = math.floor(self.controls.moment_in(facts) / a_frame) + frames
        count = max(round(facts.duration_seconds / a_frame), 1)
        number = number % count if self.controls.loop else min(max(number, 0), count - 1)
        self.change(moment=(number + 0.5) * a_frame)

    @property
    def share(self) -> float:
        """How far into the clip the moment shown is, from 0 to 1."""
        facts = self.facts
        return 0.0 if facts is None else self.controls.moment_in(facts) / facts.duration_seconds

    def scrub(self, share: float) -> None:
        """Show the moment there, of the last frame at the very end."""
        if self.facts is not None:
            self.running = False
            last = self.facts.duration_seconds - _seconds_a_frame(self.facts) / 2
            self.change(moment=min(share * self.facts.duration_seconds, last))

    def advance(self, now: float) -> None:
        """One pass: the clip runs on once the moment before has been shown."""
        facts = self.facts
        if self.path.playing or facts is None:
            self.running = False
        elif self.running and (self.rested_s or now - self._shown_at > PATIENCE_S):
            self._show(self.controls.moment + now - self._shown_at)
            self._shown_at = now
            if self._at_end(facts) and not self.controls.loop:
                self.running = False
        super().advance(now)

    def _show(self, moment: float) -> None:
        facts = self.facts
        assert facts is not None
        self.controls = replace(self.controls, moment=replace(self.controls, moment=moment).moment_in(facts))

    def _at_end(self, facts: SignalFacts) -> bool:
        return self.controls.moment >= facts.duration_seconds


def _seconds_a_frame(facts: SignalFacts) -> float:
    """Of a formula, which has no frames, a hundredth of the whole."""
    return facts.duration_seconds / (facts.resolution[-1] if facts.resolution else 100)


def videos(session: Session) -> VideoState:
    """The state of the videos of a session."""
    state = session.state_of("video")
    assert isinstance(state, VideoState)
    return state
