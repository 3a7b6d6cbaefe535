"""The settings of the video scene."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...plane.controls import PlaneControls
from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from ...setting import Session, Setting
from .controls import VideoControls


def _state(session: Session) -> Any:
    return session.state_of("video")


SETTINGS: tuple[Setting, ...] = (
    Setting("position-in-clip", "Time", "position", "how far into the clip the moment shown is; drag it to scrub",
            "slider", get=lambda session: _state(session).share,
            assign=lambda session, share: _state(session).scrub(share)),
    Setting("video-log10-variance", "Filter", "log10 variance", "how much is averaged over in the plane: the "
            "Gaussian's variance in squared domain units (a frame's longer side is 2), as a power of ten; leftmost is "
            "none", "slider", get=lambda session: _state(session).log10_variance,
            assign=lambda session, value: _state(session).set_log10_variance(value), least=LEAST_LOG10_VARIANCE,
            most=MOST_LOG10_VARIANCE, flag=True, usual=LEAST_LOG10_VARIANCE, least_is_none=True),
    *settings_of(VideoControls, ("video",), beyond=PlaneControls),
)  # fmt: skip
