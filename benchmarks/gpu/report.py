"""The report: what each part found or why it found nothing, written anew after every part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["measured", "failed", "out of time", "skipped"]


@dataclass(frozen=True)
class Entry:
    """A part of the report.

    Attributes:
        title: for people.
        outcome: what became of it.
        seconds: that it took.
        figures: by name, nested; of what was measured.
        reason: why there are none.
    """

    title: str
    outcome: Outcome
    seconds: float
    figures: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass
class Report:
    """All that is known so far.

    Attributes:
        machine: facts of it, by name.
        entries: by the name of the part.
    """

    machine: dict[str, str]
    entries: dict[str, Entry] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write ``gpu-report.json`` and ``gpu-report.md``, each whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        parts = {name: asdict(entry) for name, entry in self.entries.items()}
        texts = {
            "gpu-report.json": json.dumps({"machine": self.machine, "parts": parts}, indent=2) + "\n",
            "gpu-report.md": self.markdown(),
        }
        for name, text in texts.items():
            unfinished = folder / f".{name}"
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(folder / name)

    def markdown(self) -> str:
        """For people."""
        lines = ["# A machine with CUDA", "", *(f"* {name}: {value}" for name, value in self.machine.items()), ""]
        for entry in self.entries.values():
            lines += [f"## {entry.title}", "", f"{entry.outcome}, {entry.seconds:.0f} s", ""]
            if entry.reason:
                lines += [entry.reason, ""]
            rows = list(_rows(entry.figures))
            if rows:
                lines += ["| what | figure |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
        return "\n".join(lines)


def _rows(figures: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        full = f"{before}: {name}" if before else name
        if isinstance(value, dict):
            yield from _rows(value, full)
        else:
            yield full.replace("|", "\\|"), f"{value:.4g}" if isinstance(value, float) else str(value)
