"""The actions of the picture scene."""

from __future__ import annotations

from ...action import Action, nothing_shown
from ...plane.actions import PLANE_GESTURES
from ...session import Session
from .state import pictures


def _needs_map(session: Session) -> str:
    return "" if pictures(session).controls.half_size_map else "there is no map: choose one in the panel, or press B"


def _needs_painting(session: Session) -> str:
    return "" if pictures(session).has_strokes else "there is no stroke to take back"


ACTIONS: tuple[Action, ...] = (
    Action("brush", "B", "Filter", "Brush", "paint the map of sizes: the kernel is whole where it is painted, and "
           "least elsewhere; once more to move the picture again", lambda session: pictures(session).toggle_brush(),
           nothing_shown, lambda session: pictures(session).brushes),
    Action("undo-stroke", "", "Filter", "Undo stroke", "take the last stroke of the brush back; while it paints, "
           "Ctrl+Z does that",
           lambda session: pictures(session).undo_stroke(), _needs_painting),
    Action("map", "A", "Filter", "Map", "lay the map of sizes over the picture, with its handles, or hide it",
           lambda session: pictures(session).toggle_map(), _needs_map,
           lambda session: pictures(session).controls.map_shown),
    Action("foveated", "F", "Filter", "Foveated", "let the variance grow away from the cursor",
            lambda session: pictures(session).set_foveated(not pictures(session).controls.foveated), nothing_shown,
            lambda session: pictures(session).controls.foveated),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *PLANE_GESTURES,
    ("View", "Drop", "open a field, a picture (a field is made of it), a path or a model"),
)
