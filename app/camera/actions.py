"""The actions of the camera, in all scenes in space."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..action import Action, nothing_shown, toggle
from ..scene_names import IN_SPACE
from ..session import Session
from .standard_views import TURNS


def _state(session: Session) -> Any:
    return session.state


def _toggle_path(session: Session) -> None:
    _state(session).path_shown = not _state(session).path_shown


def _look_along(view: str, session: Session) -> None:
    _state(session).look_along(view)


CAMERA_ACTIONS: tuple[Action, ...] = (
    Action("home", "0", "Camera", "Home", "look at all there is",
           lambda session: _state(session).glide_home(), nothing_shown,
           scenes=IN_SPACE),
    Action("orbit", "O", "Camera", "Orbit", "turn around the middle instead of flying, or fly again",
           lambda session: _state(session).toggle_orbit(),
           nothing_shown,
           lambda session: _state(session).orbiting, scenes=IN_SPACE),
    Action("next-standard-view", "7", "Camera", "Next side", "look along the axes, from one standard view to the next: "
           f"{', '.join(TURNS)}", lambda session: _state(session).look_along(""), nothing_shown, scenes=IN_SPACE),
    *(Action(f"view-{name}", "", "Camera", name.capitalize(), f"look at the middle from the {name}",
             partial(_look_along, name), nothing_shown, scenes=IN_SPACE) for name in TURNS),
    replace(toggle("parallel", "8", "Camera", "Ortho", "see without perspective, or with it again", "parallel"),
            scenes=IN_SPACE),
    replace(toggle("grid", "B", "Camera", "Ground", "show or hide the ground's grid and the axes", "grid"),
            scenes=IN_SPACE),
)  # fmt: skip

PATH_SHOWN = Action(
    "path-shown", "Ctrl+P", "Path", "In space", "show or hide the camera's path and its keyframes in space, as no "
    "frame has them", _toggle_path, active=lambda session: _state(session).path_shown, scenes=IN_SPACE,
)  # fmt: skip

CAMERA_GESTURES: tuple[tuple[str, str, str], ...] = (
    ("Camera", "W / A / S / D", "fly while they are held; in orbit, come closer and turn"),
    ("Camera", "Space / Shift", "fly up, fly down"),
    ("Camera", "← → ↑ ↓", "turn"),
    ("Camera", "Click", "look around with the mouse; Escape gives the cursor back"),
    ("Camera", "Wheel", "fly faster or slower; in orbit, come closer"),
    ("Camera", "Double\u00a0click", "in orbit, turn about what is there from now on"),
    ("Camera", "Right\u00a0drag", "move aside, as with the middle button"),
    ("Camera", "Drag", "in orbit, turn what is shown; a wipe's divider"),
)
