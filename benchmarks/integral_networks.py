"""Networks for repeated integrals at equal time: the publication's recipe, ours, and no network. Prints Markdown.

    python -m benchmarks.integral_networks [--seconds 150] [--picture FILE]

On one thread, by that thread's own time. PSNR is over the whole picture, at every eighth pixel along either axis,
against exact convolutions. The publication's recipe is the preset ``paper``, whose rate, as its 300,000 steps take
days, is halved five times over these seconds; once with its own points a step, once with as many as ``preview`` takes.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro

from benchmarks.convolution import PICTURE, middle
from benchmarks.machine import machine_description
from fieldcore import Picture, Stop, Tent, Truth, build_field, fit, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.fields.integral_recipe import IntegralRecipe
from fieldcore.grid import Grid

HALF_SIZES = (0.05, 0.1, 0.25, 0.5)
EVERY = 8


@dataclass(frozen=True)
class Options:
    """Benchmark networks for repeated integrals."""

    picture: Path | None = PICTURE if PICTURE.exists() else None
    """Picture of 512 x 512 or more, of which the middle is taken; by default a photograph, or where that is not at hand
    one of scikit-image."""
    seconds: float = 150.0
    """Of training, of each network."""


def main() -> None:
    """Train each of them, and print a row for it."""
    options = tyro.cli(Options)
    torch.set_num_threads(1)
    picture = middle(Picture.open(options.picture or "sample:astronaut"))
    print(f"Machine: {machine_description()}, one thread, {options.seconds:g} s of its own time each\n")
    print(f"Picture: {options.picture.name if options.picture else 'astronaut.png'}, 512 x 512 x 3\n")
    print(f"| tent of half size | steps | {' | '.join(f'{size:g}' for size in HALF_SIZES)} |")
    print("|---|---|" + "---|" * len(HALF_SIZES))
    for name, recipe in _recipes(picture).items():
        field, steps = _trained(recipe, picture, options.seconds)
        found = (f"{decibels:.1f}" for decibels in _scores(field, picture))
        print(f"| {name} | {steps} | {' | '.join(found)} |", flush=True)


def _recipes(picture: Picture) -> dict[str, IntegralRecipe]:
    preview, paper, solved = (preset_recipe("integral", name, picture.facts) for name in ("preview", "paper", "solved"))
    assert isinstance(preview, IntegralRecipe) and isinstance(paper, IntegralRecipe)
    assert isinstance(solved, IntegralRecipe)
    paper = dataclasses.replace(paper, halvings=5)
    as_few = dataclasses.replace(paper, points_per_step=preview.points_per_step)
    return {
        f"`paper`, {paper.points_per_step:,} points a step": paper,
        f"`paper`, {as_few.points_per_step} points a step": as_few,
        "`preview`": preview,
        "`solved`": solved,
    }


def _trained(recipe: IntegralRecipe, picture: Picture, seconds: float) -> tuple[Field, int]:
    field, steps = build_field(recipe, picture.facts), 0
    for progress in fit(field, picture, stop=Stop(seconds=seconds), clock=time.thread_time):
        steps = progress.step
    return field, steps


def _scores(field: Field, picture: Picture) -> list[float]:
    """In dB, under the tent of each half size."""
    grid = Grid.covering(picture.facts.half_extent, max(picture.facts.resolution))
    axes = [axis[EVERY // 2 :: EVERY] for axis in grid.axes()]
    x = torch.cartesian_prod(*reversed(axes)).flip(-1).float()
    truth: Truth = picture.truth()
    scores = []
    with torch.no_grad():
        for size in HALF_SIZES:
            kernel = Tent(size)
            exact = torch.from_numpy(truth.values(kernel, grid))[EVERY // 2 :: EVERY, EVERY // 2 :: EVERY].flatten(0, 1)
            error = float((field(x, kernel).double() - exact).square().mean())
            scores.append(-10 * math.log10(max(error, 1e-40)))
    return scores


if __name__ == "__main__":
    main()
