"""Statistics of results: means over signals, deviations over seeds, and paired differences with Holm's correction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

RESAMPLES = 10_000
LEVEL = 0.05
LEAST_SIGNALS, LEAST_SEEDS = 5, 2

Values = Mapping[tuple[str, int], Sequence[float | None]]
"""By signal and seed, the values of every filter that is averaged over; None where one is missing."""


@dataclass(frozen=True)
class Cell:
    """What a variant reaches.

    Attributes:
        mean: over the signals, of the means of their known values; None where none is known.
        deviation: of the mean over the seeds, of the signals that have a value from each; None with fewer than two.
        complete: signals of which every value is known.
        signals: all of them.
    """

    mean: float | None
    deviation: float | None
    complete: int
    signals: int


@dataclass(frozen=True)
class Difference:
    """How a variant differs from the baseline on the same signals.

    Attributes:
        mean: over the signals that both have.
        signals: how many these are.
        low, high: ends of the bootstrap's 95 % interval of that mean.
        p: twice the share of resamples on the other side of 0.
        adjusted_p: after Holm's correction over the variants.
        is_starred: whether it is below 0.05, and there are signals and seeds enough to say so.
    """

    mean: float
    signals: int
    low: float
    high: float
    p: float
    adjusted_p: float
    is_starred: bool


def cell(values: Values) -> Cell:
    """The mean of some values, and how sure it is.

    Example:
        >>> cell({("a", 0): [30.0], ("b", 0): [None]})
        Cell(mean=30.0, deviation=None, complete=1, signals=2)
    """
    signals, seeds = _ordered(values)
    each = {signal: [_mean(values.get((signal, seed), ())) for seed in seeds] for signal in signals}
    in_all = [of_seeds for of_seeds in each.values() if None not in of_seeds]  # else a seed would have other signals
    known = [mean for one in zip(*in_all, strict=True) if (mean := _mean(one)) is not None]
    deviation = float(np.std(known, ddof=1)) if len(known) > 1 else None
    complete = sum(all(None not in values.get((signal, seed), (None,)) for seed in seeds) for signal in signals)
    return Cell(_mean(list(signal_means(values).values())), deviation, complete, len(signals))


def signal_means(values: Values) -> dict[str, float | None]:
    """For each signal the mean over its seeds, of the means of their known values."""
    signals, seeds = _ordered(values)
    return {signal: _mean([_mean(values.get((signal, seed), ())) for seed in seeds]) for signal in signals}


def differences(baseline: Values, others: Mapping[str, Values], seed: int = 0) -> dict[str, Difference]:
    """How variants differ from a baseline, pairs of the same signal, seed and filter, by a bootstrap over the signals.

    Args:
        baseline: its values.
        others: those of the other variants, by name; one that shares no signal with the baseline is left out.
        seed: of the resampling.
    """
    found = {}
    for name, values in others.items():
        each = {place: _difference(mine, baseline.get(place, ())) for place, mine in values.items()}
        of_signals = signal_means({place: [one] for place, one in each.items()})
        both = [one for one in of_signals.values() if one is not None]
        if both:
            found[name] = both
    intervals = {name: _bootstrap(np.array(both), seed) for name, both in found.items()}
    adjusted = holm({name: interval[2] for name, interval in intervals.items()})
    return {
        name: Difference(
            float(np.mean(both)),
            len(both),
            *intervals[name],
            adjusted_p=adjusted[name],
            is_starred=adjusted[name] < LEVEL and not _too_few(len(both), len(_seeds(others[name]))),
        )
        for name, both in found.items()
    }


def _difference(mine: Sequence[float | None], theirs: Sequence[float | None]) -> float | None:
    """The mean difference over the filters that both have a value of, of the same signal and seed."""
    if len(mine) != len(theirs):
        return None
    pairs = zip(mine, theirs, strict=True)
    return _mean([None if one is None or other is None else one - other for one, other in pairs])


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """The p values of a family after Holm's step-down correction.

    Source: S. Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6(2),
    1979.

    Example:
        >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
        {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    adjusted: dict[str, float] = {}
    largest = 0.0
    for rank, (name, value) in enumerate(sorted(p.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, round((len(p) - rank) * value, 12)))
        adjusted[name] = largest
    return adjusted


def why_no_stars(values: Values) -> str:
    """Why no difference is starred; empty if there are signals and seeds enough."""
    signals, seeds = _ordered(values)
    return _too_few(len(signals), len(seeds))


def _too_few(signals: int, seeds: int) -> str:
    if signals < LEAST_SIGNALS:
        return f"no stars: of the signals there are {signals}, and at least {LEAST_SIGNALS} are needed"
    if seeds < LEAST_SEEDS:
        return f"no stars: of the seeds there are {seeds}, and at least {LEAST_SEEDS} are needed"
    return ""


def _bootstrap(both: Float[np.ndarray, "n"], seed: int) -> tuple[float, float, float]:
    """Ends of the 95 % percentile interval of the mean, and the p value whose tests these intervals are."""
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(both), (RESAMPLES, len(both)))
    means = both[chosen].mean(1)
    low, high = np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2])
    p = 2 * min(float((means <= 0).mean()), float((means >= 0).mean()))
    return float(low), float(high), min(p, 1.0)


def _ordered(values: Values) -> tuple[list[str], list[int]]:
    return list(dict.fromkeys(signal for signal, _ in values)), _seeds(values)


def _seeds(values: Values) -> list[int]:
    return sorted({seed for _, seed in values})


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return sum(known) / len(known) if known else None
