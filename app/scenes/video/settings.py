"""The settings of the video scene."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...setting import Session, Setting
from .controls import VideoControls


def _state(session: Session) -> Any:
    return session.state_of("video")


SETTINGS: tuple[Setting, ...] = (
    Setting("position-in-clip", "Time", "position", "how far into the clip the moment shown is; drag it to scrub",
            "slider", get=lambda session: _state(session).share,
            assign=lambda session, share: _state(session).scrub(share)),
    *settings_of(VideoControls, ("video",)),
)  # fmt: skip
