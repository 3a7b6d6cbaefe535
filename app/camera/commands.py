"""What command lines say of any scene in space."""

from __future__ import annotations

from ..command_words import flag
from ..session import Session
from ..settings import SETTINGS
from .station import Station

_IN_OTHER_WORDS = ("position", "variance", "covariance")
"""Settings that are written as text, which rounds, or twice."""


def window_flags(session: Session, station: Station) -> list[str]:
    """Of the scene shown: where the camera is, and what is not as usual."""
    words = flag("position", station.controls.camera.position)
    for setting in SETTINGS:
        if setting.flag and session.scene in setting.scenes and setting.name not in _IN_OTHER_WORDS:
            value = setting.get(session)
            words += flag(setting.name, value) if value != setting.usual else []
    return words


def plan_flags(session: Session, signal_type: str, name: str) -> list[str]:
    """How the next training goes, of a signal of that type, into a file named after it."""
    plan = session.training.plan_for(signal_type)
    stop = [] if plan.is_solved else flag(plan.rule, getattr(plan, plan.rule))
    out = f"{name}-{plan.kind}.safetensors"
    return ["--kind", plan.kind, "--preset", plan.preset, *stop, "--seed", str(plan.seed), "--out", out]
