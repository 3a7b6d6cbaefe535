"""Light stages at equal time: the publications' networks beside what is solved for, and what lies between two lights.

python -m benchmarks.light_stage    # runs it, too
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

import fieldcore as fc
from fieldcore.images import display_from_linear, linear_from_display
from fieldcore.lights.as_shown import share_of_shown
from fieldcore.lights.chart import direction_from_chart
from fieldcore.lights.choice import folds
from fieldcore.lights.stage_facts import stage_grid
from fieldcore.lights.synthetic import SyntheticView, spread_directions

VARIANCES = (0.0, 1e-3, 1e-2)
SOLVED: dict[str, dict[str, object]] = {
    **{basis: {"basis": basis} for basis in ("photos", "kriging", "ptm", "hsh")},
    "photos as shown": {"between": "shown"},
    "lobes + photos": {"lobes": True},
}
NETWORKS = ("scale_space", "spectral")
_NODES = 6

Truth = Callable[[str, int, float], np.ndarray]
"""From the encoding, the number of a light and a variance to the picture."""


@dataclass(frozen=True)
class Trial:
    """What fields are made of, and what they are asked for.

    Attributes:
        title: for people.
        stage: that fields are made of.
        lights: that they have not seen, in the chart.
        truth: what is there.
    """

    title: str
    stage: fc.LightStage
    lights: Sequence[np.ndarray]
    truth: Truth


def synthetic_trial(stage: fc.LightStage, dense: fc.LightStage, view: SyntheticView, directions: np.ndarray) -> Trial:
    """Photos of a mesh; the truth of a point light is rendered, that of an area light the sum of many more photos."""
    lights = [fc.light_of(stage.facts, direction) for direction in directions]
    encoded = {encoding: in_encoding(dense, encoding) for encoding in ("display", "linear")}

    @cache  # of hundreds of photos, asked for by every field
    def truth(encoding: str, number: int, variance: float) -> np.ndarray:
        if variance == 0:
            lit = view.lit(directions[number])
            return lit if encoding == "linear" else display_from_linear(lit)
        return fc.smooth_lights(encoded[encoding], lights[number], variance)[1].numpy()

    return Trial(f"ammonite, {len(stage.photos)} photos, {len(lights)} other lights", stage, lights, truth)


def captured_trial(folder: Path) -> Trial:
    """A fifth of a capture's photos held out; the truth of an area light is the sum of all photos."""
    whole = fc.LightStage.open(folder, numbers="linear", exposure_stops=3)
    held_out = next(folds(len(whole.photos)))
    encoded = {encoding: in_encoding(whole, encoding) for encoding in ("display", "linear")}

    @cache
    def truth(encoding: str, number: int, variance: float) -> np.ndarray:
        return fc.smooth_lights(encoded[encoding], whole.lights[held_out[number]], variance)[1].numpy()

    title = f"'{whole.facts.name}', exposure x8, {len(held_out)} of {len(whole.photos)} photos held out"
    return Trial(title, whole.without(held_out.tolist()), whole.lights[held_out], truth)


def compare_at_equal_time(trial: Trial, seconds: float, solved: Callable[..., fc.Field]) -> None:
    """Print the mean PSNR of each field at each variance; compare within one encoding, but for variance 0."""
    print(f"{trial.title}; networks after {seconds:.0f} s each, preset preview; mean PSNR in dB of what is shown:\n")
    print("| field | encoding | " + " | ".join(f"variance {variance:g}" for variance in VARIANCES) + " |")
    print("|---|---|" + "---|" * len(VARIANCES))
    for encoding in ("display", "linear"):
        stage = in_encoding(trial.stage, encoding)
        for name in NETWORKS if encoding == "display" and seconds > 0 else ():
            field = fc.train(name, stage, fc.Stop(seconds=seconds), device="cpu")
            _print_row(name, encoding, field, stage, trial)
        for name, settings in SOLVED.items():
            if encoding == "linear" or "basis" in settings:  # lobes add light, and so does what is not as shown
                _print_row(name, encoding, solved(stage, **settings), stage, trial)
    print(flush=True)


def _print_row(name: str, encoding: str, field: fc.Field, stage: fc.LightStage, trial: Trial) -> None:
    cells = []
    for variance in VARIANCES:
        filter = fc.Gaussian(variance) if variance else None
        psnrs = []
        for number, light in enumerate(trial.lights):
            values = fc.evaluate(field, stage_grid(field.facts, light), filter).cpu().numpy()[0, 0]
            truth = trial.truth(encoding, number, variance)
            psnrs.append(psnr_of_shown(values, truth, field.facts, stage.mask))
        cells.append(f"{np.mean(psnrs):.2f}")
    print(f"| {name} | {encoding} | {' | '.join(cells)} |", flush=True)


def psnr_of_shown(values: np.ndarray, truth: np.ndarray, facts: fc.SignalFacts, mask: np.ndarray | None) -> float:
    """In dB, of what is shown, in the mask."""
    one, other = (fc.measures.shown_values(picture, facts).astype(np.float64) for picture in (values, truth))
    error = np.square(one - other)
    return float(-10 * np.log10(max((error if mask is None else error[mask]).mean(), 1e-12)))


def in_encoding(stage: fc.LightStage, encoding: str) -> fc.LightStage:
    """The same photos, of which another encoding is interpolated and averaged."""
    facts = stage.facts
    stored = stage.photos.stored.numpy()
    return fc.LightStage(
        stored.view(np.uint16) if stored.dtype == np.int16 else stored,
        np.array(facts.light_directions).reshape(-1, 3),
        facts.name,
        numbers=facts.photo_numbers,  # type: ignore[arg-type]
        encoding=encoding,  # type: ignore[arg-type]
        exposure_stops=facts.exposure_stops,
        mask=stage.mask,
    )


def between_lights(stage: fc.LightStage, view: SyntheticView) -> None:
    """Print what lies between photos as light, as shown values that an area light sums as light, and as both.

    The second is the average of a Gaussian over ``decoded(sum_k w_k encoded_k)``, the third lights/as_shown.py.
    """
    lights = [fc.light_of(stage.facts, direction) for direction in spread_directions(40, 20.0, turn=1.0)[::2]]
    print("Between lights, ammonite, 20 other lights, each area light summed from 36 rendered ones; mean PSNR in dB:\n")
    print("| variance | as light | as shown, summed as light | gain | ± | as shown, giving way to light | gain | ± |")
    print("|---|---|---|---|---|---|---|---|")
    for variance in (0.0, 1e-5, 1e-4, *VARIANCES[1:]):
        found = np.array([_guessed(stage, view, place, variance) for place in lights])
        gains = found[:, 1:] - found[:, :1]
        errors = gains.std(0, ddof=1) / len(gains) ** 0.5
        cells = zip(found.mean(0)[1:], gains.mean(0), errors, strict=True)
        told = " | ".join(f"{psnr:.2f} | {gain:+.2f} | {error:.2f}" for psnr, gain, error in cells)
        print(f"| {variance:g} | {found.mean(0)[0]:.2f} | {told} |", flush=True)
    print()


def _guessed(stage: fc.LightStage, view: SyntheticView, place: np.ndarray, variance: float) -> list[float]:
    """PSNR of the three at one light of that size."""
    light = stage.photos.values[:, torch.from_numpy(view.mask)].numpy()
    encoded = display_from_linear(light)
    offsets, shares = _nodes(variance)
    around = place + offsets
    truth = sum(
        share * view.lit(direction_from_chart(one))[view.mask] for one, share in zip(around, shares, strict=True)
    )
    rows, row = stage.hats.at(around), stage.hats.at(place[None])[0]

    def shown(weights: np.ndarray) -> np.ndarray:
        return linear_from_display(np.tensordot(weights, encoded, 1))

    summed = np.tensordot(shares @ rows, light, 1)
    decoded = sum(share * shown(one) for one, share in zip(rows, shares, strict=True))
    part = share_of_shown(variance * np.eye(2))
    giving_way = summed + part * (shown(row) - np.tensordot(row, light, 1))
    return [psnr_of_shown(guess[None], truth[None], stage.facts, None) for guess in (summed, decoded, giving_way)]


def _nodes(variance: float) -> tuple[np.ndarray, np.ndarray]:
    """Where a Gaussian of that variance is looked up, and what each place counts: Gauss and Hermite's."""
    if variance == 0:
        return np.zeros((1, 2)), np.ones(1)
    at, share = np.polynomial.hermite_e.hermegauss(_NODES)
    places = np.stack(np.meshgrid(at, at), -1).reshape(-1, 2) * variance**0.5
    return places, np.outer(share, share).ravel() / share.sum() ** 2
