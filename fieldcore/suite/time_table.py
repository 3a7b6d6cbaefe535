"""Tables of the time until a target is reached; what never reached it is counted, and never dropped."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .store import Store


@dataclass(frozen=True)
class Time:
    """One training's time to one target.

    Attributes:
        type, variant: of the run.
        variance, metric, target: see ``Goal``; a metric of ``evaluation`` is the time of one whole evaluation.
        seconds: infinite where the cap came before.
    """

    type: str
    variant: str
    variance: float
    metric: str
    target: float
    seconds: float


@dataclass(frozen=True)
class TimeCell:
    """The times of a variant to a target.

    Attributes:
        median: in seconds; None where half or more never reached it.
        reached, of: how many did, and how many there are.
        cap: in words.
    """

    median: float | None
    reached: int
    of: int
    cap: str

    @property
    def text(self) -> str:
        """For people."""
        if not self.of:
            return "-"
        known = f"> {self.cap}" if self.median is None else f"{self.median:.3g}"
        return known if self.reached == self.of else f"{known} ({self.reached} of {self.of})"


@dataclass(frozen=True)
class TimeTable:
    """Medians of the times to each target, by variant.

    Attributes:
        type: of the signals.
        rows, columns: targets and variants.
        cells: by row and column.
        notes: what a reader must know, one sentence each.
    """

    type: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], TimeCell]
    notes: tuple[str, ...]

    @property
    def head(self) -> list[str]:
        """Titles of all columns, that of the rows' names first."""
        return ["target", *self.columns]


def times(store: Store) -> list[Time]:
    """All that are known. Raises InputError if a result is damaged."""
    found = []
    for run in store.resolved.runs:
        result = store.run_folder(run.key).read_result() or {}
        for entry in result.get("times", ()):
            seconds = math.inf if entry["seconds"] is None else float(entry["seconds"])
            goal = (float(entry["variance"]), entry["metric"], float(entry["target"]))
            found.append(Time(run.type, run.variant, *goal, seconds))
        for variance, seconds in result.get("evaluation_seconds", {}).items():
            found.append(Time(run.type, run.variant, float(variance), EVALUATION, 0.0, float(seconds)))
    return found


EVALUATION, ONE_EVALUATION = "evaluation", "one evaluation"


def time_tables(store: Store) -> list[TimeTable]:
    """One for each type of signal."""
    from .table import table_notes

    found, plan = times(store), store.resolved.plan
    cap = f"{plan.stop.seconds:g} s" if plan.stop.seconds is not None else f"{plan.stop.steps} steps"
    columns = tuple(variant.name for variant in plan.variants)
    made = []
    for type in store.resolved.metrics:
        mine = sorted((one for one in found if one.type == type), key=_order)
        rows = tuple(dict.fromkeys(map(row_name, mine)))
        cells = {
            (row, column): _cell([one.seconds for one in mine if (row_name(one), one.variant) == (row, column)], cap)
            for row in rows
            for column in columns
        }
        made.append(TimeTable(type, rows, columns, cells, table_notes(store, type)))
    return made


def row_name(one: Time) -> str:
    """What a target is called."""
    if one.metric == EVALUATION:
        return f"{ONE_EVALUATION} at variance {one.variance:g}"
    return f"{one.metric} {one.target:g} at variance {one.variance:g}"


def _order(one: Time) -> tuple[bool, float, str, float]:
    easiest_first = one.target if one.metric == "psnr" else -one.target
    return one.metric == EVALUATION, one.variance, one.metric, easiest_first


def _cell(seconds: Sequence[float], cap: str) -> TimeCell:
    reached = sum(map(math.isfinite, seconds))
    median = statistics.median_high(seconds) if seconds else math.inf
    return TimeCell(median if math.isfinite(median) else None, reached, len(seconds), cap)
