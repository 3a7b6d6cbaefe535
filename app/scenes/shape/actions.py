"""The actions of the shape scene."""

from __future__ import annotations

from dataclasses import replace

from ...action import Action, next_choice, toggle
from ...camera.actions import CAMERA_GESTURES
from ...camera.photographs import look_at_views
from ...session import Session
from .state import shapes


def _no_photographs(session: Session) -> str:
    """Why a shape has no cameras to be looked through; empty where it has."""
    document = shapes(session).document
    if document is not None and document.field.facts.views:
        return ""
    return "this shape was not made from photographs, so there are no cameras"


def _show_cameras(session: Session) -> None:
    shape = shapes(session)
    assert shape.document is not None
    look_at_views(session, shape.document).change(camera=shape.controls.camera, frusta=True)


def _look_through(session: Session) -> None:
    document = shapes(session).document
    assert document is not None
    state = look_at_views(session, document)
    state.next_view(1)
    if state.views is not None:
        state.arrange(replace(state.controls, layout="wipe", left="colour", right="photo"))


ACTIONS: tuple[Action, ...] = (
    Action("next-shape", "N", "View", "Next shape", "show the next of the open shapes",
            lambda session: shapes(session).next_field(),
            lambda session: "" if len(shapes(session).documents) > 1 else "only one shape is open"),
    toggle("shadows", "I", "Surface", "Shadows", "let the light cast shadows, or not", "shadows"),
    next_choice("next-colouring", "V", "Surface", "Colouring", "colour the surface by its direction, its curvature, or "
            "not", "colouring"),
    next_choice("next-slice", "Z", "Surface", "Slice", "cut the shape open across x, y or z, or close it again",
            "slice"),
    Action("shape-cameras", "F", "Camera", "Cameras", "see the shape with the cameras of its photographs",
           _show_cameras, _no_photographs),
    Action("shape-through-camera", ".", "Camera", "Through cameras", "look at the shape through the camera of the "
           "first photograph, beside that", _look_through, _no_photographs),
    toggle("exact", "Q", "Surface", "Exact", "show the field itself, not its bake, once the view rests", "exact"),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *CAMERA_GESTURES,
    ("View", "Drop", "open a mesh (a field is made of it), a field of a shape, or a path"),
)
