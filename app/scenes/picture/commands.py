"""The command lines that do what the picture scene shows and does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...changed_flags import changed_flags, filter_flags, plan_flags
from ...command_words import line
from ...session import Session
from .state import pictures


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    controls = pictures(session).controls
    sources = [controls.field, *([controls.other] if controls.comparison == "two_up" else [])]
    return line("fieldscope", *filter(None, sources), *filter_flags(controls.covariance), *changed_flags(session))


def evaluate_command(session: Session) -> str:
    """Write the field as a picture, smoothed as it is now."""
    document, controls = pictures(session).document, pictures(session).controls
    if document is None or controls.foveated:
        return ""
    size = max(document.field.facts.resolution or (512,))
    field, smoothed = controls.field, filter_flags(controls.covariance)
    return line("fieldcore", "evaluate", field, *smoothed, "--size", size, "--out", "smooth.png")


def fit_command(session: Session) -> str:
    """Train a field on this picture after the plan."""
    document = pictures(session).document
    if document is None or not document.signal_source:
        return ""
    facts, source = document.field.facts, document.signal_source
    signal = [source] if source == facts.type else ["picture", source]  # a formula is its own source
    return line("fieldcore", "fit", *signal, *plan_flags(session, facts.type, Path(facts.name).stem))


def score_command(session: Session) -> str:
    """Compare the field with the truth at the standard filters."""
    document = pictures(session).document
    if document is None or not document.signal_source:
        return ""
    return line("fieldcore", "score", pictures(session).controls.field, "--signal", document.signal_source)


COMMANDS: dict[str, Callable[[Any], str]] = {
    "this window": window_command,
    "this picture": evaluate_command,
    "this training": fit_command,
    "this judgement": score_command,
}
