"""What is measured of a field: its signal's measures under every filter of the plan, or those of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..fields.field import Field
from ..filters import Gaussian
from ..light_stage_scoring import unseen_score
from ..scoring import Score, score
from ..signals import LightStage
from ..signals.signal import Dataset, Signal
from ..views.views import Views
from ..views_scoring import mean_view_score, view_scores
from .plan import Measure
from .resolved import HELD_OUT, Run
from .signal_source import SignalSource, photo_numbers
from .truths import KeptTruth


def measured(
    field: Field, whole: Dataset, source: SignalSource, run: Run, measure: Measure, names: Sequence[str], truths: Path
) -> list[dict[str, Any]]:
    """An entry a filter: its variance or the number of its covariance, and the measures by name.

    Args:
        field: which was trained.
        whole: what judges it.
        source: which of it was held out.
        run: whose covariances are taken.
        measure: the plan's.
        names: of the measures.
        truths: folder of the truths that are kept.
    """
    if not isinstance(whole, Signal):
        return _of_views(field, whole, names)
    own = [name for name in names if name != HELD_OUT]
    named = _filters(measure, run)
    found = score(
        field,
        whole,
        [filter for _, filter in named],
        samples=measure.samples or None,
        names=own,
        resolution=measure.resolution.get(run.type),
        crop=measure.crop,
        truth=KeptTruth(whole, truths),
    )
    scored = {id(one.filter): one for one in found}
    entries = [_entry(name, scored.get(id(filter)), own) for name, filter in named]
    if source.held_out:
        entries[0]["measures"][HELD_OUT] = _held_out(field, whole, source)
    return entries


def _filters(measure: Measure, run: Run) -> list[tuple[dict[str, Any], Gaussian]]:
    """Each with its variance, or the number of its covariance."""
    found: list[tuple[dict[str, Any], Gaussian]] = [({"variance": one}, Gaussian(one)) for one in measure.variances]
    matrices = ([list(row) for row in rows] for rows in run.covariances)
    return found + [({"covariance": number}, Gaussian(rows)) for number, rows in enumerate(matrices)]


def _entry(name: dict[str, Any], one: Score | None, measures: Sequence[str]) -> dict[str, Any]:
    """What was measured under a filter; None of each measure where the field refuses it."""
    if one is None:
        return {**name, "measures": dict.fromkeys(measures), "standard_error": None}
    return {**name, "measures": dict(one.measures), "standard_error": one.standard_error}


def _held_out(field: Field, whole: Signal, source: SignalSource) -> float | None:
    """Mean PSNR of the photos that were held out."""
    assert isinstance(whole, LightStage), "only these hold photos out"
    return unseen_score(field, whole, photo_numbers(whole, source.held_out, source.name)).means["psnr"]


def _of_views(field: Any, views: Dataset, names: Sequence[str]) -> list[dict[str, Any]]:
    """Of photographs that were held out, unfiltered."""
    assert isinstance(views, Views), "all other data are signals"
    means = asdict(mean_view_score(list(view_scores(field, views).values())))
    return [{"variance": 0.0, "measures": {name: means[name] for name in names}, "standard_error": 0.0}]
