"""The actions of the shape scene."""

from __future__ import annotations

from ...action import Action, next_choice, toggle
from ...camera.actions import CAMERA_GESTURES
from .state import shapes

ACTIONS: tuple[Action, ...] = (
    Action("next-shape", "N", "View", "Next shape", "show the next of the open shapes",
            lambda session: shapes(session).next_field(),
            lambda session: "" if len(shapes(session).documents) > 1 else "only one shape is open"),
    toggle("shadows", "I", "Surface", "Shadows", "let the light cast shadows, or not", "shadows"),
    next_choice("next-colouring", "V", "Surface", "Colouring", "colour the surface by its direction, its curvature, or "
            "not", "colouring"),
    next_choice("next-slice", "Z", "Surface", "Slice", "cut the shape open across x, y or z, or close it again",
            "slice"),
    toggle("exact", "Q", "Surface", "Exact", "show the field itself, not its bake, once the view rests", "exact"),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *CAMERA_GESTURES,
    ("View", "Drop", "open a mesh (a field is made of it), a field of a shape, or a path"),
)
