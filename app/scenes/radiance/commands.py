"""The command lines that do what the radiance scene shows and does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...camera.view_commands import fit_views_command
from ...changed_flags import changed_flags
from ...command_words import line
from ...session import Session
from .state import KIND, radiance_fields


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    state = radiance_fields(session)
    document = state.document
    if document is None:
        return ""
    lent = [str(state.lender.path)] if state.lender and "borrowed" in state.controls.needed else []
    sources = [str(document.path), *([document.signal_source] if document.signal_source else []), *lent]
    return line("fieldscope", *sources, *changed_flags(session))


def fit_command(session: Session) -> str:
    """Train a field on these photographs after the plan."""
    document = radiance_fields(session).document
    return "" if document is None else fit_views_command(session, document, KIND)


def score_command(session: Session) -> str:
    """Compare the field with the photographs that were held out."""
    document = radiance_fields(session).document
    if document is None or not document.signal_source:
        return ""
    return line("fieldcore", "score", document.path, "--signal", document.signal_source)


COMMANDS: dict[str, Callable[[Any], str]] = {
    "this window": window_command,
    "this training": fit_command,
    "this judgement": score_command,
}
