"""The command lines that do what the fly-through shows and does."""

from __future__ import annotations

from pathlib import Path

from ..command_words import flag, line
from ..session import Session
from .flight_settings import FLIGHT_SETTINGS


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    cockpit, model = session.cockpit, session.cockpit.model
    if model is None:
        return ""
    field = [cockpit.controls.field] if cockpit.document and cockpit.document.path.exists() else []
    texture = [model.options.texture] if model.options.texture else []
    words = [model.path, *texture, *field, *flag("position", cockpit.controls.camera.position)]
    for setting in FLIGHT_SETTINGS:
        value = setting.get(session)
        if setting.flag and setting.name != "position" and value != setting.usual:
            words += flag(setting.name, value)
    caption = [] if session.caption else ["--no-caption"]
    return line("app", *words, *caption)


def fit_command(session: Session) -> str:
    """Train a field on this model's texture after the plan."""
    model, plan = session.cockpit.model, session.training.plan
    if model is None:
        return ""
    options = model.options
    asked = [
        *(flag("texture", options.texture) if options.texture else []),
        *(flag("wrap", options.wrap) if options.wrap else []),
        *(flag("atlas", True) if options.atlas else []),
    ]
    stop = flag(plan.rule, getattr(plan, plan.rule))
    out = f"{Path(model.name).stem}-{plan.kind}.safetensors"
    named = ("--kind", plan.kind, "--preset", plan.preset, *stop, "--seed", plan.seed, "--out", out)
    return line("fieldcore", "fit", "texture", model.path, *asked, *named)
