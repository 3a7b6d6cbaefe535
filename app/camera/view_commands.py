"""Command lines that scenes of photographs share."""

from __future__ import annotations

from pathlib import Path

from ..command_words import flag, line
from ..document import Document
from ..session import Session
from .scene_folders import MOST_PIXELS


def fit_views_command(session: Session, document: Document, kind: str) -> str:
    """Train a field of a kind on the photographs of a document after the plan; empty where they are not known."""
    if not document.signal_source:
        return ""
    plan = session.training.plan
    out = f"{Path(document.field.facts.name).stem}-{kind}.safetensors"
    flags = [*flag(plan.rule, getattr(plan, plan.rule)), "--seed", str(plan.seed), "--out", out]
    return line("fieldcore", "fit", kind, document.signal_source, "--size", MOST_PIXELS, *flags)
