"""What commands share: options that most take, how results are printed, how a device is chosen."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import option
from ..errors import InputError

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True, kw_only=True)
class GeneralOptions:
    """What every command takes."""

    examples: ClassVar[tuple[str, ...]] = ()

    json: bool = option("Print one JSON object on standard output, also of an error.", default=False, group="general")
    quiet: bool = option("Print no progress and no notes.", default=False, short="q", group="general")

    def run(self) -> None:
        """Do what the command does. Raises InputError for what cannot be done."""
        raise NotImplementedError

    def print_result(self, result: dict[str, Any]) -> None:
        """Print a result: a line an entry, or one JSON object."""
        print(json_line(result) if self.json else as_text(result))


@dataclass(frozen=True, kw_only=True)
class ComputingOptions(GeneralOptions):
    """What every command takes that computes."""

    device: str = option(
        "Where to compute; auto takes CUDA where there is one.",
        default="auto",
        choices=lambda: DEVICES,
        group="general",
    )


def json_line(result: dict[str, Any]) -> str:
    """One JSON object; what is no number in JSON, such as NaN, is null."""
    return json.dumps(_plain(result))


def as_text(result: dict[str, Any]) -> str:
    """A line an entry; entries of entries are indented."""
    lines = []
    for name, value in result.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {entry}: {shown(content)}" for entry, content in value.items())]
        else:
            lines.append(f"{name}: {shown(value)}")
    return "\n".join(lines)


def shown(value: Any) -> str:
    """A value as text for people."""
    if isinstance(value, (tuple, list)):
        return " x ".join(map(str, value)) if value and all(type(item) is int for item in value) else _joined(value)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _joined(values: tuple[Any, ...] | list[Any]) -> str:
    return ", ".join(map(shown, values)) or "-"


def as_written(number: float) -> float:
    """A number that was kept in single precision, as it was written: 1e-4, not 9.999999747378752e-05."""
    return float(f"{number:.7g}")


def require_above_zero(options: object, *names: str) -> None:
    """Raise InputError naming the first flag whose number is 0, negative, NaN or infinite; None was not given."""
    for name in names:
        value = getattr(options, name)
        if value is not None and not 0 < value < math.inf:
            raise InputError(f"--{name.replace('_', '-')}: expected a number above 0, got {value}")


def require_between(flag: str, value: float | int | None, least: float | int, most: float | int) -> None:
    """Raise InputError if a number that was given is not from ``least`` to ``most``."""
    if value is not None and not least <= value <= most:
        raise InputError(f"{flag}: expected from {least} to {most}, got {shown(value)}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
