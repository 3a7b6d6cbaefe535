"""Files of plans: JSON that is checked like recipes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..fitting import Stop
from ..samples import shipped_plans
from ..validation import dataclass_from_json
from .plan import FORMAT, MOST_SEEDS, VERSION, Measure, Plan, SignalEntry, Variant
from .targets import Targets

_LARGEST_FILE = 1 << 24


def find_plan(name: str) -> Path:
    """The file of a plan: a shipped one by its name, or a path.

    Raises:
        InputError: there is none.

    Example:
        >>> find_plan("laptop").name
        'laptop.json'
    """
    path, shipped = Path(name), shipped_plans()
    if path.is_file():
        return path
    if name in shipped:
        return shipped[name]
    if path.is_dir():
        raise InputError(f"plan '{name}': that is a folder; give a plan's file")
    raise InputError(f"plan '{name}': no such file; the plans that come with the program are {', '.join(shipped)}")


def read_plan(path: str | Path) -> Plan:
    """Read a plan.

    Raises:
        InputError: no such file, no plan, of a newer version, or an entry that no plan has.

    Example:
        >>> read_plan(find_plan("laptop")).name
        'laptop'
    """
    path = Path(path)
    return plan_from_json(read_json(path, "plan"), f"plan '{path}'")


def plan_from_json(document: Any, what: str) -> Plan:
    """A plan of what its file holds. Raises InputError, which begins with ``what``."""
    values = check_format(document, FORMAT, VERSION, what)
    for name, read in _NESTED.items():
        if values.get(name) is not None:
            values[name] = read(values[name], f"{what}: {name}")
    return _from_json(Plan, values, what)


def check_format(document: Any, format: str, version: int, what: str) -> dict[str, Any]:
    """The entries of a document without its format and version. Raises InputError for another format or version."""
    if not isinstance(document, dict) or document.get("format") != format:
        got = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise InputError(f"{what}: expected the format '{format}', got {got!r}")
    found = document.get("version")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise InputError(f"{what}: version: expected {version}, got {found!r}")
    if found > version:
        raise InputError(f"{what}: it is of version {found}, this program reads {version}; update the program")
    return {name: value for name, value in document.items() if name not in ("format", "version")}


def read_json(path: Path, what: str) -> Any:
    """What a JSON file holds. Raises InputError if there is none, or it is broken."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{what} '{path}': too large ({path.stat().st_size >> 20} MB)")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{what} '{path}': {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} '{path}': it is no JSON ({error})") from error


def _from_json(type: Any, values: Any, what: str) -> Any:
    """As ``dataclass_from_json``, where every entry that has a default may be left out."""
    if not isinstance(values, dict):
        raise InputError(f"{what}: expected entries by name, got {values!r}")
    usual = {}
    for one in dataclasses.fields(type):
        if one.default is not dataclasses.MISSING:
            usual[one.name] = one.default
        elif one.default_factory is not dataclasses.MISSING:
            usual[one.name] = one.default_factory()
    return dataclass_from_json(type, {**usual, **values}, what)


def _listed(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def all_of(values: Any, what: str) -> tuple[Any, ...]:
        if not isinstance(values, (list, tuple)):
            raise InputError(f"{what}: expected a list, got {values!r}")
        return tuple(read(value, f"{what}[{number}]") for number, value in enumerate(values))

    return all_of


def _signal(value: Any, what: str) -> SignalEntry:
    entry: SignalEntry = _from_json(SignalEntry, {"source": value} if isinstance(value, str) else value, what)
    return entry


def _seeds(value: Any, what: str) -> Any:
    """A list, or how many: 3 is 0, 1 and 2."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if not 1 <= value <= MOST_SEEDS:
        raise InputError(f"{what}: expected 1 to {MOST_SEEDS}, or a list of seeds, got {value}")
    return tuple(range(value))


_NESTED: Mapping[str, Callable[[Any, str], Any]] = {
    "signals": _listed(_signal),
    "variants": _listed(lambda value, what: _from_json(Variant, value, what)),
    "seeds": _seeds,
    "stop": lambda value, what: _from_json(Stop, value, what),
    "measure": lambda value, what: _from_json(Measure, value, what),
    "time_to_quality": lambda value, what: _from_json(Targets, value, what),
}


def with_signals(plan: Plan, sources: Sequence[str]) -> Plan:
    """The plan on other signals."""
    return dataclasses.replace(plan, signals=tuple(SignalEntry(source=source) for source in sources))
