"""The actions of all scenes on a plane: the view, the open fields, and what is compared."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..action import Action, comparison, nothing_shown
from ..scene import Gesture
from ..scene_names import ON_PLANE
from ..session import Session

_action, _comparison = partial(Action, scenes=ON_PLANE), partial(comparison, scenes=ON_PLANE)


def _state(session: Session) -> Any:
    """Of the scene shown, in which the action is there."""
    return session.state


PLANE_ACTIONS: tuple[Action, ...] = (
    _action("fit", "0", "View", "Fit", "show the whole picture",
            lambda session: _state(session).fit_view(), nothing_shown),
    _action("next-field", "N", "View", "Next field", "show the next of the open fields",
            lambda session: _state(session).next_field(),
            lambda session: "" if len(_state(session).documents) > 1 else "only one field is open"),
    _comparison("truth", "G", "Truth", "show the exactly smoothed truth instead of the field"),
    _comparison("error", "E", "Error", "show how far the field is from the truth, as colours with a scale"),
    _comparison("wipe", "X", "Wipe", "show the field left and the truth right of a divider that can be dragged"),
    _comparison("two_up", "2", "Two-up", "show two fields side by side"),
)  # fmt: skip

PLANE_GESTURES: tuple[Gesture, ...] = (
    ("View", "Wheel", "zoom at the cursor"),
    ("View", "Drag", "move the picture, or the divider of a wipe"),
)
