"""The actions of the picture scene."""

from __future__ import annotations

from ...action import Action
from ...plane.controls import Comparison
from ...session import Session
from .state import pictures


def _comparison(comparison: Comparison, key: str, label: str, meaning: str) -> Action:
    return Action(
        f"compare-{comparison.replace('_', '-')}", key, "Compare", label, meaning,
        run=lambda session: pictures(session).compare(comparison),
        refusal=lambda session: pictures(session).compare_refusal(comparison),
        active=lambda session: pictures(session).controls.comparison == comparison,
    )  # fmt: skip


def _needs_document(session: Session) -> str:
    return "" if pictures(session).document else "nothing is open: drop a picture or a field on the view"


ACTIONS: tuple[Action, ...] = (
    Action("fit", "0", "View", "Fit", "show the whole picture",
            lambda session: pictures(session).fit_view(), _needs_document),
    Action("next-field", "N", "View", "Next field", "show the next of the open fields",
            lambda session: pictures(session).next_field(),
            lambda session: "" if len(pictures(session).documents) > 1 else "only one field is open"),
    _comparison("truth", "G", "Truth", "show the exactly smoothed picture instead of the field"),
    _comparison("error", "E", "Error", "show how far the field is from the truth, as colours with a scale"),
    _comparison("wipe", "X", "Wipe", "show the field left and the truth right of a divider that can be dragged"),
    _comparison("two_up", "2", "Two-up", "show two fields side by side"),
    Action("foveated", "F", "Filter", "Foveated", "let the variance grow away from the cursor",
            lambda session: pictures(session).set_foveated(not pictures(session).controls.foveated), _needs_document,
            lambda session: pictures(session).controls.foveated),
    Action("smoother", "+", "Filter", "Smoother", "a quarter of a decade more variance",
            lambda session: pictures(session).step_variance(0.25), _needs_document, repeats=True),
    Action("sharper", "-", "Filter", "Sharper", "a quarter of a decade less variance",
            lambda session: pictures(session).step_variance(-0.25), _needs_document, repeats=True),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    ("View", "Wheel", "zoom at the cursor"),
    ("View", "Drag", "move the picture, or the divider of a wipe"),
    ("View", "Drop", "open a field, a picture (a field is made of it), a path or a model"),
)
