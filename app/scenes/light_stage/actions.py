"""The actions of the scene of light stages."""

from __future__ import annotations

from ...action import Action
from ...plane.actions import PLANE_GESTURES
from ...scene import Gesture
from ...session import Session
from .state import light_stages


def _needs_stage(session: Session) -> str:
    return light_stages(session).nothing_shown


def _needs_truth(session: Session) -> str:
    return light_stages(session).compare_refusal("truth")


def _nudge(name: str, key: str, where: str, du: float, dv: float) -> Action:
    """The action of an arrow key."""
    return Action(
        f"light-{name}", key, "Light", f"Light {name}", f"move the light {where}",
        lambda session: light_stages(session).nudge(du, dv), _needs_stage, repeats=True,
    )  # fmt: skip


ACTIONS: tuple[Action, ...] = (
    Action("nearest-photo", "J", "Compare", "Nearest photo", "let the photo whose light is nearest stand where the "
           "truth would, with its name and the angle", lambda session: light_stages(session).toggle_nearest(),
           _needs_truth, lambda session: light_stages(session).controls.nearest),
    Action("normals", "I", "Compare", "Normals", "show the normals that lobes were found with",
           lambda session: light_stages(session).compare("normals"),
           lambda session: light_stages(session).compare_refusal("normals"),
           lambda session: light_stages(session).controls.shows("normals")),
    _nudge("left", "Left", "to the left", -1.0, 0.0),
    _nudge("right", "Right", "to the right", 1.0, 0.0),
    _nudge("up", "Up", "towards the photo's top", 0.0, -1.0),
    _nudge("down", "Down", "towards the photo's bottom", 0.0, 1.0),
)  # fmt: skip

GESTURES: tuple[Gesture, ...] = (
    *PLANE_GESTURES,
    ("Light", "Drag in the disc", "move the light"),
    ("Light", "Click on a dot", "take exactly that photo's light"),
    ("Light", "Shift + drag", "move the light on the picture itself"),
    ("View", "Drop", "open a folder of photos with an .lp, a field of a light stage, or a path"),
)
