"""How far a suite is, and what a plan would take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .resolved import Resolved
from .store import Store


def status(store: Store) -> dict[str, Any]:
    """Numbers of runs by state, those that failed with the reason, and the seconds that are left at this rate.

    The time left is that of runs of the same type and variant where one is done, else the mean; with one worker.
    """
    states = {run.key: store.state(run.key) for run in store.resolved.runs}
    counts = Counter(states.values())
    runs = store.resolved.runs
    failed = [run for run in runs if states[run.key] == "failed"]
    found: dict[str, Any] = {"plan": store.resolved.plan.name, "runs": len(runs)}
    found |= {name: counts[name] for name in ("done", "running", "failed", "to go")}
    found["seconds left"] = _seconds_left(store, states)
    if former := store.former():
        found["of a former plan"] = former
    names = {f"{run.variant} on {run.signal}, seed {run.seed}": store.run_folder(run.key) for run in failed}
    found |= {"reasons": {name: folder.read_failure() for name, folder in names.items()}} if failed else {}
    current = [run for run in runs if states[run.key] == "running"]
    if current:
        found["now"] = [f"{run.variant} on {run.signal}, seed {run.seed}" for run in current]
    return found


def _seconds_left(store: Store, states: dict[str, Any]) -> float | None:
    """None where no run is done to judge by."""
    taken: dict[tuple[str, str], list[float]] = {}
    for run in store.resolved.runs:
        seconds = store.run_folder(run.key).read_machine().get("seconds") if states[run.key] == "done" else None
        if isinstance(seconds, (int, float)):
            taken.setdefault((run.type, run.variant), []).append(float(seconds))
    left = [run for run in store.resolved.runs if states[run.key] in ("to go", "running")]
    if not left:
        return 0.0
    everything = [seconds for group in taken.values() for seconds in group]
    if not everything:
        return None
    return round(sum(_mean(taken.get((run.type, run.variant), everything)) for run in left), 1)


def intended(resolved: Resolved, out: Path, workers: int) -> dict[str, Any]:
    """What a plan would run, and how long trainings would take where the plan says it."""
    store, plan = Store(out, resolved), resolved.plan
    done = sum(store.state(run.key) == "done" for run in resolved.runs)
    left = len(resolved.runs) - done
    stop = {name: value for name, value in vars(plan.stop).items() if value is not None}
    filters = len(plan.measure.variances)
    found: dict[str, Any] = {
        "plan": plan.name,
        "signals": [one.name for one in resolved.sources],
        "variants": [one.name for one in plan.variants],
        "seeds": ", ".join(map(str, plan.seeds)),
        "stop": ", ".join(f"{name} {value:g}" for name, value in stop.items()) or "after each recipe's steps",
        "runs": len(resolved.runs),
        "done already": done,
        "filters a run": filters + max(len(run.covariances) for run in resolved.runs),
    }
    if plan.stop.seconds is not None:
        found["training time, hours, at most"] = round(left * plan.stop.seconds / workers / 3600, 2)
    return found


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)
