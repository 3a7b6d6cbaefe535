"""Tables of results as text: Markdown, CSV, LaTeX and JSON, by name in ``FORMATS``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .table import Table
from .time_table import TimeTable

_LATEX_ESCAPES = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_LEGEND = (
    "mean over the signals ± standard deviation of that mean over the seeds; (n of N): n of N signals have all their "
    "values, of the others those that there are count"
)
_LEGEND_OF_TIMES = (
    "median over signals and seeds, of which (n of N) reached it; '> cap' where half of them did not; the last rows "
    "are seconds of one whole evaluation"
)
_LEGEND_OF_DIFFERENCES = (
    "[...]: 95 % interval of the difference to {baseline}, a paired bootstrap over the signals (of one signal the "
    "difference itself); *: it leaves out 0 after Holm's correction over the variants"
)


def markdown(tables: Sequence[Table | TimeTable]) -> str:
    """For people and pages."""
    parts = []
    for table in tables:
        lines = [_title(table), "", _row(table.head), _row(["---"] * len(table.head))]
        lines += [_row([row, *(_text(table, row, column) for column in table.columns)]) for row in table.rows]
        parts.append("\n".join([*lines, "", *(f"* {sentence}" for sentence in _sentences(table))]))
    return "\n\n".join(parts) + "\n"


def as_csv(tables: Sequence[Table | TimeTable]) -> str:
    """A line a cell, for programs."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    entries = [entry for table in tables for entry in _entries(table)]
    names = list(dict.fromkeys(name for entry in entries for name in entry))
    writer.writerow(names)
    writer.writerows([[_csv_text(entry.get(name)) for name in names] for entry in entries])
    return stream.getvalue()


def latex(tables: Sequence[Table | TimeTable]) -> str:
    """For papers: tabulars of the package booktabs."""
    parts = []
    for table in tables:
        lines = [r"\begin{tabular}{l" + "r" * len(table.columns) + "}", r"\toprule"]
        lines += [_latex_row(table.head), r"\midrule"]
        for row in table.rows:
            cells = [_latex_cell(table, row, column) for column in table.columns]
            lines.append(" & ".join([_escaped(row), *cells]) + r" \\")
        lines += [r"\bottomrule", r"\end{tabular}"]
        comments = [f"% {sentence}" for sentence in (_title(table), *_sentences(table))]
        parts.append("\n".join([*comments, *lines]))
    return "\n\n".join(parts) + "\n"


def as_json(tables: Sequence[Table | TimeTable]) -> str:
    """Everything, for programs."""
    documents = []
    for table in tables:
        about = {"title": _title(table), "type": table.type, "rows": table.rows, "columns": table.columns}
        about["baseline"] = "" if isinstance(table, TimeTable) else table.baseline
        documents.append({**about, "cells": list(_entries(table)), "notes": _sentences(table)})
    return json.dumps(documents, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Table | TimeTable]], str]] = {
    "markdown": markdown,
    "csv": as_csv,
    "latex": latex,
    "json": as_json,
}
"""Every format by its name."""


def number_text(value: float | None) -> str:
    """A mean with as many digits as are of use; a dash where there is none."""
    if value is None:
        return "-"
    if abs(value) >= 1:
        return f"{value:.2f}"
    return f"{value:.4f}" if abs(value) >= 1e-2 else f"{value:.2g}"


def _text(table: Table | TimeTable, row: str, column: str) -> str:
    if isinstance(table, TimeTable):
        return table.cells[row, column].text
    found, difference = table.cells[row, column], table.differences.get((row, column))
    text = number_text(found.mean)
    if found.deviation is not None:
        text += f" ± {number_text(found.deviation)}"
    if found.complete < found.signals:
        text += f" ({found.complete} of {found.signals})"
    if difference is not None:
        ends = [difference.low, difference.high] if difference.signals > 1 else [difference.mean]
        text += f" [{', '.join(map(_signed, ends))}]{'*' if difference.is_starred else ''}"
    return text


def _latex_cell(table: Table | TimeTable, row: str, column: str) -> str:
    if isinstance(table, TimeTable):
        return table.cells[row, column].text.replace(">", "$>$")
    found, difference = table.cells[row, column], table.differences.get((row, column))
    text = number_text(found.mean) if found.mean is not None else "--"
    if found.deviation is not None:
        text += rf" $\pm$ {number_text(found.deviation)}"
    if found.complete < found.signals:
        text += f" ({found.complete} of {found.signals})"
    return text + ("*" if difference is not None and difference.is_starred else "")


def _entries(table: Table | TimeTable) -> Iterator[dict[str, Any]]:
    """A cell each, as plain values."""
    if isinstance(table, TimeTable):
        for (row, column), times in table.cells.items():
            yield {"type": table.type, "row": row, "column": column, **asdict(times)}
        return
    for (row, column), found in table.cells.items():
        difference = table.differences.get((row, column))
        names = {"mean": "difference", "low": "low", "high": "high", "p": "p", "adjusted_p": "holm_p"}
        yield {
            **{"type": table.type, "metric": table.metric, "row": row, "column": column},
            **{"mean": found.mean, "deviation_over_seeds": found.deviation},
            **{"complete_signals": found.complete, "signals": found.signals},
            **{new: getattr(difference, old) if difference else None for old, new in names.items()},
            "star": difference.is_starred if difference else None,
        }


def _csv_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:.8g}" if isinstance(value, (int, float)) else str(value)


def _signed(value: float) -> str:
    text = number_text(abs(value))
    return f"{'-' if value < 0 else '+'}{text}"


def _title(table: Table | TimeTable) -> str:
    if isinstance(table, TimeTable):
        return f"training seconds until a target is reached, {table.type}s, median"
    better = "lower is better" if table.lower_is_better else "higher is better"
    return f"{table.metric} of {table.type}s ({better}), {table.row_title} by {table.column_title}"


def _sentences(table: Table | TimeTable) -> list[str]:
    if isinstance(table, TimeTable):
        return [_LEGEND_OF_TIMES, *table.notes]
    legend = [_LEGEND_OF_DIFFERENCES.format(baseline=table.baseline)] if table.differences else []
    return [_LEGEND, *legend, *table.notes]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_escaped, cells)) + r" \\"


def _escaped(text: str) -> str:
    return "".join(_LATEX_ESCAPES.get(character, character) for character in text)
