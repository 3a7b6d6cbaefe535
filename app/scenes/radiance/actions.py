"""The actions of the radiance scene."""

from __future__ import annotations

from ...action import Action, nothing_shown, toggle
from ...camera.actions import CAMERA_GESTURES
from .state import radiance_fields

ACTIONS: tuple[Action, ...] = (
    Action("next-view", ".", "Camera", "Next view", "look through the camera of the next photograph",
           lambda session: radiance_fields(session).next_view(1), nothing_shown),
    Action("previous-view", ",", "Camera", "View before", "look through the camera of the photograph before",
           lambda session: radiance_fields(session).next_view(-1), nothing_shown),
    toggle("frusta", "F", "Camera", "Cameras", "show or hide where the photographs were taken", "frusta"),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *CAMERA_GESTURES,
    ("Camera", "Double click", "look through a photograph's camera, where these are shown: press F"),
    ("View", "Drop", "open a folder of photographs (it is learned), a radiance field, or a path"),
)
