"""Plots of results: quality over variance and over seconds, and each signal's."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..training_log import CURVE
from .records import COVARIANCES, Record
from .statistics import signal_means
from .store import Store
from .table import Table
from .time_table import ONE_EVALUATION, TimeTable, row_name, times

_AT_ZERO = 0.1
"""Where a variance of 0 is drawn on a logarithmic axis: as a share of the smallest other one."""


def variance_figure(records: Sequence[Record], table: Table) -> Figure:
    """Quality over variance: the mean over the signals, in a band from the 16th to the 84th percentile of them."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    variances = [row for row in table.rows if row != COVARIANCES]
    places = _places([float(row) for row in variances])
    for number, variant in enumerate(table.columns):
        each = [_of_signals(records, table, variance, variant) for variance in variances]
        known = [(place, values) for place, values in zip(places, each, strict=True) if values]
        if not known:
            continue
        x = [place for place, _ in known]
        low, high = (np.array([np.percentile(values, share) for _, values in known]) for share in (16, 84))
        axes.fill_between(x, low, high, color=f"C{number % 10}", alpha=0.2, linewidth=0)
        axes.plot(x, [np.mean(values) for _, values in known], "o-", color=f"C{number % 10}", label=variant)
    axes.set_xscale("log")
    axes.set_xticks(places, variances)
    axes.minorticks_off()
    _finish(axes, table, "variance, squared domain units")
    return figure


def seconds_figure(store: Store, type: str) -> Figure:
    """The unfiltered field's PSNR while it was trained, over seconds and over steps, a line a run."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    names = [variant.name for variant in store.resolved.plan.variants]
    seen: set[str] = set()
    for run in store.resolved.runs:
        curve = _curve(store.run_folder(run.key).path / CURVE)
        if run.type != type or not curve:
            continue
        label = "_" if run.variant in seen else run.variant
        seen.add(run.variant)
        look = {"color": f"C{names.index(run.variant) % 10}", "alpha": 0.7, "marker": "." if len(curve) < 3 else ""}
        psnrs = [psnr for _, _, psnr in curve]
        axes[0].plot([max(seconds, 1e-3) for _, seconds, _ in curve], psnrs, **look)
        axes[1].plot([step for step, _, _ in curve], psnrs, **look, label=label)
    axes[0].set(xlabel="seconds of training", ylabel="PSNR of the unfiltered field, dB", xscale="log")
    axes[1].set(xlabel="steps", xscale="log")
    for axis in axes:
        axis.grid(alpha=0.3)
    if seen:
        axes[1].legend(fontsize="small")
    figure.suptitle(f"{type}s", fontsize="medium")
    return figure


def signals_figure(records: Sequence[Record], table: Table) -> Figure:
    """A dot for each signal and variant, of the mean over the variances; lines join the same signal's."""
    figure = Figure(figsize=(max(4.0, 1.6 * len(table.columns)), 4.2), layout="constrained")
    axes = figure.subplots()
    found = [one for one in records if one.type == table.type and one.metric == table.metric and not one.is_covariance]
    means = [_means([one for one in found if one.variant == variant]) for variant in table.columns]
    signals = list(dict.fromkeys(one.signal for one in found))
    for number, signal in enumerate(signals):
        points = [(place, mean[signal]) for place, mean in enumerate(means) if mean.get(signal) is not None]
        axes.plot(
            *zip(*points, strict=True), "o-", color=f"C{number % 10}", alpha=0.8, label=signal
        ) if points else None
    axes.set_xticks(range(len(table.columns)), table.columns)
    axes.set_xlim(-0.5, len(table.columns) - 0.5)
    _finish(axes, table, "")
    return figure


def survival_figure(store: Store, table: TimeTable) -> Figure:
    """For each target the share of trainings that have not reached it yet, over seconds, a line a variant."""
    rows = [row for row in table.rows if not row.startswith(ONE_EVALUATION)]
    columns = min(4, max(1, len(rows)))
    lines = max(1, -(-len(rows) // columns))
    figure = Figure(figsize=(3.2 * columns, 2.6 * lines), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    found = [one for one in times(store) if one.type == table.type]
    last = max([one.seconds for one in found if math.isfinite(one.seconds)], default=1.0)
    for axis, row in zip(axes.flat, rows, strict=False):
        for number, variant in enumerate(table.columns):
            seconds = [one.seconds for one in found if row_name(one) == row and one.variant == variant]
            if seconds:
                axis.step(*_survival(seconds, last), where="post", color=f"C{number % 10}", label=variant)
        axis.set_title(row, fontsize="small")
        axis.grid(alpha=0.3)
    for axis in list(axes.flat)[len(rows) :]:
        axis.axis("off")
    axes[0][0].legend(fontsize="small")
    figure.supxlabel("seconds of training", fontsize="small")
    figure.supylabel("share not there yet", fontsize="small")
    return figure


def _survival(seconds: Sequence[float], last: float) -> tuple[list[float], list[float]]:
    """Times, and the share that is left from each on, up to the last time; the infinite ones are always left."""
    reached = sorted(one for one in seconds if math.isfinite(one))
    left = [1 - number / len(seconds) for number in range(len(reached) + 1)]
    return [0.0, *reached, last], [*left, left[-1]]


def _finish(axes: Axes, table: Table, xlabel: str) -> None:
    if table.metric in ("mse", "chamfer"):
        axes.set_yscale("log")
    better = "lower is better" if table.lower_is_better else "higher is better"
    axes.set(xlabel=xlabel, ylabel=f"{table.metric} ({better})", title=f"{table.type}s")
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize="small")


def _places(variances: Sequence[float]) -> list[float]:
    """On a logarithmic axis, with a place for 0."""
    above = min((variance for variance in variances if variance > 0), default=1.0)
    return [variance if variance > 0 else _AT_ZERO * above for variance in variances]


def _of_signals(records: Sequence[Record], table: Table, variance: str, variant: str) -> list[float]:
    """The value of each signal that has one."""
    found = [
        one
        for one in records
        if (one.type, one.metric, one.variance, one.variant) == (table.type, table.metric, variance, variant)
    ]
    return [mean for mean in _means(found).values() if mean is not None]


def _means(found: Sequence[Record]) -> dict[str, float | None]:
    values: dict[tuple[str, int], list[float | None]] = {}
    for one in found:
        values.setdefault((one.signal, one.seed), []).append(one.value)
    return signal_means(values)


def _curve(path: Path) -> list[tuple[int, float, float]]:
    """Step, seconds and PSNR of a training's course, wherever the PSNR was measured; empty where there is none."""
    with suppress(OSError, ValueError, KeyError), path.open(newline="", encoding="utf-8") as file:
        return [
            (int(row["step"]), float(row["seconds"]), float(row["psnr"])) for row in csv.DictReader(file) if row["psnr"]
        ]
    return []
