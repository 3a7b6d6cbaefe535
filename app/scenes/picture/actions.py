"""The actions of the picture scene."""

from __future__ import annotations

from ...action import Action, smoothing
from ...plane.actions import PLANE_GESTURES
from ...session import Session
from .state import pictures


def _needs_document(session: Session) -> str:
    return "" if pictures(session).document else "nothing is open: drop a picture or a field on the view"


ACTIONS: tuple[Action, ...] = (
    Action("foveated", "F", "Filter", "Foveated", "let the variance grow away from the cursor",
            lambda session: pictures(session).set_foveated(not pictures(session).controls.foveated), _needs_document,
            lambda session: pictures(session).controls.foveated),
    *smoothing(("smoother", "sharper"), "Filter"),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *PLANE_GESTURES,
    ("View", "Drop", "open a field, a picture (a field is made of it), a path or a model"),
)
