"""The table of actions: everything a key or a button does, made once into keys, panel, help overlay and docs.

A new action is one entry here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .controls import Comparison
from .session import Session


@dataclass(frozen=True)
class Action:
    """Something that can be done.

    Attributes:
        name: unique.
        key: that does it, empty if none.
        group: of the panel and the help overlay.
        label: of its button.
        meaning: in plain words, for tooltip, help and docs.
        run: does it.
        refusal: why it cannot be done now; empty where it can.
        active: whether what it switches on is on.
    """

    name: str
    key: str
    group: str
    label: str
    meaning: str
    run: Callable[[Session], None]
    refusal: Callable[[Session], str] = lambda session: ""
    active: Callable[[Session], bool] = lambda session: False


def _comparison(comparison: Comparison, key: str, label: str, meaning: str) -> Action:
    return Action(
        f"compare-{comparison.replace('_', '-')}", key, "Compare", label, meaning,
        run=lambda session: session.compare(comparison),
        refusal=lambda session: session.compare_refusal(comparison),
        active=lambda session: session.controls.comparison == comparison,
    )  # fmt: skip


def _needs_document(session: Session) -> str:
    return "" if session.document else "nothing is open: drop a picture or a field on the view"


def _toggle_panel(session: Session) -> None:
    session.panel_shown = not session.panel_shown


def _toggle_help(session: Session) -> None:
    session.help_shown = not session.help_shown


def _ask_screenshot(session: Session) -> None:
    session.screenshot_asked = True


def _toggle_caption(session: Session) -> None:
    session.controls = replace(session.controls, caption=not session.controls.caption)


def _train_refusal(session: Session) -> str:
    if session.training.state != "idle":
        return "a training is under way: stop it first"
    document = session.document
    return "" if document and document.signal else "there is no picture to train on: open one, or drop it on the view"


def _running_refusal(session: Session) -> str:
    return "" if session.training.state in ("running", "paused") else "no training is under way"


def _play_refusal(session: Session) -> str:
    return "" if len(session.path.keyframes) > 1 else "a path needs two keyframes to be played: add them with K"


ACTIONS: tuple[Action, ...] = (
    Action("fit", "0", "View", "Fit", "show the whole picture", Session.fit_view, _needs_document),
    Action("next-field", "N", "View", "Next field", "show the next of the open fields", Session.next_field,
           lambda session: "" if len(session.documents) > 1 else "only one field is open"),
    Action("caption", "L", "View", "Labels", "show or hide the labels on the picture", _toggle_caption,
           active=lambda session: session.controls.caption),
    Action("panel", "Tab", "View", "Panel", "show or hide the panel", _toggle_panel,
           active=lambda session: session.panel_shown),
    Action("help", "H", "View", "Help", "show or hide this overlay of all keys", _toggle_help,
           active=lambda session: session.help_shown),
    Action("leave", "Escape", "View", "Leave", "dismiss a message or this overlay; else leave, asking first if "
           "something would be lost", Session.dismiss),
    _comparison("truth", "G", "Truth", "show the exactly smoothed picture instead of the field"),
    _comparison("error", "E", "Error", "show how far the field is from the truth, as colours with a scale"),
    _comparison("wipe", "X", "Wipe", "show the field left and the truth right of a divider that can be dragged"),
    _comparison("two_up", "2", "Two-up", "show two fields side by side"),
    Action("foveated", "F", "Filter", "Foveated", "let the variance grow away from the cursor",
           lambda session: session.set_foveated(not session.controls.foveated), _needs_document,
           lambda session: session.controls.foveated),
    Action("smoother", "+", "Filter", "Smoother", "a quarter of a decade more variance",
           lambda session: session.step_variance(0.25), _needs_document),
    Action("sharper", "-", "Filter", "Sharper", "a quarter of a decade less variance",
           lambda session: session.step_variance(-0.25), _needs_document),
    Action("train", "T", "Training", "Start", "train a new field on this picture, after the plan below",
           Session.train, _train_refusal),
    Action("pause-training", "Space", "Training", "Pause", "pause the training, or go on with it",
           lambda session: session.training.pause(), _running_refusal,
           lambda session: session.training.state == "paused"),
    Action("stop-training", "S", "Training", "Stop", "end the training; what it has learned is kept",
           lambda session: session.training.stop(), _running_refusal),
    Action("screenshot", "C", "Record", "Screenshot", "write what is shown as a PNG file", _ask_screenshot,
           _needs_document),
    Action("record", "R", "Record", "Record", "start or stop recording what is shown", Session.toggle_recording,
           _needs_document, lambda session: session.recording.noting),
    Action("add-keyframe", "K", "Path", "Add keyframe", "append what is shown to the path", Session.add_keyframe,
           _needs_document),
    Action("play-path", "P", "Path", "Play", "let the path lead what is shown, or stop that", Session.toggle_playing,
           _play_refusal, lambda session: session.path.playing),
)  # fmt: skip

BY_KEY = {action.key: action for action in ACTIONS if action.key}

GESTURES: tuple[tuple[str, str, str], ...] = (
    ("View", "Wheel", "zoom at the cursor"),
    ("View", "Drag", "move the picture, or the divider of a wipe"),
    ("View", "Drop", "open a field, a picture (it starts to be trained) or a path"),
)
"""What the mouse does: group, gesture, meaning."""


def perform(action: Action, session: Session) -> None:
    """Do it, or say why it cannot be done."""
    reason = action.refusal(session)
    if reason:
        session.messages.notice(reason, session.now)
    else:
        action.run(session)


def help_sections() -> list[tuple[str, list[tuple[str, str]]]]:
    """All keys and gestures by group: heading, then (key, meaning)."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for group, key, meaning in (*((a.group, a.key, a.meaning) for a in ACTIONS if a.key), *GESTURES):
        sections.setdefault(group, []).append((key, meaning))
    return list(sections.items())
