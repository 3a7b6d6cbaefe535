"""The actions of the video scene."""

from __future__ import annotations

from ...action import Action, smoothing
from ...plane.actions import PLANE_GESTURES
from ...scene import Gesture
from ...session import Session
from .state import videos


def _needs_video(session: Session) -> str:
    return videos(session).nothing_shown


ACTIONS: tuple[Action, ...] = (
    Action("play-video", "V", "Time", "Play", "let the clip run from the moment shown, or stop it",
           lambda session: videos(session).toggle_running(), _needs_video,
           lambda session: videos(session).running),
    Action("next-frame", ".", "Time", "Next frame", "show the next of the clip's frames",
           lambda session: videos(session).step(1), _needs_video, repeats=True),
    Action("last-frame", ",", "Time", "Frame before", "show the frame before",
           lambda session: videos(session).step(-1), _needs_video, repeats=True),
    *smoothing(("smoother-video", "sharper-video"), "Filter", " in the plane"),
)  # fmt: skip

GESTURES: tuple[Gesture, ...] = (
    *PLANE_GESTURES,
    ("View", "Drop", "open a film, an animated GIF, a folder of frames, a field of a video, or a path"),
)
