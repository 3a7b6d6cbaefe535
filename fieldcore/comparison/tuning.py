"""The best settings of a network within a budget: successive halving over omega (or what takes its place) and rate."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from ..fitting import Stop
from ..recipe import Recipe
from ..signals import Picture
from .contest import contest
from .entry import Entry

Score = Callable[[Recipe, Stop], float]
"""How good a field of a recipe is that is trained so long; more is better, and 0 is worse than any that is of use."""

SETTINGS = 8
_RUNGS = (8, 4, 2)
_SHARE = 0.25
"""Of the budget that each training of the search has."""

_FACTORS = (0.35, 0.6, 1.0, 1.7)
_RATES = (1.0, 2.5)


def candidates(entry: Entry, recipe: Recipe) -> list[Entry]:
    """Eight settings around a network's own: four of what sets its frequencies, two learning rates each."""
    numbers = _numbers(recipe)
    tried = []
    for factor in _FACTORS:
        for rate in _RATES:
            changes: dict[str, Any] = {name: factor * getattr(recipe, name) for name in numbers}
            changes["learning_rate"] = rate * recipe.learning_rate
            tried.append(Entry(entry.name, entry.changes, changes))
    return tried


def tuned(
    entry: Entry,
    recipe_of: Callable[[Entry, int], Recipe],
    score: Score,
    stop: Stop,
    note: Callable[[str], None] = lambda sentence: None,
) -> Entry:
    """The best of ``candidates``: 8, then 4, then 2 of them are trained for a quarter of the budget, by their score.

    Every round has a new seed, and the mean over all rounds decides, so that luck does not.

    Args:
        entry: whose settings to begin from.
        recipe_of: of an entry with a seed.
        score: of a training, such as ``on_pixels``.
        stop: the whole budget.
        note: told of each round's best.
    """
    quarter = _quarter(stop)
    scores: list[tuple[Entry, list[float]]] = [(one, []) for one in candidates(entry, recipe_of(entry, 0))]
    for rung, count in enumerate(_RUNGS):
        scores = sorted(scores, key=lambda pair: -_mean(pair[1]))[:count] if rung else scores
        for candidate, found in scores:
            found.append(score(recipe_of(candidate, 100 + rung), quarter))
        best = max(scores, key=lambda pair: _mean(pair[1]))
        note(f"{entry.name}: best of {count} after round {rung + 1} is {_words(best[0])}, {_mean(best[1]):.1f} dB")
    return max(scores, key=lambda pair: _mean(pair[1]))[0]


def on_pixels(picture: Picture) -> Score:
    """By the PSNR on the pixels that are trained on, and no others; 0 where the training diverges."""

    def score(recipe: Recipe, stop: Stop) -> float:
        outcome = contest(recipe, picture, stop)
        return 0.0 if outcome.remark else training_psnr(outcome.field, picture)

    return score


def training_psnr(field: Any, picture: Picture) -> float:
    """PSNR in dB on the pixels that are trained on."""
    import torch

    from ..fields.training_cells import TrainingCells
    from ..measures import psnr

    x, values = TrainingCells(picture, field.device, 0).all(1 << 18)
    with torch.no_grad():
        given = torch.cat([field(part) for part in x.split(1 << 14)])
    return psnr(given.cpu().numpy(), values.cpu().numpy(), picture.facts.value_range)


def _numbers(recipe: Any) -> list[str]:
    """What sets the frequencies: of sines omega, of Gaussians the spread, of Fourier features their deviation."""
    known = recipe.activation_type.numbers
    if recipe.mapping == "gaussian":
        return ["frequency_variance"]
    names = [name for name in ("omega_first", "omega_hidden") if name in known]
    if "spread" in known and "first_bias" not in known:
        names.append("spread")
    return names or (["mapping_base"] if recipe.mapping == "positional" else [])


def _quarter(stop: Stop) -> Stop:
    if stop.steps is not None:
        return dataclasses.replace(stop, steps=max(1, round(_SHARE * stop.steps)))
    return dataclasses.replace(stop, seconds=_SHARE * (stop.seconds or 0.0))


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _words(entry: Entry) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in entry.tuned.items())
