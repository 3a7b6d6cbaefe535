"""The command lines that do what the shape scene shows and does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...camera.view_commands import fit_views_command
from ...changed_flags import changed_flags, filter_flags, plan_flags
from ...command_words import flag, line
from ...session import Session
from .state import SURFACE, shapes


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    state, document = shapes(session), shapes(session).document
    if document is None:
        return ""
    sources = [str(document.path), *([document.signal_source] if document.signal_source else [])]
    return line("fieldscope", *sources, *filter_flags(state.controls), *changed_flags(session))


def mesh_command(session: Session) -> str:
    """Write the surface shown as a mesh."""
    document, controls = shapes(session).document, shapes(session).controls
    if document is None:
        return ""
    level = flag("level", controls.level) if controls.level else []
    out = f"{Path(document.field.facts.name).stem}-smooth.ply"
    words = [*filter_flags(controls), *level, "--resolution", controls.cells, "--out", out]
    return line("fieldcore", "mesh", document.path, *words)


def fit_command(session: Session) -> str:
    """Train a field on this mesh, or on these photographs, after the plan."""
    document = shapes(session).document
    if document is None or not document.signal_source:
        return ""
    if document.field.facts.views:
        return fit_views_command(session, document, SURFACE)
    flags = plan_flags(session, "shape", Path(document.field.facts.name).stem)
    return line("fieldcore", "fit", "shape", document.signal_source, *flags)


def score_command(session: Session) -> str:
    """Compare the field with the truth at the standard filters."""
    document = shapes(session).document
    if document is None or not document.signal_source:
        return ""
    return line("fieldcore", "score", document.path, "--signal", document.signal_source)


COMMANDS: dict[str, Callable[[Any], str]] = {
    "this window": window_command,
    "this mesh": mesh_command,
    "this training": fit_command,
    "this judgement": score_command,
}
