"""Fields: networks that can be asked for their smoothed selves, one file a kind."""

from __future__ import annotations

from dataclasses import replace

from ..errors import InputError
from ..recipe import Recipe
from ..signals import SignalFacts
from .field import Field
from .pyramid import Pyramid
from .scale_space import ScaleSpace
from .spectral import Spectral

KINDS: dict[str, type[Field]] = {kind.kind: kind for kind in (ScaleSpace, Spectral, Pyramid)}
"""Every kind of field by its name; the one place where a new kind is entered."""

__all__ = [
    "KINDS",
    "Field",
    "Pyramid",
    "ScaleSpace",
    "Spectral",
    "build_field",
    "default_preset",
    "field_type",
    "preset_recipe",
]


def field_type(kind: str) -> type[Field]:
    """The class of the kind of that name. Raises InputError naming the kinds there are."""
    if kind not in KINDS:
        raise InputError(f"kind: expected one of {', '.join(KINDS)}, got '{kind}'")
    return KINDS[kind]


def default_preset(kind: str, signal_type: str) -> str:
    """The preset to take where none is asked for: the one named after the type of signal, else ``preview``."""
    return signal_type if signal_type in field_type(kind).presets else "preview"


def preset_recipe(kind: str, preset: str, facts: SignalFacts, *, seed: int = 0, steps: int | None = None) -> Recipe:
    """The recipe of that name for a signal. Raises InputError naming the presets there are."""
    presets = field_type(kind).presets
    if preset not in presets:
        raise InputError(f"preset: a {kind} field has {', '.join(presets)}, got '{preset}'")
    recipe: Recipe = presets[preset].for_signal(facts)
    return replace(recipe, seed=seed, steps=recipe.steps if steps is None else steps)


def build_field(recipe: Recipe, facts: SignalFacts) -> Field:
    """An untrained field after ``recipe`` for a signal with these facts, in evaluation mode."""
    return field_type(recipe.kind)(recipe, facts).eval()
