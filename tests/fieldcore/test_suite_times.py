"""Time to quality: what is reached, what never is, and how tables and plots show both."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from suite_plans import TINY, store_of

from fieldcore.errors import InputError
from fieldcore.fitting import Progress
from fieldcore.suite.plots import _survival, survival_figure
from fieldcore.suite.running import run_one
from fieldcore.suite.store import Store
from fieldcore.suite.table_formats import FORMATS
from fieldcore.suite.time_table import time_tables
from fieldcore.suite.time_to_quality import Goal

TARGETS = {"values": {"psnr": [0.1, 90]}, "check_every": 2}


def _progress(step: int) -> Progress:
    return Progress(step, 0.1, 1e-3, 1.0, 0.5 * step, None, 0.5, None)


def test_a_goal_is_reached_once_and_errors_fall_to_theirs() -> None:
    rising, falling = Goal(0.0, "psnr", 30.0, False), Goal(0.0, "chamfer", 1e-2, True)
    for step, psnr, chamfer in ((1, 29.0, 2e-2), (2, 30.0, None), (3, 20.0, 1e-2), (4, 35.0, 1e-3)):
        rising.see(psnr, _progress(step))
        falling.see(chamfer, _progress(step))
    assert (rising.seconds, rising.steps, falling.seconds, falling.steps) == (1.0, 2, 1.5, 3)


@pytest.fixture
def by_hand(tmp_path: Path) -> Store:
    """Times 1, 2, ... of the runs; the second variant reaches nothing on the last signal, and never 90 dB."""
    store = store_of(tmp_path, stop={"seconds": 9}, time_to_quality=TARGETS)
    for number, run in enumerate(store.resolved.runs, start=1):
        slow = run.variant == "trained"
        seconds = [None if slow and run.signal == "two" else float(number), None if slow else 10.0 * number]
        goals = zip((0.1, 90), seconds, strict=True)
        times = [{"variance": 0.0, "metric": "psnr", "target": target, "seconds": one} for target, one in goals]
        store.run_folder(run.key).write_result({"times": times, "evaluation_seconds": {"0": 0.25}})
    return store


def test_what_never_reached_a_target_is_counted(by_hand: Store) -> None:
    # spectral: 1, 2, 5, 6; trained: 3, 4 and two that never did
    (table,) = time_tables(by_hand)
    easy, hard = "psnr 0.1 at variance 0", "psnr 90 at variance 0"
    assert table.rows == (easy, hard, "one evaluation at variance 0")
    texts = {place: found.text for place, found in table.cells.items()}
    assert texts[easy, "spectral"] == "5" and texts[easy, "trained"] == "> 9 s (2 of 4)"
    assert texts[hard, "trained"] == "> 9 s (0 of 4)" and texts[table.rows[2], "trained"] == "0.25"
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"]([table]))))
    assert [row["reached"] for row in rows if row["column"] == "trained"] == ["2", "0", "4"]
    assert all("depend on the machine" in FORMATS[name]([table]) for name in ("markdown", "latex", "json"))
    assert _survival([3.0, math.inf, 1.0, math.inf], 9.0) == ([0.0, 1.0, 3.0, 9.0], [1.0, 0.75, 0.5, 0.5])
    assert len(survival_figure(by_hand, table).axes) == 2


@pytest.mark.long
def test_trainings_are_timed_at_each_variance_and_on_a_signal_that_was_smoothed(tmp_path: Path) -> None:
    variants = [{"name": "a", "kind": "spectral", "changes": TINY}, {"name": "pyramid", "kind": "pyramid"}]
    for task in ("filtered", "smoothed_signal"):
        store = store_of(
            tmp_path,
            task,
            signals=["one.png"],
            variants=variants,
            baseline="a",
            seeds=1,
            stop={"steps": 4},
            time_to_quality={**TARGETS, "task": task},
        )
        for run in store.resolved.runs:
            assert run_one(store, run.key) == ("done", "")
            result = store.run_folder(run.key).read_result()
            assert result is not None
            reached = {(one["variance"], one["target"]): one["seconds"] is not None for one in result["times"]}
            assert reached[0.0, 0.1] and reached[0.01, 0.1] and set(result["evaluation_seconds"]) == {"0", "0.01"}
            if run.variant == "a":
                assert not reached[0.0, 90] and result["training"]["stopped_by"] == "cap"


def test_a_time_needs_a_cap(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stop: expected steps or seconds, the cap of the time to quality"):
        store_of(tmp_path, stop={}, time_to_quality=TARGETS)
