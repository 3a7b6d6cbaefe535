"""Fields: networks that can be asked for their smoothed selves, one file a kind, by name in ``KINDS``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import InputError
from ..registry import Registry, lazy_names

if TYPE_CHECKING:
    from ..recipe import Recipe
    from ..signals import SignalFacts
    from .coordinate import Coordinate
    from .field import Field
    from .integral import Integral
    from .pyramid import Pyramid
    from .radiance import Radiance
    from .relight import Relight
    from .scale_space import ScaleSpace
    from .spectral import Spectral
    from .surface import Surface
    from .trained_pyramid import TrainedPyramid

KINDS: Registry[type[Field]] = Registry(
    "kind",
    {
        "pyramid": "fieldcore.fields.pyramid:Pyramid",
        "trained_pyramid": "fieldcore.fields.trained_pyramid:TrainedPyramid",
        "integral": "fieldcore.fields.integral:Integral",
        "spectral": "fieldcore.fields.spectral:Spectral",
        "scale_space": "fieldcore.fields.scale_space:ScaleSpace",
        "coordinate": "fieldcore.fields.coordinate:Coordinate",
        "relight": "fieldcore.fields.relight:Relight",
        "radiance": "fieldcore.fields.radiance:Radiance",
        "surface": "fieldcore.fields.surface:Surface",
    },
)
"""Every kind of field by its name; the one place where a new kind is entered."""

_MODULES = {
    "Coordinate": "coordinate",
    "Field": "field",
    "Integral": "integral",
    "Pyramid": "pyramid",
    "Radiance": "radiance",
    "Relight": "relight",
    "ScaleSpace": "scale_space",
    "Spectral": "spectral",
    "Surface": "surface",
    "TrainedPyramid": "trained_pyramid",
}

__all__ = [
    "KINDS",
    "Coordinate",
    "Field",
    "Integral",
    "Pyramid",
    "Radiance",
    "Relight",
    "ScaleSpace",
    "Spectral",
    "Surface",
    "TrainedPyramid",
    "build_field",
    "default_preset",
    "field_type",
    "kinds_for",
    "preset_recipe",
]


if not TYPE_CHECKING:  # else type checkers would take any name for granted
    __getattr__ = lazy_names(__name__, _MODULES)


def field_type(kind: str) -> type[Field]:
    """The class of the kind of that name. Raises InputError naming the kinds there are.

    Example:
        >>> field_type("spectral").__name__
        'Spectral'
    """
    return KINDS.named(kind)


def kinds_for(dim: int) -> tuple[str, ...]:
    """The kinds that take signals of so many coordinates.

    Example:
        >>> "pyramid" in kinds_for(2), "relight" in kinds_for(2)
        (True, False)
    """
    return tuple(kind for kind in KINDS if dim in KINDS[kind].dims and KINDS[kind].takes_signals)


def default_preset(kind: str, signal_type: str) -> str:
    """The preset to take where none is asked for: the one named after the type of signal, else the first.

    Example:
        >>> default_preset("spectral", "picture")
        'preview'
    """
    presets = field_type(kind).presets
    return signal_type if signal_type in presets else next(iter(presets))


def preset_recipe(kind: str, preset: str, facts: SignalFacts, *, seed: int = 0, steps: int | None = None) -> Recipe:
    """The recipe of that name, with what the kind changes for this type of signal.

    Raises:
        InputError: no such kind, or it has no such preset.

    Example:
        >>> from fieldcore import Ackley
        >>> preset_recipe("spectral", "preview", Ackley().facts, steps=10).steps
        10
    """
    field = field_type(kind)
    if preset not in field.presets:
        raise InputError(f"preset: a {kind} field has {', '.join(field.presets)}, got '{preset}'")
    suited = replace(field.presets[preset], **field.suited.get((preset, facts.type), {}))
    recipe: Recipe = suited.for_signal(facts)
    return replace(recipe, seed=seed, steps=recipe.steps if steps is None else steps)


def build_field(recipe: Recipe, facts: SignalFacts) -> Field:
    """An untrained field after ``recipe`` for a signal with these facts, in evaluation mode.

    Its first weights come from the recipe's seed: PyTorch's own random stream is left as it was.

    Raises:
        InputError: the kind does not take signals with so many coordinates.

    Example:
        >>> from fieldcore import Ackley, SpectralRecipe
        >>> build_field(SpectralRecipe(width=16), Ackley().facts).parameter_count
        833
    """
    import torch

    with torch.random.fork_rng(devices=[]):  # a kind may draw from it all the same
        return field_type(recipe.kind).built(recipe, facts).eval()
