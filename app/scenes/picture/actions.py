"""The actions of the picture scene."""

from __future__ import annotations

from ...action import Action, nothing_shown, smoothing
from ...plane.actions import PLANE_GESTURES
from .state import pictures

ACTIONS: tuple[Action, ...] = (
    Action("foveated", "F", "Filter", "Foveated", "let the variance grow away from the cursor",
            lambda session: pictures(session).set_foveated(not pictures(session).controls.foveated), nothing_shown,
            lambda session: pictures(session).controls.foveated),
    *smoothing(("smoother", "sharper"), "Filter"),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *PLANE_GESTURES,
    ("View", "Drop", "open a field, a picture (a field is made of it), a path or a model"),
)
