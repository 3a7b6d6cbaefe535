"""Light stages: how near each basis comes to photos that it has not seen, and how long it takes. Prints Markdown.

    python -m benchmarks.light_stage [--parts equal_time] [--bunny FOLDER] [--size 128] [--seconds 60]

The publications' networks are trained for so many seconds and compared at equal time; with 0 seconds they are left out.
Run it on an otherwise idle machine; the one it ran on is printed first.
"""

from __future__ import annotations

import itertools
import resource
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
import tyro

import fieldcore as fc
from benchmarks.light_stage_at_equal_time import (
    Trial,
    between_lights,
    captured_trial,
    compare_at_equal_time,
    psnr_of_shown,
    synthetic_trial,
)
from benchmarks.light_stage_sum import compare_in_little_memory, compare_sums, time_frames
from benchmarks.machine import fastest, machine_description
from fieldcore.images import display_from_linear
from fieldcore.light_stage_scoring import held_out_score
from fieldcore.lights.kriging import Kriging
from fieldcore.lights.stage_facts import stage_grid
from fieldcore.lights.synthetic import Material, SyntheticView, spread_directions
from fieldcore.signals.mesh_file import read_mesh

ROOT = Path(__file__).parents[1]
SHARED_BUNNY = ROOT.parent / "shared" / "data" / "lightstage" / "bunny_specular"
BASES: dict[str, dict[str, object]] = {
    **{basis: {"basis": basis} for basis in ("photos", "auto", "kriging", "ptm", "hsh")},
    "photos as shown": {"between": "shown"},
    "lobes + photos": {"lobes": True},
}
Part = Literal["held_out", "unseen", "between", "equal_time", "sum", "memory", "times", "closed_form"]
OTHER_TURNS = (0.5, 1.5, 2.0, 2.5)
"""Radians about the zenith, of other sets of forty lights."""
DENSE = 600
"""Lights of the photos that the truth of an area light is summed from."""


@dataclass(frozen=True)
class Options:
    """Benchmark fields of light stages."""

    parts: tuple[Part, ...] = get_args(Part)
    """What to measure."""
    bunny: Path | None = SHARED_BUNNY if SHARED_BUNNY.exists() else None
    """Folder of the stage of the bunny; left out where it is not at hand."""
    size: int = 128
    """Pixels a side of the synthetic stage."""
    seconds: float = 60.0
    """Training time of each network; 0 leaves networks out."""


def main() -> None:
    """Measure and print."""
    options = tyro.cli(Options)
    print(f"Machine: {machine_description()}, {torch.get_num_threads()} threads\n")
    parts: dict[Part, Callable[[Options], None]] = {
        "held_out": _held_out,
        "unseen": _unseen,
        "between": _between,
        "equal_time": _equal_time,
        "sum": lambda options: compare_sums(),
        "memory": _memory,
        "times": _times,
        "closed_form": _closed_form,
    }
    for part in options.parts:
        parts[part](options)


def _held_out(options: Options) -> None:
    """Each photo held out once, in five folds."""
    if options.bunny is None:
        return
    stage = fc.LightStage.open(options.bunny, numbers="linear", exposure_stops=3)
    print(f"'{stage.facts.name}', {len(stage.photos)} photos, exposure x8, held out in 5 folds, in the mask:\n")
    print("| basis | PSNR dB | ± | SSIM | FLIP |\n|---|---|---|---|---|")
    means_of = {}
    for basis, settings in BASES.items():
        found = held_out_score(stage, fc.RelightRecipe(**settings))  # type: ignore[arg-type]
        means_of[basis] = found.means["psnr"] or 0.0
        means, error = found.means, found.standard_errors["psnr"]
        print(f"| {basis} | {means['psnr']:.2f} | {error:.2f} | {means['ssim']:.3f} | {means['flip']:.3f} |")
    below = max(means_of[basis] for basis in ("photos", "kriging", "ptm", "hsh")) - means_of["auto"]
    print(f"\nauto, which chose in folds of the photos that were left, is {below:.2f} dB below its best candidate.\n")


def _ammonite(options: Options) -> tuple[fc.LightStage, SyntheticView]:
    """The synthetic stage, and what photographs it."""
    view = SyntheticView(read_mesh(ROOT / "assets" / "ammonite.ply"), options.size, Material())
    return _stage(view, spread_directions(60)), view


def _between(options: Options) -> None:
    between_lights(*_ammonite(options))


def _equal_time(options: Options) -> None:
    for trial in _trials(options):
        compare_at_equal_time(trial, options.seconds, _solved)


def _memory(options: Options) -> None:
    for trial in _trials(options):
        compare_in_little_memory(trial, _solved)


@cache
def _trials(options: Options) -> tuple[Trial, ...]:
    """The synthetic stage, and the captured one where it is at hand."""
    stage, view = _ammonite(options)
    others = spread_directions(40, 20.0, turn=1.0)
    synthetic = synthetic_trial(stage, _stage(view, spread_directions(DENSE)), view, others)
    return (synthetic,) if options.bunny is None else (synthetic, captured_trial(options.bunny))


def _stage(view: SyntheticView, directions: np.ndarray) -> fc.LightStage:
    """Photos of the view, 8 bits as a camera's."""
    photos = np.stack([display_from_linear(view.lit(direction)).clip(0, 1) for direction in directions])
    return fc.LightStage((photos * 255 + 0.5).astype(np.uint8), directions, "synthetic", mask=view.mask)


def _solved(stage: fc.LightStage, **settings: object) -> fc.Relight:
    field = fc.build_field(fc.RelightRecipe(**settings), stage.facts)  # type: ignore[arg-type]
    field.prepare(stage)
    assert isinstance(field, fc.Relight)
    return field


def _errors(field: fc.Field, stage: fc.LightStage, truths: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[float]:
    """Mean squared error of what is shown, in the mask, at each light."""
    for light, truth in truths:
        values = fc.evaluate(field, stage_grid(field.facts, light)).cpu().numpy()[0, 0]
        yield 10 ** (-psnr_of_shown(values, truth, field.facts, stage.mask) / 10)


def _unseen(options: Options) -> None:
    """Forty other lights, among which cast shadows are what nobody interpolates."""
    stage, view = _ammonite(options)
    directions = spread_directions(40, 20.0, turn=1.0)
    shares = np.array([(view.shadowed(d) & (view.normals @ d > 0)).mean() for d in directions])
    lights = [fc.light_of(stage.facts, direction) for direction in directions]
    photos = [view.lit(direction) for direction in directions]
    print(f"Ammonite, {view.mask.shape[0]} pixels a side, 60 photos, 40 other lights; PSNR in dB of what is shown:\n")
    print("| basis | mean | ± | median | pooled | few cast shadows | many |\n|---|---|---|---|---|---|---|")
    for basis, settings in BASES.items():
        errors = np.array(list(_errors(_solved(stage, **settings), stage, zip(lights, photos, strict=True))))
        psnr = -10 * np.log10(errors)
        few, many = (psnr[which].mean() for which in (shares <= np.median(shares), shares > np.median(shares)))
        spread = psnr.std(ddof=1) / len(psnr) ** 0.5
        pooled = -10 * np.log10(errors.mean())
        print(
            f"| {basis} | {psnr.mean():.2f} | {spread:.2f} | {np.median(psnr):.2f} | {pooled:.2f} "
            f"| {few:.2f} | {many:.2f} |"
        )
    means = []
    for turn in OTHER_TURNS:
        others = [(fc.light_of(stage.facts, d), view.lit(d)) for d in spread_directions(40, 20.0, turn=turn)]
        means.append(-10 * np.log10(list(_errors(_solved(stage), stage, others))).mean())
    print(f"\nWhich 40 lights are asked for matters: photos, by how far these are turned, {_listed(means)} dB.\n")


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def _times(options: Options) -> None:
    """Solving, dragging the light, and memory, of 50 photos of 512 x 512."""
    rng = np.random.default_rng(0)
    stage = fc.LightStage(rng.integers(0, 256, (50, 512, 512, 3), np.uint8), spread_directions(50))
    small = fc.LightStage(rng.integers(0, 256, (50, 144, 144, 3), np.uint8), spread_directions(50))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    field = _solved(stage)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    light, filter = np.array([0.1, 0.2]), fc.Gaussian([[1e-2, 4e-3], [4e-3, 2e-2]])
    sizes = {"point light": 0.0, "variance 1e-3": 1e-3, "variance 1e-2": 1e-2, "variance 1e-1": 1e-1}
    shifts = itertools.cycle(np.linspace([0.0, 0.0], [0.05, 0.0], 7))
    _ = field.lit(light, filter)

    def dragged(size: float) -> object:
        return field.lit(light + next(shifts), size)

    print("| what | milliseconds |\n|---|---|")
    rows: dict[str, Callable[[], object]] = {
        "solve photos, 20,736 pixels x 50": lambda: _solved(small),
        "solve kriging, 20,736 pixels x 50": lambda: _solved(small, basis="kriging"),
        "solve photos, 512 x 512 x 50": lambda: _solved(stage),
        "solve lobes, 20,736 pixels x 50": lambda: _solved(small, lobes=True),
        "weights of 50 photos, point light": lambda: field.weights(light),
        "weights of 50 photos, area light": lambda: field.weights(light, filter),
        **{f"picture of 512 x 512, dragged, {name}": partial(dragged, size) for name, size in sizes.items()},
    }
    for what, doing in rows.items():
        print(f"| {what} | {1e3 * fastest(doing, torch.device('cpu'), 3):.2f} |")
    for name, milliseconds in time_frames(field, sizes):
        print(f"| whole frame of the scene, 512 x 512, dragged, {name} | {milliseconds:.2f} |")
    print(f"\nSolving photos takes {grown:.0f} MB beside the {stage.photos.stored.numel() / 1e6:.0f} MB of photos.\n")


def _closed_form(options: Options) -> None:
    """Kriging under a Gaussian against a fine sum."""
    lights = fc.chart_from_direction(spread_directions(50))
    kriging, light = Kriging(lights), np.array([0.1, 0.2])
    covariance = np.array([[1e-2, 4e-3], [4e-3, 2e-2]])
    axis = np.linspace(-8, 8, 97)
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    weights = np.exp(-0.5 * np.square(points).sum(1))
    variances, axes = np.linalg.eigh(covariance)
    fine = weights @ kriging.at(light + points @ (axes * np.sqrt(variances)).T) / weights.sum()
    error = np.abs(kriging.averaged(light, covariance) - fine).max()
    print(f"Kriging's closed form differs from a fine sum by {error:.1e}.")


if __name__ == "__main__":
    main()
