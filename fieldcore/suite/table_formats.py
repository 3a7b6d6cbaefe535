"""Tables of results as text: Markdown, CSV, LaTeX and JSON, by name in ``FORMATS``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from .statistics import Difference
from .table import Table

_CSV_COLUMNS = (
    *("type", "metric", "row", "column", "mean", "deviation_over_seeds", "complete_signals", "signals"),
    *("difference", "low", "high", "p", "holm_p", "star"),
)
_LATEX_ESCAPES = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_LEGEND = (
    "mean over the signals ± standard deviation of that mean over the seeds; (n of N): n of N signals have all their "
    "values, of the others those that there are count"
)
_LEGEND_OF_DIFFERENCES = (
    "[...]: 95 % interval of the difference to {baseline}, a paired bootstrap over the signals; *: it leaves out 0 "
    "after Holm's correction over the variants"
)


def markdown(tables: Sequence[Table]) -> str:
    """For people and pages."""
    parts = []
    for table in tables:
        head = [table.row_title, *table.columns]
        lines = [_title(table), "", _row(head), _row(["---"] * len(head))]
        lines += [_row([row, *(_text(table, row, column) for column in table.columns)]) for row in table.rows]
        parts.append("\n".join([*lines, "", *(f"* {sentence}" for sentence in _sentences(table))]))
    return "\n\n".join(parts) + "\n"


def as_csv(tables: Sequence[Table]) -> str:
    """A line a cell, for programs."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for table in tables:
        for (row, column), found in table.cells.items():
            difference = table.differences.get((row, column))
            numbers = (found.mean, found.deviation, found.complete, found.signals, *_of_difference(difference))
            written = ["" if number is None else f"{number:.8g}" for number in numbers]
            star = "" if difference is None else "yes" if difference.is_starred else "no"
            writer.writerow([table.type, table.metric, row, column, *written, star])
    return stream.getvalue()


def latex(tables: Sequence[Table]) -> str:
    """For papers: tabulars of the package booktabs."""
    parts = []
    for table in tables:
        lines = [r"\begin{tabular}{l" + "r" * len(table.columns) + "}", r"\toprule"]
        lines += [_latex_row([table.row_title, *table.columns]), r"\midrule"]
        for row in table.rows:
            cells = [_latex_cell(table, row, column) for column in table.columns]
            lines.append(" & ".join([_escaped(row), *cells]) + r" \\")
        lines += [r"\bottomrule", r"\end{tabular}"]
        comments = [f"% {sentence}" for sentence in (_title(table), *_sentences(table))]
        parts.append("\n".join([*comments, *lines]))
    return "\n\n".join(parts) + "\n"


def as_json(tables: Sequence[Table]) -> str:
    """Everything, for programs."""
    documents = []
    for table in tables:
        cells = [
            {
                "row": row,
                "column": column,
                **asdict(found),
                "difference": asdict(difference) if (difference := table.differences.get((row, column))) else None,
            }
            for (row, column), found in table.cells.items()
        ]
        names = ("type", "metric", "lower_is_better", "row_title", "column_title", "rows", "columns", "baseline")
        documents.append({**{name: getattr(table, name) for name in names}, "cells": cells, "notes": table.notes})
    return json.dumps(documents, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Table]], str]] = {
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


def _text(table: Table, row: str, column: str) -> str:
    found, difference = table.cells[row, column], table.differences.get((row, column))
    text = number_text(found.mean)
    if found.deviation is not None:
        text += f" ± {number_text(found.deviation)}"
    if found.complete < found.signals:
        text += f" ({found.complete} of {found.signals})"
    if difference is not None:
        text += f" [{_signed(difference.low)}, {_signed(difference.high)}]{'*' if difference.is_starred else ''}"
    return text


def _latex_cell(table: Table, row: str, column: str) -> str:
    found, difference = table.cells[row, column], table.differences.get((row, column))
    text = number_text(found.mean) if found.mean is not None else "--"
    if found.deviation is not None:
        text += rf" $\pm$ {number_text(found.deviation)}"
    if found.complete < found.signals:
        text += f" ({found.complete} of {found.signals})"
    return text + ("*" if difference is not None and difference.is_starred else "")


def _signed(value: float) -> str:
    text = number_text(abs(value))
    return f"{'-' if value < 0 else '+'}{text}"


def _of_difference(difference: Difference | None) -> tuple[float | None, ...]:
    if difference is None:
        return (None,) * 5
    return difference.mean, difference.low, difference.high, difference.p, difference.adjusted_p


def _title(table: Table) -> str:
    better = "lower is better" if table.lower_is_better else "higher is better"
    return f"{table.metric} of {table.type}s ({better}), {table.row_title} by {table.column_title}"


def _sentences(table: Table) -> list[str]:
    legend = [_LEGEND_OF_DIFFERENCES.format(baseline=table.baseline)] if table.differences else []
    return [_LEGEND, *legend, *table.notes]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_escaped, cells)) + r" \\"


def _escaped(text: str) -> str:
    return "".join(_LATEX_ESCAPES.get(character, character) for character in text)
