"""Checking values that come from a file against the types of the dataclass they belong to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_type_hints

from beartype import BeartypeConf
from beartype.door import is_bearable

from .errors import InputError

_INTEGERS_ARE_NUMBERS = BeartypeConf(is_pep484_tower=True)

Checked = TypeVar("Checked")

ADDED_LATER: Mapping[str, Any] = {"added_later": True}
"""``metadata`` of a dataclass field that older files do not have: where it is missing, its default is taken."""


def dataclass_from_json(dataclass_type: type[Checked], values: Any, what: str) -> Checked:
    """Build a frozen dataclass from JSON values, lists becoming tuples.

    Raises:
        InputError: starting with ``what``: unknown or missing entries, wrong types, NaN or infinite numbers, or
            whatever the dataclass itself refuses.
    """
    fields = dataclasses.fields(dataclass_type)  # type: ignore[arg-type]
    names = [field.name for field in fields]
    required = {field.name for field in fields if not field.metadata.get("added_later")}
    if not isinstance(values, dict):
        raise InputError(f"{what}: expected the entries {', '.join(names)}, got {values!r}")
    unknown, missing = sorted(values.keys() - set(names)), sorted(required - values.keys())
    if unknown or missing:
        wrong = f"unknown entry '{unknown[0]}'" if unknown else f"entry '{missing[0]}' is missing"
        raise InputError(f"{what}: {wrong}; the entries are {', '.join(names)}")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    hints = get_type_hints(dataclass_type)
    for name, value in values.items():
        _check(f"{what}: {name}", hints[name], value)
    values = {name: _with_floats(hints[name], value) for name, value in values.items()}
    try:
        return dataclass_type(**values)
    except InputError as error:
        raise InputError(f"{what}: {error}") from error


def _is_bearable(value: Any, hint: Any) -> bool:
    """Whether the type fits; of tuples of any length, that of every item, of which beartype looks at one."""
    if isinstance(value, tuple) and get_args(hint)[1:] == (...,):
        return all(is_bearable(item, get_args(hint)[0], conf=_INTEGERS_ARE_NUMBERS) for item in value)
    return bool(is_bearable(value, hint, conf=_INTEGERS_ARE_NUMBERS))


def _with_floats(hint: Any, value: Any) -> Any:
    """The value with whole numbers as floats where the type asks for these, as JSON does not tell them apart."""
    if type(value) is int and not is_bearable(value, hint):
        return float(value)
    if isinstance(value, dict) and len(get_args(hint)) == 2:
        return {name: _with_floats(get_args(hint)[1], entry) for name, entry in value.items()}
    if isinstance(value, list) and get_args(hint) == (float,):
        return [float(item) if type(item) is int else item for item in value]
    if isinstance(value, tuple) and get_args(hint) and get_args(hint)[0] is float:
        return tuple(float(item) if type(item) is int else item for item in value)
    return value


def _check(what: str, hint: Any, value: Any) -> None:
    wrong_bool = isinstance(value, bool) and hint is not bool  # bool is an int to Python
    if wrong_bool or not _is_bearable(value, hint):
        expected = getattr(hint, "__name__", "") if isinstance(hint, type) else ""
        raise InputError(f"{what}: expected {expected or str(hint).replace('typing.', '')}, got {value!r}")
    numbers = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        raise InputError(f"{what}: expected finite numbers, got {value}")
