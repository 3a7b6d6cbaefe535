"""The command lines that do what the video scene shows and does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...changed_flags import changed_flags, filter_flags, plan_flags
from ...command_words import line
from ...session import Session
from .state import videos


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    controls = videos(session).controls
    others = [controls.other] if "other" in controls.needed else []
    return line(
        "fieldscope", *filter(None, [controls.field, *others]), *filter_flags(controls), *changed_flags(session)
    )


def fit_command(session: Session) -> str:
    """Train a field on this clip after the plan."""
    document = videos(session).document
    if document is None or not document.signal_source:
        return ""
    facts = document.field.facts
    longer = ("--size", max(facts.resolution[:2])) if facts.resolution[:2] != facts.source_resolution[:2] else ()
    plan = plan_flags(session, facts.type, Path(facts.name).stem)
    return line("fieldcore", "fit", "video", document.signal_source, *longer, *plan)


COMMANDS: dict[str, Callable[[Any], str]] = {"this window": window_command, "this training": fit_command}
