"""The command lines that do what the scene of networks shows and does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...changed_flags import changed_flags
from ...command_words import line
from ...session import Session
from .state import networks
from .training import desk_recipe, race_entries, size_of


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    state = networks(session)
    return line("fieldscope", state.controls.field, *changed_flags(session), *_mode(session))


def race_command(session: Session) -> str:
    """Train the same networks for the same time, and write tables, plots and a report."""
    state = networks(session)
    if not state.signal_source:
        return ""
    controls = state.controls
    entries = [
        ":".join([one.name, *(f"{name}={_text(value)}" for name, value in one.changes.items())])
        for one in race_entries(controls)
    ]
    return line(
        "fieldcore", "compare", state.signal_source, "--networks", ",".join(entries), "--size",
        min(controls.size, size_of(controls) if controls.show == "race" else 128),
        "--seconds", f"{controls.race_seconds:g}", "--out", "race",
    )  # fmt: skip


def fit_command(session: Session) -> str:
    """Train the network on the desk, as a field with a file."""
    state = networks(session)
    document = state.document
    if not state.signal_source or document is None or state.controls.show == "race":
        return ""
    recipe = desk_recipe(state.controls, document.field.facts)
    numbers = {**state.controls.numbers}
    omegas = [numbers.pop(name) for name in ("omega_first", "omega_hidden") if name in numbers]
    said = ["--omega", ",".join(f"{omega:.9g}" for omega in omegas)] if omegas else []
    said += ["--start", recipe.start] if recipe.start != "published" else []
    for name, value in numbers.items():
        said += [f"--{name.replace('_', '-')}", f"{value:.9g}"]
    return line(
        "fieldcore", "fit", "picture", state.signal_source, "--kind", "coordinate", "--preset",
        "standard" if recipe.width >= 192 else "preview", "--activation", recipe.activation, "--mapping",
        recipe.mapping, "--width", recipe.width, "--hidden-layers", recipe.hidden_layers, *said,
        "--steps", recipe.steps, "--seed", recipe.seed, "--size", size_of(state.controls), "--out",
        "network.safetensors",
    )  # fmt: skip


def _mode(session: Session) -> list[str]:
    """Without a flag of its own the picture would be opened in the scene of pictures."""
    flags = changed_flags(session)
    return [] if any(word.startswith("--show") for word in flags) else ["--show", networks(session).controls.show]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


COMMANDS: dict[str, Callable[[Any], str]] = {
    "this window": window_command,
    "this race": race_command,
    "this training": fit_command,
}
