"""The actions of the video scene."""

from __future__ import annotations

from ...action import Action, nothing_shown
from ...plane.actions import PLANE_GESTURES
from ...scene import Gesture
from .state import videos

ACTIONS: tuple[Action, ...] = (
    Action("play-video", "V", "Time", "Play", "let the clip run from the moment shown, or stop it",
           lambda session: videos(session).toggle_running(), nothing_shown,
           lambda session: videos(session).running),
    Action("next-frame", ".", "Time", "Next frame", "show the next of the clip's frames",
           lambda session: videos(session).step(1), nothing_shown, repeats=True),
    Action("last-frame", ",", "Time", "Frame before", "show the frame before",
           lambda session: videos(session).step(-1), nothing_shown, repeats=True),
)  # fmt: skip

GESTURES: tuple[Gesture, ...] = (
    *PLANE_GESTURES,
    ("View", "Drop", "open a film, an animated GIF, a folder of frames, a field of a video, or a path"),
)
