"""The command lines that do what the picture scene shows and does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError

from ...changed_flags import changed_flags, filter_flags, plan_flags
from ...command_words import flag, line
from ...session import Session
from .controls import Controls
from .state import pictures


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    controls = pictures(session).controls
    sources = [controls.field, *([controls.other] if "other" in controls.needed else [])]
    return line("fieldscope", *filter(None, sources), *filter_flags(controls), *changed_flags(session))


def evaluate_command(session: Session) -> str:
    """Write the field as a picture, smoothed as it is now.

    Raises:
        InputError: it is smoothed in a way that 'fieldcore evaluate' does not know.
    """
    document, controls = pictures(session).document, pictures(session).controls
    if document is None:
        return ""
    _check_can_be_told(controls)
    size = max(document.field.facts.resolution or (512,))
    words = [*_filter_words(controls), "--size", size, "--out", "smooth.png"]
    return line("fieldcore", "evaluate", controls.field, *words)


def _check_can_be_told(controls: Controls) -> None:
    """Raise InputError that says why there is no command for the filter."""
    if controls.foveated:
        raise InputError("fieldcore evaluate has no gaze to foveate about; 'this window' shows it, a path renders it")
    if controls.varies and controls.is_gaussian:
        raise InputError("fieldcore evaluate takes maps of kernels, not of Gaussians; 'quadratic' is much like one")


def _filter_words(controls: Controls) -> list[str]:
    gain = flag("gain", controls.gain) if not controls.is_gaussian and controls.gain != 1 else []
    if not controls.varies:
        return [*filter_flags(controls), *gain]
    alike = len(set(controls.half_size)) == 1
    sizes = controls.half_size_least, *controls.half_size[: 1 if alike else None]
    return [
        *flag("kernel", controls.kernel),
        *flag("half-size-map", controls.map_text),
        *flag("half-size-range", sizes),
        *gain,
    ]


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
