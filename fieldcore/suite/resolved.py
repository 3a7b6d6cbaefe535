"""What a plan comes to: runs, each with its key, the recipe it trains and the filters it is measured under."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..fields import default_preset, field_type, preset_recipe
from ..measures import Measures
from ..recipe import Recipe
from ..signals.signal import Dataset, Signal, SignalFacts
from ..views_scoring import VIEWS
from .matrices import covariance_matrices
from .plan import Plan, Variant
from .signal_source import SignalSource, signal_sources

HELD_OUT = "held_out_psnr"
"""The measure of photos of a light stage that were not trained on, unfiltered."""

_DECIDING = ("type", "digest", "half_extent", "resolution", "encoding", "value_range", "value_scale", "border")
"""Facts of a signal that a run's key is made of; a renamed file is the same signal."""

_KEY_CHARACTERS = 20


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training and what is measured of it.

    Attributes:
        key: digest of signal, recipe, stop and measure: the name of its folder.
        signal, variant, seed: names of the plan.
        type: of the signal, as after ``fieldcore fit``.
        digest: of the signal's values; a file that has changed since has another one.
        recipe: of the field, as plain values.
        covariances: that it is filtered by, each as rows.
    """

    key: str
    signal: str
    variant: str
    seed: int
    type: str
    digest: str
    recipe: Mapping[str, Any]
    covariances: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """A plan with all that its names stand for.

    Attributes:
        plan: see there.
        sources: its signals.
        runs: in the order in which they are made: each variant on every signal, then the next, and so for every seed.
        metrics: the measures of each type of signal, the first being the one that means are taken of.
        lower_is_better: those of them that are errors.
        notices: what people should know, one sentence each.
    """

    plan: Plan
    sources: tuple[SignalSource, ...]
    runs: tuple[Run, ...]
    metrics: Mapping[str, tuple[str, ...]]
    lower_is_better: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def source(self, name: str) -> SignalSource:
        """The signal of that name."""
        return next(one for one in self.sources if one.name == name)

    def run(self, key: str) -> Run:
        """The run of that key. Raises InputError if the plan has none."""
        for one in self.runs:
            if one.key == key:
                return one
        raise InputError(f"key '{key}': the plan '{self.plan.name}' has no such run")


def resolved(plan: Plan, folder: Path, report: Callable[[str], None] = lambda name: None) -> Resolved:
    """Open every signal of a plan once and find out its runs.

    Args:
        plan: see there.
        folder: that relative names start from.
        report: told the name of each signal before it is opened.

    Raises:
        InputError: a signal that cannot be read, a variant that cannot train one, or a setting that it cannot have.
    """
    runs: dict[str, Run] = {}
    first: dict[str, str] = {}
    notices, sources = [], []
    measures: dict[str, Measures] = {}
    for source in signal_sources(plan, folder):
        report(source.name)
        with source.opened() as (seen, whole):
            same = first.setdefault(_identity(seen, source), source.name)
            if same != source.name:
                notices.append(f"'{source.name}' is the same signal as '{same}'; it is trained on once")
                continue
            measures.setdefault(source.type, measures_of(whole))
            sources.append(source)
            runs |= {run.key: run for run in _runs(plan, source, seen, folder)}
    if not runs:
        raise InputError(f"plan '{plan.name}': no variant is for any of its signals")
    _check_metrics(plan, measures, any(one.held_out for one in sources))
    return Resolved(
        plan=plan,
        sources=tuple(sources),
        runs=_in_turn(plan, runs.values()),
        metrics={type: _chosen(plan, found, type, sources) for type, found in measures.items()},
        lower_is_better=tuple(
            {name: None for one in measures.values() for name, column in one.columns.items() if column.lower_is_better}
        ),
        notices=tuple(notices),
    )


def _in_turn(plan: Plan, runs: Iterable[Run]) -> tuple[Run, ...]:
    """One signal after the other, so that workers side by side do not compute the same truths."""
    variants = [variant.name for variant in plan.variants]
    return tuple(sorted(runs, key=lambda run: (plan.seeds.index(run.seed), variants.index(run.variant))))


def measures_of(data: Dataset) -> Measures:
    """What fields of a signal, or of photographs, are measured by."""
    return data.measures if isinstance(data, Signal) else VIEWS


def _runs(plan: Plan, source: SignalSource, seen: Dataset, folder: Path) -> list[Run]:
    """Those of one signal."""
    facts = seen.facts
    covariances = covariance_matrices(plan.measure.covariances, len(facts.smoothed_axes), folder)
    covariances = covariances if isinstance(seen, Signal) else ()
    measured = _measured(plan, source.type, covariances)
    found = []
    for variant in plan.variants:
        if not variant.is_for(source.type):
            continue
        _check_trains(variant, source, seen)
        for seed in plan.seeds:
            recipe = _recipe(plan, variant, facts, seed).to_dict()
            decides = {"signal": _identity(seen, source), "recipe": recipe, **measured}
            found.append(
                Run(
                    key=digest_of(decides)[:_KEY_CHARACTERS],
                    signal=source.name,
                    variant=variant.name,
                    seed=seed,
                    type=source.type,
                    digest=facts.digest,
                    recipe=recipe,
                    covariances=covariances,
                )
            )
    return found


def _recipe(plan: Plan, variant: Variant, facts: SignalFacts, seed: int) -> Recipe:
    preset = variant.preset or default_preset(variant.kind, facts.type)
    solved = field_type(variant.kind).is_solved_by(preset)
    steps = None if solved else plan.stop.steps
    try:
        recipe = preset_recipe(variant.kind, preset, facts, seed=seed, steps=steps)
        return recipe.changed(variant.changes, facts.type) if variant.changes else recipe
    except InputError as error:
        raise InputError(f"variant '{variant.name}': {error}") from error


def _check_trains(variant: Variant, source: SignalSource, seen: Dataset) -> None:
    kind, dim = field_type(variant.kind), seen.dim
    if dim in kind.dims and kind.takes_signals == isinstance(seen, Signal):
        return
    raise InputError(
        f"variant '{variant.name}': a {variant.kind} field cannot be trained on '{source.name}', a {source.type}; "
        "name the types that it is for in its 'types'"
    )


def _identity(seen: Dataset, source: SignalSource) -> str:
    facts = dataclasses.asdict(seen.facts)
    return digest_of({**{name: facts[name] for name in _DECIDING}, "held_out": source.held_out, "as": source.type})


def _measured(plan: Plan, type: str, covariances: tuple[Any, ...]) -> dict[str, Any]:
    """What is measured, and when a training ends, as far as a signal of a type is concerned."""
    measure = dataclasses.asdict(plan.measure)
    measure |= {"resolution": plan.measure.resolution.get(type), "covariances": covariances}
    targets = plan.time_to_quality
    timed = None if targets is None else dataclasses.asdict(targets)
    return {"stop": dataclasses.asdict(plan.stop), "measure": measure, "time_to_quality": timed}


def digest_of(value: Any) -> str:
    """SHA-256 of plain values as JSON with sorted keys, hexadecimal."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _chosen(plan: Plan, measures: Measures, type: str, sources: list[SignalSource]) -> tuple[str, ...]:
    """The measures of a type of signal."""
    names = [name for name in measures.columns if not plan.measure.metrics or name in plan.measure.metrics]
    held_out = any(one.held_out for one in sources if one.type == type)
    return (*names, HELD_OUT) if held_out else tuple(names)


def _check_metrics(plan: Plan, measures: Mapping[str, Measures], held_out: bool) -> None:
    known = {name: None for one in measures.values() for name in one.columns} | ({HELD_OUT: None} if held_out else {})
    wanted = [*plan.measure.metrics, *(plan.time_to_quality.values if plan.time_to_quality else ())]
    for name in wanted:
        if name not in known:
            raise InputError(f"metrics: these signals have {', '.join(known)}, got '{name}'")
    for type, one in measures.items():
        if plan.measure.metrics and not set(plan.measure.metrics) & set(one.columns):
            raise InputError(f"metrics: a {type} has {', '.join(one.columns)}, and none of these is asked for")
