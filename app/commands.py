"""The command lines that do without the window what the window shows and does."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from .controls import Controls, is_isotropic
from .layout_file import AS_SHOWN
from .session import Session


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    controls, usual = session.controls, Controls("")
    words = ["python", "-m", "app", *(path for path in [controls.field, controls.other] if path)]
    words += _filter(controls)
    numbers = {
        "zoom": controls.zoom, "divider": controls.divider, "error_range": controls.error_range,
        "falloff": controls.falloff,
    }  # fmt: skip
    for name, value in numbers.items():
        if value != getattr(usual, name):
            words += [f"--{name.replace('_', '-')}", f"{value:.6g}"]
    if controls.center != usual.center:
        words += ["--center=" + ",".join(f"{value:.6g}" for value in controls.center)]
    if controls.comparison != usual.comparison:
        words += ["--comparison", controls.comparison]
    words += ["--foveated"] * controls.foveated + ["--no-caption"] * (not controls.caption)
    return shlex.join(words)


def evaluate_command(session: Session) -> str:
    """Write the field as a picture, smoothed as it is now."""
    if session.document is None:
        return ""
    size = max(session.document.field.facts.resolution or (512,))
    words = ["python", "-m", "fieldcore", "evaluate", session.controls.field, *_filter(session.controls)]
    return shlex.join([*words, "--size", str(size), "--out", "smooth.png"])


def fit_command(session: Session) -> str:
    """Train a field on this picture after the plan."""
    document, plan = session.document, session.training.plan
    if document is None or not document.signal_source:
        return ""
    signal = ["ackley"] if document.signal_source == "ackley" else ["picture", document.signal_source]
    words = ["python", "-m", "fieldcore", "fit", *signal, "--kind", plan.kind, "--preset", plan.preset]
    words += [f"--{plan.rule.replace('_', '-')}", f"{getattr(plan, plan.rule):g}"]
    return shlex.join([*words, *(["--seed", str(plan.seed)] if plan.seed else []), "--out", "field.safetensors"])


def score_command(session: Session) -> str:
    """Compare the field with the truth at the standard filters."""
    document = session.document
    if document is None or not document.signal_source:
        return ""
    return shlex.join(
        ["python", "-m", "fieldcore", "score", session.controls.field, "--signal", document.signal_source]
    )


def render_command(session: Session) -> str:
    """Render the path, as it was last saved or loaded."""
    if session.path.file is None:
        return ""
    settings = session.recording.settings
    size = settings.size if settings.size != AS_SHOWN else "x".join(map(str, session.framebuffer_px))
    words = ["python", "-m", "app", "--render-path", str(session.path.file), "--out", "frames", "--size", size]
    return shlex.join([*words, *(["--video", "path.mp4"] if settings.video else [])])


def _filter(controls: Controls) -> list[str]:
    if not any(controls.covariance):
        return []
    if is_isotropic(controls.covariance):
        return ["--variance", f"{controls.covariance[0]:.6g}"]
    return ["--covariance=" + ",".join(f"{value:.6g}" for value in controls.covariance)]


COMMANDS: dict[str, tuple[str, Callable[[Session], str]]] = {
    "this window": ("open the window as it is now", window_command),
    "this picture": ("write the field as a picture, smoothed as it is now", evaluate_command),
    "this training": ("train a field on this picture after the plan", fit_command),
    "this judgement": ("compare the field with the truth at the standard filters", score_command),
    "this path": ("render the path, as it was last saved or loaded", render_command),
}
"""By their name in the panel: what they do, and the command line, empty where there is none now."""
