"""What is measured of a field: its signal's measures under every filter of the plan, or those of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..fields.field import Field
from ..filters import Gaussian
from ..light_stage_scoring import unseen_score
from ..scoring import score
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
    gaussians: list[tuple[dict[str, Any], Gaussian]] = [({"variance": v}, Gaussian(v)) for v in measure.variances]
    gaussians += [
        ({"covariance": number}, Gaussian([list(row) for row in rows])) for number, rows in enumerate(run.covariances)
    ]
    filters = {id(filter): entry for entry, filter in gaussians}
    own = [name for name in names if name != HELD_OUT]
    found = score(
        field,
        whole,
        [filter for _, filter in gaussians],
        samples=measure.samples or None,
        names=own,
        resolution=measure.resolution.get(run.type),
        crop=measure.crop,
        truth=KeptTruth(whole, truths),
    )
    scored = {id(one.filter): one for one in found}
    entries = []
    for key, entry in filters.items():
        one = scored.get(key)
        values = dict.fromkeys(own) if one is None else dict(one.measures)
        error = None if one is None else one.standard_error
        entries.append({**entry, "measures": values, "standard_error": error})
    if source.held_out:
        entries[0]["measures"][HELD_OUT] = _held_out(field, whole, source)
    return entries


def _held_out(field: Field, whole: Signal, source: SignalSource) -> float | None:
    """Mean PSNR of the photos that were held out."""
    assert isinstance(whole, LightStage), "only these hold photos out"
    return unseen_score(field, whole, photo_numbers(whole, source.held_out, source.name)).means["psnr"]


def _of_views(field: Any, views: Dataset, names: Sequence[str]) -> list[dict[str, Any]]:
    """Of photographs that were held out, unfiltered."""
    assert isinstance(views, Views), "all other data are signals"
    means = asdict(mean_view_score(list(view_scores(field, views).values())))
    return [{"variance": 0.0, "measures": {name: means[name] for name in names}, "standard_error": 0.0}]
