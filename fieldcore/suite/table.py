"""Tables of results: what is averaged, and in which form it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import InputError
from .records import Record
from .statistics import Cell, Difference, Values, cell, differences, why_no_stars
from .store import Store

DIMENSIONS: Mapping[str, Callable[[Record], str]] = {
    "variance": lambda record: record.variance,
    "covariance": lambda record: record.filter,
    "signal": lambda record: record.signal,
    "variant": lambda record: record.variant,
    "seed": lambda record: str(record.seed),
}
"""What rows and columns may be."""


@dataclass(frozen=True)
class Table:
    """Means of one measure over signals of one type.

    Attributes:
        type, metric: see there.
        lower_is_better: whether it is an error.
        row_title, column_title: what rows and columns are.
        rows, columns: their names.
        cells: by row and column.
        differences: to the baseline's column, by row and column; empty where the columns are no variants.
        baseline: its column; empty where there is none.
        notes: what a reader must know, one sentence each.
    """

    type: str
    metric: str
    lower_is_better: bool
    row_title: str
    column_title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    differences: Mapping[tuple[str, str], Difference]
    baseline: str
    notes: tuple[str, ...]

    @property
    def head(self) -> list[str]:
        """Titles of all columns, that of the rows' names first."""
        return [self.row_title, *self.columns]


def tables(
    store: Store, records: Sequence[Record], rows: str = "variance", columns: str = "variant", metric: str | None = None
) -> list[Table]:
    """One table for each type of signal.

    Args:
        store: the results, which say what the baseline is.
        records: their values.
        rows, columns: two of ``DIMENSIONS``.
        metric: a measure; by default each type's own.

    Raises:
        InputError: no type of signal has such a measure, or rows and columns are the same.
    """
    if rows == columns:
        raise InputError(f"--rows, --columns: expected two that differ, got {rows} twice")
    known = store.resolved.metrics
    wanted = {type: metric or names[0] for type, names in known.items() if metric is None or metric in names}
    if not wanted:
        everything = dict.fromkeys(name for names in known.values() for name in names)
        raise InputError(f"--metric: expected one of {', '.join(everything)}, got '{metric}'")
    return [
        _table(store, _chosen(records, type, name, rows, columns), type, name, rows, columns)
        for type, name in wanted.items()
    ]


def _chosen(records: Sequence[Record], type: str, metric: str, rows: str, columns: str) -> list[Record]:
    """Those of a table; variances and covariances are not mixed unless they are told apart."""
    found = [one for one in records if one.type == type and one.metric == metric]
    shown = {rows, columns}
    if "covariance" in shown:
        return [one for one in found if one.is_covariance]
    return found if "variance" in shown else [one for one in found if not one.is_covariance]


def _table(store: Store, found: Sequence[Record], type: str, metric: str, rows: str, columns: str) -> Table:
    row_of, column_of = DIMENSIONS[rows], DIMENSIONS[columns]
    row_names = tuple(dict.fromkeys(row_of(one) for one in found))
    column_names = tuple(dict.fromkeys(column_of(one) for one in found))
    values = {
        (row, column): _values([one for one in found if row_of(one) == row and column_of(one) == column])
        for row in row_names
        for column in column_names
    }
    baseline = store.resolved.plan.baseline if columns == "variant" else ""
    baseline = baseline if baseline in column_names else ""
    return Table(
        type=type,
        metric=metric,
        lower_is_better=metric in store.resolved.lower_is_better,
        row_title=rows,
        column_title=columns,
        rows=row_names,
        columns=column_names,
        cells={place: cell(one) for place, one in values.items()},
        differences=_differences(values, row_names, column_names, baseline) if baseline else {},
        baseline=baseline,
        notes=table_notes(store, type, list(values.values()), baseline),
    )


def _differences(
    values: Mapping[tuple[str, str], Values], rows: Sequence[str], columns: Sequence[str], baseline: str
) -> dict[tuple[str, str], Difference]:
    """Those of each row, corrected over its variants."""
    found = {}
    for row in rows:
        others = {column: values[row, column] for column in columns if column != baseline}
        for column, difference in differences(values[row, baseline], others).items():
            found[row, column] = difference
    return found


def _values(found: Sequence[Record]) -> Values:
    values: dict[tuple[str, int], list[float | None]] = {}
    for one in found:
        values.setdefault((one.signal, one.seed), []).append(one.value)
    return values


def table_notes(store: Store, type: str, values: Sequence[Values] = (), baseline: str = "") -> tuple[str, ...]:
    """What a reader must know of the results of a type of signal, one sentence each."""
    plan = store.resolved.plan
    runs = [run for run in store.resolved.runs if run.type == type]
    states = [store.state(run.key) for run in runs]
    notes = [plan.about] if plan.about else []
    if missing := len(runs) - states.count("done"):
        failed = states.count("failed")
        notes.append(f"{missing} of {len(runs)} runs have no result, {failed} of them because they failed")
    if baseline and (why := why_no_stars({key: () for one in values for key in one})):
        notes.append(why)
    if plan.is_timed:
        notes.append(f"the budget is one of time, so the values depend on the machine: {_machines(store)}")
    return tuple(notes)


def _machines(store: Store) -> str:
    """The machines that results are from, and how busy they were."""
    found: dict[str, list[float]] = {}
    for run in store.resolved.runs:
        facts = store.run_folder(run.key).read_machine()
        if "machine" in facts:
            found.setdefault(str(facts["machine"]), []).append(float(facts.get("load") or 0.0))
    if not found:
        return "no run is done"
    return "; ".join(f"{name}, load {min(loads):g} to {max(loads):g}" for name, loads in found.items())
