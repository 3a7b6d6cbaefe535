"""Results as a list of single values, each with what it is of; a value that is missing is there as None."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .resolved import Run
from .store import Store

COVARIANCES = "covariances"
"""The row that the covariances share."""


@dataclass(frozen=True)
class Record:
    """One value.

    Attributes:
        type, signal, variant, seed: of the run.
        filter: the variance that the field was filtered by, as text, or the number of a covariance.
        is_covariance: whether it is the latter.
        metric: name of the measure.
        value: None where it is missing.
    """

    type: str
    signal: str
    variant: str
    seed: int
    filter: str
    is_covariance: bool
    metric: str
    value: float | None

    @property
    def variance(self) -> str:
        """The variance, or that it is one of the covariances."""
        return COVARIANCES if self.is_covariance else self.filter


def records(store: Store) -> list[Record]:
    """Every value that the plan asks for. Raises InputError if a result is damaged."""
    return [record for run in store.resolved.runs for record in _of_run(store, run)]


def _of_run(store: Store, run: Run) -> Iterator[Record]:
    result = store.run_folder(run.key).read_result()
    scores = {} if result is None else {_name(entry): entry["measures"] for entry in result["scores"]}
    wanted = [(f"{variance:g}", False) for variance in store.resolved.plan.measure.variances]
    wanted += [(str(number), True) for number in range(len(run.covariances))]
    for filter, is_covariance in wanted:
        measures = scores.get((filter, is_covariance), {})
        for metric in store.resolved.metrics[run.type]:
            value = measures.get(metric)
            yield Record(run.type, run.signal, run.variant, run.seed, filter, is_covariance, metric, value)


def _name(entry: dict[str, object]) -> tuple[str, bool]:
    if "covariance" in entry:
        return str(entry["covariance"]), True
    return f"{entry['variance']:g}", False
