"""The actions of all scenes on a plane: the view, and the open fields."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..action import Action, nothing_shown
from ..scene import Gesture
from ..scene_names import ON_PLANE
from ..session import Session
from .tone import MOST_STOPS

_action = partial(Action, scenes=ON_PLANE)


def _state(session: Session) -> Any:
    """Of the scene shown, in which the action is there."""
    return session.state


def _expose(stops: float) -> Callable[[Session], None]:
    def run(session: Session) -> None:
        state = _state(session)
        state.change(exposure=min(max(state.controls.exposure + stops, -MOST_STOPS), MOST_STOPS))

    return run


PLANE_ACTIONS: tuple[Action, ...] = (
    _action("fit", "0", "View", "Fit", "show the whole picture",
            lambda session: _state(session).fit_view(), nothing_shown),
    _action("one-to-one", "1", "View", "1 : 1", "show a pixel of the picture as one of the view",
            lambda session: _state(session).show_one_to_one(), nothing_shown),
    _action("next-field", "N", "View", "Next field", "show the next of the open fields; of a light stage make one by "
            "the next basis first", lambda session: _state(session).next_field(),
            lambda session: _state(session).next_refusal),
    _action("brighter", "]", "Tone", "Brighter", "half a stop more exposure", _expose(0.5), nothing_shown,
            repeats=True),
    _action("darker", "[", "Tone", "Darker", "half a stop less exposure", _expose(-0.5), nothing_shown, repeats=True),
)  # fmt: skip

PLANE_GESTURES: tuple[Gesture, ...] = (
    ("View", "Wheel", "zoom at the cursor"),
    ("View", "Drag", "move the picture, or the divider of a wipe; on the scale of an error map, its numbers"),
    ("View", "Right\u00a0drag", "move the picture whatever is there, as with the middle button"),
)
