"""How well a field is its light stage: measures of what is shown, inside the mask, at lights within the hull."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import flip_evaluator
import numpy as np
from jaxtyping import Bool, Float
from skimage.metrics import structural_similarity

from .errors import InputError
from .evaluation import evaluate
from .fields.field import Field
from .filters import Filter
from .grid import Grid
from .lights.choice import FOLDS, folds
from .lights.stage_facts import chart_scale, stage_grid, stage_lights
from .measures import Column, Measures, shown_values
from .recipe import Recipe
from .signals.light_stage import LightStage
from .signals.signal import SignalFacts

_LIGHTS = 2
"""Along each axis of the chart."""

_WITHIN = 0.6
"""Share of the lights' spread that scores are taken over: most of a hull, and nothing beyond it."""

_SSIM_WINDOW = 7
_MOST_CELLS = 1 << 23


class LightStageMeasures(Measures):
    """What lit pictures are compared by: as they are shown, exposure included, and inside the mask.

    * ``psnr``: dB, of display-encoded values, mean over the lights.
    * ``ssim``: mean structural similarity over the mask; None below 7 x 7 pixels.
    * ``flip``: mean FLIP error over the mask; pictures are compared whole, with what is outside of it black.

    Args:
        mask: where the subject is; None is everywhere.
    """

    columns = {  # noqa: RUF012 (nothing changes it)
        "psnr": Column("PSNR dB", "8.2f"),
        "ssim": Column("SSIM", "7.4f"),
        "flip": Column("FLIP", "7.4f", lower_is_better=True),
    }

    def __init__(self, mask: Bool[np.ndarray, "h w"] | None = None) -> None:
        self._mask = mask

    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """The photos' pixels at four lights within the hull."""
        return _grid(facts, _LIGHTS)

    def closing_grid(self, facts: SignalFacts) -> Grid:
        """The same."""
        return _grid(facts, _LIGHTS)

    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
        names: Collection[str] = (),
    ) -> dict[str, float | None]:
        """Means over the lights of the grid."""
        plane = (-1, *values.shape[-3:])
        pairs = zip(values.reshape(plane), truth.reshape(plane), strict=True)
        found = [self.compare_pictures(one, true, facts) for one, true in pairs]
        return {name: _mean([one[name] for one in found]) for name in names or self.columns}

    def compare_pictures(
        self, values: Float[np.ndarray, "h w c"], truth: Float[np.ndarray, "h w c"], facts: SignalFacts
    ) -> dict[str, float | None]:
        """The measures of one picture."""
        mask = np.ones(values.shape[:2], bool) if self._mask is None else self._mask
        mask = mask if mask.shape == values.shape[:2] else np.ones(values.shape[:2], bool)
        shown, true = (shown_values(one, facts) * mask[..., None] for one in (values, truth))
        error = float(np.square((shown - true)[mask].astype(np.float64)).mean())
        error_map = flip_evaluator.evaluate(true, shown, "LDR", applyMagma=False)[0]
        return {
            "psnr": -10 * math.log10(max(error, 1e-20)),
            "ssim": _similarity(shown, true, mask),
            "flip": float(np.asarray(error_map).reshape(*mask.shape, -1)[mask].mean()),
        }


@dataclass(frozen=True)
class LightScore:
    """How near pictures are to photos that a field has not seen: means over their lights.

    Attributes:
        lights: how many.
        means: by measure.
        standard_errors: of the means, over the lights.
        each: by photo, its measures.
    """

    lights: int
    means: dict[str, float | None]
    standard_errors: dict[str, float | None]
    each: dict[str, dict[str, float | None]]


def held_out_score(stage: LightStage, recipe: Recipe, count: int = FOLDS) -> LightScore:
    """Each photo is held out once, in one of so many folds, and a field made of the others, after the recipe.

    Args:
        stage: all photos.
        recipe: of the field; those that are trained are trained anew for each fold.
        count: of folds; every so many-th photo is held out.

    Raises:
        InputError: fewer than three photos are left, or the recipe is for another signal.
    """
    from .fields import build_field
    from .fitting import fit

    found = {}
    for held_out in folds(len(stage.photos), count):
        part = stage.without(held_out.tolist())
        field = build_field(recipe, part.facts).to(stage.device)
        for _ in fit(field, part):
            pass
        for number in held_out:
            found[stage.facts.photos[number]] = _of_photo(field, stage, int(number), stage.measures)
    return _summary(found)


def unseen_score(field: Field, others: LightStage, numbers: Sequence[int] | None = None) -> LightScore:
    """A field in the lights of another stage of the same view, against its photos, all or those of some numbers.

    Raises InputError if that has other pixels, or lights that are not in the field's chart.
    """
    if others.facts.resolution != field.facts.resolution:
        sizes = [" x ".join(map(str, facts.resolution)) for facts in (others.facts, field.facts)]
        raise InputError(f"light stage '{others.facts.name}': its photos are {sizes[0]} pixels, the field {sizes[1]}")
    if chart_scale(others.facts) != chart_scale(field.facts):
        raise InputError(f"light stage '{others.facts.name}': only one of the two has lights below the horizon")
    judged = range(len(others.photos)) if numbers is None else numbers
    return _summary({others.facts.photos[n]: _of_photo(field, others, n, others.measures) for n in judged})


def _of_photo(field: Field, stage: LightStage, number: int, measures: Measures) -> dict[str, float | None]:
    grid = stage_grid(field.facts, stage.lights[number])
    values = evaluate(field, grid).cpu().numpy()
    photo = stage.photo(number).cpu().numpy()
    photo = np.repeat(photo, values.shape[-1] // photo.shape[2], axis=2)[None, None]
    return measures.compare(values, photo, field.facts, grid)


def _summary(each: dict[str, dict[str, float | None]]) -> LightScore:
    means: dict[str, float | None] = {}
    errors: dict[str, float | None] = {}
    for name in LightStageMeasures.columns:
        known = [value for one in each.values() if (value := one[name]) is not None]
        means[name] = float(np.mean(known)) if known else None
        errors[name] = float(np.std(known, ddof=1) / math.sqrt(len(known))) if len(known) > 1 else None
    return LightScore(len(each), means, errors, each)


def _similarity(
    shown: Float[np.ndarray, "h w 3"], truth: Float[np.ndarray, "h w 3"], mask: Bool[np.ndarray, "h w"]
) -> float | None:
    if min(mask.shape) < _SSIM_WINDOW:
        return None
    whole = structural_similarity(truth, shown, channel_axis=2, data_range=1.0, win_size=_SSIM_WINDOW, full=True)[1]
    return float(whole[mask].mean())


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _grid(facts: SignalFacts, lights: int) -> Grid:
    """The photos' pixels, fewer of large ones, at so many lights along each axis of the chart."""
    places = stage_lights(facts)
    middle = places.mean(0)
    half = np.maximum(_WITHIN * np.minimum(places.max(0) - middle, middle - places.min(0)), 1e-3)
    width, height = facts.resolution
    share = min(1.0, math.sqrt(_MOST_CELLS / (width * height * lights**2)))
    resolution = (max(2, round(width * share)), max(2, round(height * share)), lights, lights)
    lower = (*(-side for side in facts.half_extent[:2]), *(middle - half).tolist())
    upper = (*facts.half_extent[:2], *(middle + half).tolist())
    return Grid(resolution, lower, upper)
