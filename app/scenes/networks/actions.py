"""The actions of the scene of networks."""

from __future__ import annotations

from ...action import Action
from ...plane.actions import PLANE_GESTURES
from ...scene import Gesture
from ...session import Session
from .state import networks


def _other_mode(session: Session) -> None:
    state = networks(session)
    state.show_mode("desk" if state.controls.show == "race" else "race")


def _needs_picture(session: Session) -> str:
    return networks(session).nothing_shown


ACTIONS: tuple[Action, ...] = (
    Action("race", "B", "Network", "Race", "from the desk to the race and back", _other_mode, _needs_picture,
           lambda session: networks(session).controls.show == "race"),
    Action("again", "A", "Network", "Again", "train once more from the start",
           lambda session: networks(session).again(), _needs_picture),
)  # fmt: skip

GESTURES: tuple[Gesture, ...] = (
    *PLANE_GESTURES,
    ("View", "Click", "in a race: take that network to the desk"),
    ("View", "Drop", "open a picture to train networks on, a coordinate network, or a path"),
)
