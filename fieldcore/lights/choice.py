"""Which basis suits a stage: each is asked for photos that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from jaxtyping import Bool, Float

from ..errors import InputError
from ..images import display_from_linear
from ..signals.light_stage import LightStage
from .basis import BASES, LightBasis
from .kriging import Kriging, KrigingSettings, best_settings
from .polynomials import Hsh
from .stage_facts import chart_scale

FOLDS = 5
_PIXELS = 512

_MARGIN_DB = 1.0
"""By how much another basis must be better than the photos' own weights. A photo held out is a whole step away from the
others, lights that are asked for half of one; so folds favour what smooths."""


def folds(count: int, number: int = FOLDS) -> Iterator[np.ndarray]:
    """The photos that are held out in turn, each once: every so many-th one, beginning with another one each time."""
    for fold in range(min(number, count)):
        yield np.arange(fold, count, number)


def sampled_pixels(
    stage: LightStage,
) -> tuple[Float[np.ndarray, "l p"], Callable[[Float[np.ndarray, "l p"]], Float[np.ndarray, "l p"]]]:
    """Values of some pixels of the mask in all photos, and what is shown of such values."""
    inside = np.arange(stage.photos.stored[0, ..., 0].numel()) if stage.mask is None else np.flatnonzero(stage.mask)
    chosen = inside[:: max(1, len(inside) // _PIXELS)]
    stored = stage.photos.stored.flatten(1, 2)[:, torch.from_numpy(chosen)]
    values = stage.photos.decoded(stored).flatten(1).double().cpu().numpy()
    high, linear = stage.facts.value_range[1], stage.facts.encoding == "linear"

    def shown(values: Float[np.ndarray, "l p"]) -> Float[np.ndarray, "l p"]:
        scaled = (values / high).clip(0, 1)
        return display_from_linear(scaled) if linear else scaled

    return values, shown


def chosen_basis(stage: LightStage, order: int = 4) -> tuple[str, KrigingSettings, tuple[str, ...]]:
    """The basis that is nearest to photos held out, its settings, and a sentence with all figures.

    Each of five folds is held out once, and the others solved for; kriging chooses its settings in each fold by
    the photos that it has. Bases that the lights do not determine are left out, and so are photos on the lights' hull,
    without which the others would have to be continued beyond theirs. The photos' own weights are taken unless another
    basis is clearly better.
    """
    values, shown = sampled_pixels(stage)
    lights, scale = stage.lights, chart_scale(stage.facts)
    inside = _within_hull(stage)
    found: dict[str, list[float]] = {name: [] for name in BASES}
    for held_out in folds(len(lights)):
        kept = np.setdiff1d(np.arange(len(lights)), held_out)
        for name in list(found):
            try:
                basis = solved_basis(name, lights[kept], scale, order, (values[kept], shown))
            except InputError:
                del found[name]
                continue
            asked = held_out[inside[held_out]]
            guess = shown(basis.at(lights[asked]) @ (basis.mix() @ values[kept]))
            error = np.square(guess - shown(values[asked])).mean(1)
            found[name] += (-10 * np.log10(np.maximum(error, 1e-12))).tolist()
    means = {name: float(np.mean(psnrs)) for name, psnrs in found.items()}
    best = max(means, key=lambda name: means[name] + (_MARGIN_DB if name == "photos" else 0))
    settings = best_settings(lights, values, shown) if best == "kriging" else KrigingSettings()
    figures = ", ".join(f"{name} {mean:.1f}" for name, mean in means.items())
    return best, settings, (f"basis: {best}, by the PSNR in dB of photos held out in {FOLDS} folds: {figures}",)


def _within_hull(stage: LightStage) -> Bool[np.ndarray, "l"]:
    """Which lights are not on the hull; all where these would be fewer than three."""
    inside = ~np.isin(stage.hats.place_of, np.unique(stage.hats.rim))
    return inside if inside.sum() > 2 else np.ones(len(inside), bool)


def solved_basis(
    name: str,
    lights: Float[np.ndarray, "l 2"],
    scale: float,
    order: int,
    pixels: tuple[Float[np.ndarray, "l p"], Callable[[Float[np.ndarray, "l p"]], Float[np.ndarray, "l p"]]],
) -> LightBasis:
    """A basis for these lights, with the settings that suit these pixels. Raises InputError as the basis does."""
    if name == "kriging":
        return Kriging(lights, scale, best_settings(lights, *pixels))
    if name == "hsh":
        return Hsh(lights, scale, order)
    return BASES[name](lights, scale)
