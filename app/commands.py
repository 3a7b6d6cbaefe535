"""The command lines that do without the window what the window shows and does."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .controls import Controls, is_isotropic
from .layout_file import AS_SHOWN
from .session import Session
from .settings import SETTINGS


class Command(NamedTuple):
    """A command line.

    Attributes:
        meaning: what it does, in plain words.
        words: the line, quoted for a shell; empty where there is none now.
    """

    meaning: str
    words: Callable[[Session], str]


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    controls = session.controls
    sources = [controls.field, *([controls.other] if controls.comparison == "two_up" else [])]
    return _line("app", *filter(None, sources), *_filter(controls), *_flags(controls))


def evaluate_command(session: Session) -> str:
    """Write the field as a picture, smoothed as it is now."""
    if session.document is None or session.controls.foveated:
        return ""
    size = max(session.document.field.facts.resolution or (512,))
    field, smoothed = session.controls.field, _filter(session.controls)
    return _line("fieldcore", "evaluate", field, *smoothed, "--size", size, "--out", "smooth.png")


def fit_command(session: Session) -> str:
    """Train a field on this picture after the plan."""
    document, plan = session.document, session.training.plan
    if document is None or not document.signal_source:
        return ""
    facts, source = document.field.facts, document.signal_source
    signal = [source] if source == facts.type else ["picture", source]  # a formula is its own source
    stop = _flag(plan.rule, getattr(plan, plan.rule))
    out = f"{Path(facts.name).stem}-{plan.kind}.safetensors"
    named = ("--kind", plan.kind, "--preset", plan.preset, *stop, "--seed", plan.seed, "--out", out)
    return _line("fieldcore", "fit", *signal, *named)


def score_command(session: Session) -> str:
    """Compare the field with the truth at the standard filters."""
    document = session.document
    if document is None or not document.signal_source:
        return ""
    return _line("fieldcore", "score", session.controls.field, "--signal", document.signal_source)


def render_command(session: Session) -> str:
    """Render the path, as it was last saved or loaded."""
    path, settings = session.path, session.recording.settings
    if path.file is None:
        return ""
    size = "x".join(map(str, session.framebuffer_px)) if settings.size == AS_SHOWN else settings.size
    video = ["--video", f"{path.file.stem}.mp4"] if settings.video else []
    return _line("app", "--render-path", path.file, "--out", "frames", "--size", size, *video)


COMMANDS: dict[str, Command] = {
    "this window": Command("open the window as it is now", window_command),
    "this picture": Command("write the field as a picture, smoothed as it is now", evaluate_command),
    "this training": Command("train a field on this picture after the plan", fit_command),
    "this judgement": Command("compare the field with the truth at the standard filters", score_command),
    "this path": Command("render the path, as it was last saved or loaded", render_command),
}
"""By their names in the panel."""


def _line(module: str, *words: object) -> str:
    return shlex.join(["python", "-m", module, *map(str, words)])


def _flags(controls: Controls) -> Iterator[str]:
    """Of what is not as usual, but for the filter."""
    usual = Controls("")
    for setting in SETTINGS:
        entry = setting.name.replace("-", "_")
        if setting.flag and setting.name not in ("variance", "covariance"):
            value = getattr(controls, entry)
            if value != getattr(usual, entry):
                yield from _flag(setting.name, value)


def _filter(controls: Controls) -> list[str]:
    if not any(controls.covariance):
        return []
    if is_isotropic(controls.covariance):
        return _flag("variance", controls.covariance[0])
    return _flag("covariance", controls.covariance)


def _flag(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag] if value else [flag.replace("--", "--no-", 1)]
    text = _text(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    # Nine digits: a covariance of fewer may no longer be one.
    return f"{value:.9g}" if isinstance(value, float) else str(value)
