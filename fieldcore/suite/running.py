"""One run of a suite, from its key to its result: trained, or taken up where it was left, measured and written."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import torch

from ..checkpoint import TrainingFacts, load_checkpoint, save_field
from ..devices import choose_device
from ..errors import InputError
from ..fields import field_type
from ..fields.field import Field
from ..files import LockedError, locked
from ..fitting import Progress
from ..machine import load_average, machine_description
from ..recipe import Recipe
from ..signals.signal import Dataset
from ..training_log import CURVE, TrainingLog
from ..training_run import TrainingRun, state_beside
from .measuring import measured
from .plan import Plan
from .resolved import Run
from .store import RunFolder, Store
from .time_to_quality import time_to_quality

Outcome = Literal["done", "failed", "elsewhere"]
"""What became of a run that was asked for; ``elsewhere`` is made by another process now."""


def run_one(
    store: Store,
    key: str,
    *,
    device: str = "auto",
    events: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
) -> tuple[Outcome, str]:
    """Make the run of a key, unless it is done.

    Args:
        store: the results.
        key: of the run.
        device: to train on.
        events: whether TensorBoard's events are written too.
        report: called after every step.

    Returns:
        what became of it, and why it failed.

    Raises:
        InputError: the plan has no such run.
        KeyboardInterrupt: after the state was saved, if it is interrupted.
    """
    run, folder = store.resolved.run(key), store.run_folder(key)
    if folder.state() == "done":
        return "done", ""
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        with locked(folder.path):
            if not folder.result.is_file():
                _make(store, run, folder, device, events, report)
                folder.forget_failure()
    except LockedError:
        return "elsewhere", ""
    except (InputError, OSError, RuntimeError, MemoryError, ValueError, ArithmeticError) as error:
        sentence = str(error).splitlines()[0] if str(error) else type(error).__name__
        folder.write_failure(sentence)
        return "failed", sentence
    return "done", ""


def _make(
    store: Store, run: Run, folder: RunFolder, device: str, events: bool, report: Callable[[Progress], None]
) -> None:
    """Train and measure."""
    plan, source = store.resolved.plan, store.resolved.source(run.signal)
    load, started = load_average(), time.monotonic()
    with source.opened(choose_device(device)) as (seen, whole):
        if seen.facts.digest != run.digest:
            raise InputError(
                f"signal '{run.signal}': '{source.source}' has changed since the plan was run; run it again"
            )
        recipe = field_type(run.recipe["kind"]).recipe_type.from_dict(dict(run.recipe))
        found: dict[str, Any] = {}
        if plan.time_to_quality is not None:
            field, training, found = _against_the_clock(seen, recipe, store, run, folder, report)
        else:
            field, training = _trained(seen, recipe, store, folder, events, report)
        folder.write_machine(
            {
                **_machine(field),
                "load": load,
                "load_after": load_average(),
                "training_seconds": _seconds_of(folder.path / CURVE),
                "seconds": round(time.monotonic() - started, 3),
            }
        )
        if plan.time_to_quality is None:
            metrics = store.resolved.metrics[run.type]
            found = {"scores": measured(field, whole, source, run, plan.measure, metrics, store.truths)}
    folder.write_result({**_facts(plan, run), "training": _training(field, training, folder), **found})


def _machine(field: Field) -> dict[str, Any]:
    """Where a field was trained."""
    return {
        "machine": machine_description(),
        "device": field.device.type,
        "threads": torch.get_num_threads(),
    }


def _facts(plan: Plan, run: Run) -> dict[str, Any]:
    """What a result is of."""
    return {
        "key": run.key,
        "signal": {"name": run.signal, "type": run.type, "digest": run.digest},
        "variant": run.variant,
        "seed": run.seed,
        "recipe": dict(run.recipe),
        "stop": asdict(plan.stop),
        "timed": plan.is_timed,
    }


def _training(field: Field, training: TrainingFacts, folder: RunFolder) -> dict[str, Any]:
    """How the training ended, and how large the field is."""
    return {
        "steps": training.steps,
        "stopped_by": training.stopped_by,
        "parameters": field.parameter_count,
        "bytes": folder.field.stat().st_size,
    }


def _against_the_clock(
    seen: Dataset, recipe: Recipe, store: Store, run: Run, folder: RunFolder, report: Callable[[Progress], None]
) -> tuple[Field, TrainingFacts, dict[str, Any]]:
    """The field, and when its targets were reached; what was killed begins anew, as half a clock tells nothing."""
    with TrainingLog(folder.path, overwrite=True, events=False) as log:

        def told(progress: Progress) -> None:
            log.show(progress)
            report(progress)

        timed = time_to_quality(seen, recipe, run, store.resolved.plan, store.truths, told)
    reached = all(goal.seconds is not None for goal in timed.goals)
    facts = TrainingFacts(steps=timed.steps, device=timed.field.device.type, stopped_by="target" if reached else "cap")
    save_field(folder.field, timed.field, facts)
    times = [goal.to_dict() for goal in timed.goals]
    return timed.field, facts, {"times": times, "evaluation_seconds": timed.evaluation_seconds}


def _trained(
    seen: Dataset, recipe: Recipe, store: Store, folder: RunFolder, events: bool, report: Callable[[Progress], None]
) -> tuple[Field, TrainingFacts]:
    """The field, trained from where it was left."""
    if folder.field.is_file() and not state_beside(folder.field).is_file():
        finished = load_checkpoint(folder.field, seen.device)  # what was killed while it was measured
        return finished.field, finished.training
    run = TrainingRun(seen, recipe, store.resolved.plan.stop, folder.field, resume=True)
    with TrainingLog(folder.path, resume=True, events=events) as log:

        def told(progress: Progress) -> None:
            log.show(progress)
            report(progress)

        field, facts = run.run(told)
        log.finish(field, seen)
        return field, facts


def _seconds_of(curve: Path) -> float | None:
    """The training time that a curve ends with."""
    with suppress(OSError, IndexError, ValueError, KeyError), curve.open(newline="", encoding="utf-8") as file:
        return float(list(csv.DictReader(file))[-1]["seconds"])
    return None
