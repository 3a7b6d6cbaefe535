"""The entries of a path's JSON, checked one by one; every message names the entry, as in ``keyframes[2].time``."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError


def check_entries(entries: Any, where: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """Raise InputError unless ``entries`` is an object with all that is required and nothing unknown."""
    prefix = f"{where}: " if where else ""
    if not isinstance(entries, dict):
        raise InputError(f"{prefix}expected an object in braces, got {shown(entries)}")
    known = (*required, *optional)
    unknown = [name for name in entries if name not in known]
    if unknown:
        raise InputError(f"{prefix}unknown entry '{unknown[0]}'; the entries are {', '.join(known)}")
    missing = [name for name in required if name not in entries]
    if missing:
        raise InputError(f"{prefix}entry '{missing[0]}' is missing")


def number(
    value: Any, where: str, least: float = -math.inf, most: float = math.inf, *, above: float = -math.inf
) -> float:
    """A finite number within bounds, or InputError."""
    if not isinstance(value, float) or not math.isfinite(value) or not least <= value <= most or value <= above:
        bounds = [f"more than {above:g}"] * (above > -math.inf)
        bounds += [f"at least {least:g}"] * (least > -math.inf) + [f"at most {most:g}"] * (most < math.inf)
        expected = ", ".join(["a finite number", *bounds])
        raise InputError(f"{where}: expected {expected}, got {shown(value)}")
    return value


def whole_number(value: Any, where: str, least: int, most: int) -> int:
    """A whole number within bounds, or InputError."""
    if not isinstance(value, float) or not value.is_integer() or not least <= value <= most:
        raise InputError(f"{where}: expected a whole number from {least} to {most}, got {shown(value)}")
    return int(value)


def numbers(value: Any, where: str, count: int) -> tuple[float, ...]:
    """A list of finite numbers, or InputError."""
    if not isinstance(value, list) or len(value) != count:
        raise InputError(f"{where}: expected a list of {count} numbers, got {shown(value)}")
    return tuple(number(entry, f"{where}[{index}]") for index, entry in enumerate(value))


def flag(value: Any, where: str) -> bool:
    """True or false, or InputError."""
    if not isinstance(value, bool):
        raise InputError(f"{where}: expected true or false, got {shown(value)}")
    return value


def text(value: Any, where: str, expected: str) -> str:
    """Some text that a file may have for a name, or InputError, which says what was ``expected``."""
    if not isinstance(value, str) or not value or not _may_be_a_name(value):
        raise InputError(f"{where}: expected {expected}, got {shown(value)}")
    return value


def _may_be_a_name(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold
        return False


def one_of(value: Any, where: str, names: tuple[str, ...]) -> Any:
    """One of some names, or InputError."""
    if value not in names:
        expected = ", ".join(f'"{name}"' for name in names)
        raise InputError(f"{where}: expected one of {expected}, got {shown(value)}")
    return value


def shown(value: Any) -> str:
    """A value as messages quote it."""
    quoted = f"{value:g}" if isinstance(value, float) else json.dumps(value)
    return quoted if len(quoted) <= 60 else quoted[:57] + "..."


def relative_to(folder: Path, file: Path) -> str:
    """How a path in ``folder`` names ``file``."""
    # Folders may be links, and ".." leads out of what a link points to.
    file, folder = file.parent.resolve() / file.name, folder.resolve()
    try:
        return os.path.relpath(file, folder)
    except ValueError:  # another drive of Windows
        return str(file)
