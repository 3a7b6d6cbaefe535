"""What ``--report`` writes of a path: figures of each frame, which scenes measure, and their means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .running_report import RunningReport

REPORT_NAME = "report.json"
VERSION = 1

Figures = Mapping[str, Any]
"""Numbers by name, None where one is not known; or by the name of a pass the same again."""


@dataclass(frozen=True)
class ReportFormat:
    """What a scene's reports are.

    Attributes:
        name: their ``format``.
        printed_as: the entry of what ``--json`` prints that holds the means.
        digits: after the point, to which figures are rounded; None for all.
    """

    name: str
    printed_as: str = "means"
    digits: int | None = None


class Report(RunningReport):
    """A ``report.json`` that is valid at any moment.

    Args:
        folder: it is written into.
        of: what it is.
        origin: what all frames have in common, as plain JSON values.

    Raises:
        InputError: the file cannot be written or the disk is full (each method).
    """

    def __init__(self, folder: Path, of: ReportFormat, origin: dict[str, Any]) -> None:
        self._digits, self._figures = of.digits, list[Figures]()
        head = {"format": of.name, "version": VERSION}
        super().__init__(
            folder / REPORT_NAME, lambda state: {**head, "state": state, **origin, "means": self.rounded(self.means)}
        )

    @property
    def means(self) -> dict[str, Any]:
        """Of each figure over the frames that have it; None where none has."""
        return _means(self._figures)

    def describe(self, entry: dict[str, Any], figures: Figures) -> None:
        """Add the next frame.

        Args:
            entry: all that is said of it, in plain JSON values.
            figures: what means are taken of.
        """
        self._figures.append(figures)
        self.add(entry)

    def rounded(self, figures: Figures) -> dict[str, Any]:
        """The figures to as many digits as the report has."""
        return {name: self._rounded(value) for name, value in figures.items()}

    def _rounded(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.rounded(value)
        return value if value is None or self._digits is None else round(value, self._digits)


def means_text(means: Figures) -> str:
    """A table of means for people, with a line break at its end; empty where there are none."""
    lines = [f"{name:14}{_shown(value):>14}" for name, value in means.items() if not isinstance(value, Mapping)]
    columns: tuple[str, ...] = ()
    for name, row in means.items():
        if isinstance(row, Mapping):
            if tuple(row) != columns:
                columns = tuple(row)
                lines.append(" " * 14 + "".join(f"{column:>14}" for column in columns))
            lines.append(f"{name:14}" + "".join(f"{_shown(value):>14}" for value in row.values()))
    return "\n".join([*lines, ""]) if lines else ""


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def _means(figures: Sequence[Figures]) -> dict[str, Any]:
    names = dict.fromkeys(name for of_frame in figures for name in of_frame)
    return {name: _mean([of_frame[name] for of_frame in figures if name in of_frame]) for name in names}


def _mean(values: Sequence[Any]) -> Any:
    if isinstance(values[0], Mapping):
        return _means(values)
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None
