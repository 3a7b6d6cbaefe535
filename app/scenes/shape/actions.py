"""The actions of the shape scene."""

from __future__ import annotations

from functools import partial

from ...action import Action
from ...camera.actions import CAMERA_GESTURES
from ...session import Session
from .controls import ShapeComparison

_action = partial(Action, scenes=("shape",))


def _needs_shape(session: Session) -> str:
    return session.stand.nothing_shown


def _comparison(comparison: ShapeComparison, key: str, label: str, meaning: str) -> Action:
    return _action(
        f"shape-{comparison.replace('_', '-')}", key, "Compare", label, meaning,
        run=lambda session: session.stand.compare(comparison),
        refusal=lambda session: session.stand.compare_refusal(comparison),
        active=lambda session: session.stand.controls.comparison == comparison,
    )  # fmt: skip


def _toggle(name: str, entry: str, key: str, group: str, label: str, meaning: str) -> Action:
    """Switches an entry of the controls."""
    return _action(
        name, key, group, label, meaning,
        run=lambda session: session.stand.change(**{entry: not getattr(session.stand.controls, entry)}),
        refusal=_needs_shape, active=lambda session: getattr(session.stand.controls, entry),
    )  # fmt: skip


SHAPE_ACTIONS: tuple[Action, ...] = (
    _action("next-shape", "N", "View", "Next shape", "show the next of the open shapes",
            lambda session: session.stand.next_field(),
            lambda session: "" if len(session.stand.documents) > 1 else "only one shape is open"),
    _toggle("floor", "grid", "B", "Camera", "Ground", "show or hide the ground's grid and the axes"),
    _toggle("shadows", "shadows", "I", "Surface", "Shadows", "let the light cast shadows, or not"),
    _action("next-colouring", "V", "Surface", "Colouring", "colour the surface by its direction, its curvature, or not",
            lambda session: session.stand.next_colouring(), _needs_shape,
            lambda session: session.stand.controls.colouring != "material"),
    _action("next-slice", "Z", "Surface", "Slice", "cut the shape open across x, y or z, or close it again",
            lambda session: session.stand.next_slice(), _needs_shape,
            lambda session: session.stand.controls.slice != "none"),
    _toggle("exact", "exact", "Q", "Surface", "Exact", "show the field itself, not its bake, once the view rests"),
    _comparison("truth", "G", "Truth", "show the exactly smoothed mesh instead of the field"),
    _comparison("error", "E", "Error", "show how far its surface is from the truth's, as colours with a scale"),
    _comparison("wipe", "X", "Wipe", "show the field left and the truth right of a divider that can be dragged"),
    _comparison("two_up", "2", "Two-up", "show the field and the truth side by side"),
    _action("smoother-shape", "+", "Filter", "Smoother", "a quarter of a decade more variance",
            lambda session: session.stand.step_variance(0.25), _needs_shape, repeats=True),
    _action("sharper-shape", "-", "Filter", "Sharper", "a quarter of a decade less variance",
            lambda session: session.stand.step_variance(-0.25), _needs_shape, repeats=True),
)  # fmt: skip

SHAPE_GESTURES: tuple[tuple[str, str, str], ...] = (
    *CAMERA_GESTURES,
    ("View", "Drop", "open a mesh (a field is made of it), a field of a shape, or a path"),
)
