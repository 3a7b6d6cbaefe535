"""Time to quality: the training seconds until a field, asked for a variance, reaches a target against the truth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..calibration import calibrate
from ..errors import InputError
from ..evaluation import evaluate
from ..exclusive import exclusive
from ..fields import build_field
from ..fields.field import Field
from ..filters import Gaussian
from ..fitting import Progress, Stop, Training, fit
from ..recipe import Recipe
from ..scoring import score
from ..signals import Picture
from ..signals.signal import Dataset, Signal
from .plan import Plan
from .resolved import Run
from .targets import Targets
from .truths import KeptTruth

_WARM_UP_STEPS = 2


@dataclass
class Goal:
    """A target at a variance, and when it was reached.

    Attributes:
        variance: that the field is asked for.
        metric, target: a measure and its value.
        lower_is_better: whether it has to fall to the target.
        seconds, steps: of training, when it was reached; None where the cap came before.
    """

    variance: float
    metric: str
    target: float
    lower_is_better: bool
    seconds: float | None = None
    steps: int | None = None

    def see(self, value: float | None, progress: Progress) -> None:
        """Note a value on the way."""
        if value is None or self.seconds is not None:
            return
        if value <= self.target if self.lower_is_better else value >= self.target:
            self.seconds, self.steps = round(progress.elapsed, 4), progress.step

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return {name: value for name, value in vars(self).items() if name != "lower_is_better"}


@dataclass(frozen=True)
class Timed:
    """What came of a training against the clock.

    Attributes:
        field: as it was in the end; where a signal was smoothed before, of the last variance.
        goals: all of them.
        evaluation_seconds: of the whole signal, by variance.
        steps: taken.
    """

    field: Field
    goals: list[Goal]
    evaluation_seconds: dict[str, float]
    steps: int


def time_to_quality(
    seen: Dataset, recipe: Recipe, run: Run, plan: Plan, truths: Path, report: Callable[[Progress], None]
) -> Timed:
    """Train until all targets are reached, or the plan's stop comes; checks are not counted as training time.

    Args:
        seen: what is trained on.
        recipe: of the field.
        run: see there.
        plan: its targets, variances and cap.
        truths: folder of the truths that are kept.
        report: called after every step.

    Raises:
        InputError: data that are no signal, or the task does not know such signals.
    """
    targets = plan.time_to_quality
    assert targets is not None, "it is asked for"
    if not isinstance(seen, Signal):
        raise InputError(f"time_to_quality: '{run.signal}' is no signal, so there is no truth to be near to")
    _warm_up(seen, recipe)
    if targets.task == "filtered":
        goals = _goals(seen, targets, plan.measure.variances)
        field, steps = _trained(seen, recipe, plan, goals, truths, report)
        return Timed(field, goals, _evaluation_seconds(field, plan.measure.variances), steps)
    done = []
    for variance in plan.measure.variances:
        smooth = _smoothed(seen, variance, truths)
        goals = _goals(smooth, targets, (0.0,))
        field, steps = _trained(smooth, recipe, plan, goals, truths, report)
        seconds = {f"{variance:g}": _evaluation_seconds(field, (0.0,))["0"]}
        done.append(Timed(field, [replace(goal, variance=variance) for goal in goals], seconds, steps))
    everything = {variance: each for one in done for variance, each in one.evaluation_seconds.items()}
    goals = [goal for one in done for goal in one.goals]
    return Timed(done[-1].field, goals, everything, sum(one.steps for one in done))


def _goals(signal: Signal, targets: Targets, variances: tuple[float, ...]) -> list[Goal]:
    """Those that a signal has the measures for."""
    columns = signal.measures.columns
    return [
        Goal(variance, metric, target, columns[metric].lower_is_better)
        for variance in variances
        for metric, values in targets.values.items()
        if metric in columns
        for target in values
    ]


def _trained(
    signal: Signal,
    recipe: Recipe,
    plan: Plan,
    goals: list[Goal],
    truths: Path,
    report: Callable[[Progress], None],
) -> tuple[Field, int]:
    """The field when everything is reached, or the cap came, and its steps."""
    assert plan.time_to_quality is not None
    training = Training(build_field(recipe, signal.facts).to(signal.device))
    every = plan.time_to_quality.check_every
    for progress in fit(training, signal, stop=plan.stop):
        report(progress)
        if progress.step % every == 0 or progress.stopped_by is not None:
            _check(training.field, signal, goals, progress, truths)
            if all(goal.seconds is not None for goal in goals):
                break
    training.finish(signal)
    return training.field, training.step


def _check(field: Field, signal: Signal, goals: list[Goal], progress: Progress, truths: Path) -> None:
    """Measure the field at every variance of which something is still to be reached."""
    if field.calibrated:
        with exclusive(field, training=False):
            calibrate(field, seed=field.recipe.seed)
    pending = [goal for goal in goals if goal.seconds is None]
    truth = KeptTruth(signal, truths)
    for variance in dict.fromkeys(goal.variance for goal in pending):
        names = list(dict.fromkeys(goal.metric for goal in pending if goal.variance == variance))
        for found in score(field, signal, [Gaussian(variance)], names=names, truth=truth):
            for goal in pending:
                if goal.variance == variance:
                    goal.see(found.measures[goal.metric], progress)


def _smoothed(signal: Signal, variance: float, truths: Path) -> Signal:
    """The signal, smoothed, as one of its own."""
    if not isinstance(signal, Picture):
        raise InputError(f"time_to_quality: only pictures are smoothed and trained on, not a {signal.facts.type}")
    if variance == 0:
        return signal
    facts, grid = signal.facts, signal.measures.closing_grid(signal.facts)
    values = KeptTruth(signal, truths).values(Gaussian(variance), grid)
    encoding: Any = facts.encoding
    highest = 1.0 if encoding == "display" else None
    return Picture(values.clip(0, highest), facts.name, encoding=encoding).to(signal.device)


def _warm_up(signal: Signal, recipe: Recipe) -> None:
    """Let libraries load what they load at their first call."""
    field = build_field(recipe, signal.facts).to(signal.device)
    if any(parameter.requires_grad for parameter in field.parameters()):
        for _ in fit(field, signal, stop=Stop(steps=_WARM_UP_STEPS)):
            pass


def _evaluation_seconds(field: Field, variances: tuple[float, ...]) -> dict[str, float]:
    """Seconds of evaluating the whole signal on its own grid, once, after another time."""
    from ..signals import signal_type

    signal = signal_type(field.facts)
    assert issubclass(signal, Signal)
    found = {}
    for variance in variances:
        filter = Gaussian(variance)
        if field.refuses(filter) is not None:
            continue
        grid = signal.measures.grid(field.facts, filter)
        for _ in range(2):
            started = time.perf_counter()
            evaluate(field, grid, filter).cpu()
            found[f"{variance:g}"] = round(time.perf_counter() - started, 5)
    return found
