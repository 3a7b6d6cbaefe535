"""The command lines that do what the scene of textured meshes shows and does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...changed_flags import changed_flags, plan_flags
from ...command_words import flag, line
from ...session import Session
from .state import textured_meshes


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    state, model = textured_meshes(session), textured_meshes(session).model
    if model is None:
        return ""
    field = [state.controls.field] if state.document and state.document.path.exists() else []
    texture = [model.options.texture] if model.options.texture else []
    return line("fieldscope", model.path, *texture, *field, *changed_flags(session))


def fit_command(session: Session) -> str:
    """Train a field on this model's texture after the plan."""
    model = textured_meshes(session).model
    if model is None:
        return ""
    options = model.options
    asked = [
        *(flag("texture", options.texture) if options.texture else []),
        *(flag("wrap", options.wrap) if options.wrap else []),
        *(flag("atlas", True) if options.atlas else []),
    ]
    flags = plan_flags(session, "texture", Path(model.name).stem)
    return line("fieldcore", "fit", "texture", model.path, *asked, *flags)


COMMANDS: dict[str, Callable[[Any], str]] = {
    "this window": window_command,
    "this training": fit_command,
}
