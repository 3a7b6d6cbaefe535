"""The actions of all scenes on a plane: the view, and the open fields."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..action import Action, nothing_shown
from ..scene import Gesture
from ..scene_names import ON_PLANE
from ..session import Session

_action = partial(Action, scenes=ON_PLANE)


def _state(session: Session) -> Any:
    """Of the scene shown, in which the action is there."""
    return session.state


PLANE_ACTIONS: tuple[Action, ...] = (
    _action("fit", "0", "View", "Fit", "show the whole picture",
            lambda session: _state(session).fit_view(), nothing_shown),
    _action("next-field", "N", "View", "Next field", "show the next of the open fields; of a light stage make one by "
            "the next basis first", lambda session: _state(session).next_field(),
            lambda session: _state(session).next_refusal),
)  # fmt: skip

PLANE_GESTURES: tuple[Gesture, ...] = (
    ("View", "Wheel", "zoom at the cursor"),
    ("View", "Drag", "move the picture, or the divider of a wipe"),
)
