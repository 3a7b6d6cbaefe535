"""What a command line of ours can be about, and which of its options serve that: one without effect is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from fieldcore.arguments import option, options_of
from fieldcore.errors import InputError

from .scene_names import ALL
from .scenes import SCENES

Mode = str
"""The window; the measurement of how it answers; a path of a scene, by the scene's name, rendered without it; or a
sequence of texture coordinates, shaded; or photographs of a model, to be made."""

PATHS: tuple[Mode, ...] = ALL
GENERATION: Mode = "generation"
COMPUTES: tuple[Mode, ...] = ("window", "benchmark", *PATHS, "sequence")
EVERY: tuple[Mode, ...] = (*COMPUTES, GENERATION)
RENDERS: tuple[Mode, ...] = (*PATHS, "sequence")

CALLED: dict[Mode, str] = {
    "window": "the window",
    "benchmark": "--benchmark",
    **{scene.name: scene.path_title for scene in SCENES},
    "sequence": "--uv-sequence",
    GENERATION: "--render-views",
}
"""Each in messages."""

_SERVES = "serves"


def option_for(modes: tuple[Mode, ...], help: str, **details: Any) -> Any:
    """A field of a dataclass of options, as ``fieldcore.arguments.option``, that serves these modes."""
    entry = option(help, **details)
    return dataclasses.field(default=entry.default, kw_only=True, metadata={**entry.metadata, _SERVES: modes})


def given(options: Any) -> list[str]:
    """The names of the options that were given: those whose value is not their default."""
    entries = dataclasses.fields(options)
    return [entry.name for entry in entries if getattr(options, entry.name) != entry.default]


def refuse_without_effect(options: Any, modes: Sequence[Mode]) -> None:
    """Raise InputError if an option was given that does nothing in any of these modes."""
    serves = {entry.name: entry.metadata[_SERVES] for entry in dataclasses.fields(options)}
    known = {entry.name: entry for entry in options_of(type(options))}
    for name in given(options):
        if not set(modes).intersection(serves[name]):
            shown = f"'{getattr(options, name)[0]}'" if known[name].details.positional else known[name].shown
            where = [place for place in _places(serves[name]) if place != shown]
            advice = f"; it goes with {' or '.join(where)}" if where else ""
            raise InputError(f"{shown} does not go with {' or '.join(_places(modes))}{advice}")


def _places(modes: Sequence[Mode]) -> list[str]:
    """What modes are called in messages; all paths together are their option."""
    if not set(PATHS) <= set(modes):
        return [CALLED[mode] for mode in modes]
    return ["--render-path", *(CALLED[mode] for mode in modes if mode not in PATHS)]
