"""Settings of recipes as people write them: ``NAME=VALUE``, each value of the type that the recipe has."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

from .arguments import unknown_word
from .errors import InputError
from .recipe import Recipe

_SWITCH = {"yes": True, "no": False}
_OWN_OPTIONS = ("preset", "seed")
"""What is said otherwise."""


def parse_settings(recipe: type[Recipe], words: Sequence[str], what: str) -> dict[str, Any]:
    """The settings that words name.

    Args:
        recipe: of the kind that they are for.
        words: ``NAME=VALUE`` each.
        what: where they are given, for messages.

    Raises:
        InputError: no such setting, which names those there are, or a value of another type.

    Example:
        >>> from fieldcore import ScaleSpaceRecipe
        >>> parse_settings(ScaleSpaceRecipe, ["width=64", "damped_training=no"], "--set")
        {'width': 64, 'damped_training': False}
    """
    found = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise InputError(f"{what}: expected NAME=VALUE, got '{word}'")
        found[name.strip().replace("-", "_")] = setting_value(
            recipe, name.strip().replace("-", "_"), text.strip(), what
        )
    return found


def setting_value(recipe: type[Recipe], name: str, text: str, what: str) -> Any:
    """A setting's value, of the type that the recipe has; see ``parse_settings``."""
    names = [one.name for one in dataclasses.fields(recipe) if one.name not in _OWN_OPTIONS]
    if name not in names:
        raise unknown_word(what, name, names)
    hint = get_type_hints(recipe)[name]
    types = [hint, *get_args(hint)]
    if bool in types:
        if text not in _SWITCH:
            raise InputError(f"{what}: {name}: expected yes or no, got '{text}'")
        return _SWITCH[text]
    try:
        return next((kind(text) for kind in (int, float) if kind in types), text)
    except ValueError as error:
        expected = "a whole number" if int in types else "a number"
        raise InputError(f"{what}: {name}: expected {expected}, got '{text}'") from error
