"""Coordinate networks: a step beside the publications' way, quality for seconds, shapes, kernels. Prints Markdown.

    python -m benchmarks.coordinate [--picture FILE]
        [--parts steps large memory pictures optimisers shapes search kernel bias]

On one thread, as the targets are for one core, and by that thread's own time (which on an idle machine is the clock's),
so that what else runs disturbs it less. What reads as "published" is the publication's recipe (all pixels a step, its
rate, ``0.1^(t/T)``) run by our own code; "plain PyTorch" is its network in autograd. ``search`` looks for each
network's own numbers on a shape as ``fieldcore compare --tune`` does on pictures, and takes half an hour; ``bias``
(figure 6 of FINER) takes ten minutes and two cores. Both run only when they are asked for.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
import tyro

from benchmarks.machine import machine_description
from benchmarks.plain_network import PlainNetwork
from fieldcore import CoordinateRecipe, Grid, Picture, Shape, Stop, build_field, evaluate, fit, preset_recipe, psnr
from fieldcore.comparison.entry import Entry
from fieldcore.comparison.tuning import tuned
from fieldcore.fields.coordinate import Coordinate
from fieldcore.fields.networks import NETWORKS, PUBLICATION
from fieldcore.measures import VALUES
from fieldcore.recipe import Recipe
from fieldcore.shape_scoring import SHAPES
from fieldcore.signals import Signal
from fieldcore.tangent_kernel import kernel_spectrum, tangent_kernel

SHARED = Path(__file__).parents[2] / "shared" / "data"
SEED = 3407
CROP = 128
SHAPE_STEPS = 400
Part = Literal["steps", "large", "memory", "pictures", "optimisers", "shapes", "search", "kernel", "bias"]
USUAL: tuple[Part, ...] = ("steps", "large", "memory", "pictures", "optimisers", "shapes", "kernel")


@dataclass(frozen=True)
class Options:
    """Benchmark coordinate networks."""

    picture: str = str(SHARED / "pictures" / "div2k_00.png")
    """Photograph whose middle 128 x 128 pixels are learned; of the step at 512 the whole."""
    mesh: Path = SHARED / "shapes" / "bunny.obj"
    """Shape to learn."""
    bias_picture: str = ""
    """Picture of the part `bias`; by default the photograph."""
    bias_seconds: float = 600.0
    """Time of each of its two networks, which are trained at once, on a core each."""
    parts: tuple[Part, ...] = USUAL
    """What to measure."""


def main() -> None:
    """Measure what was asked for and print it."""
    options = tyro.cli(Options)
    torch.set_num_threads(1)
    source = options.picture if Path(options.picture).exists() else "sample:astronaut"
    print(f"Machine: {machine_description()}, one thread\n")
    parts: dict[Part, Callable[[], None]] = {
        "steps": lambda: _steps(source),
        "large": lambda: _large(source),
        "memory": lambda: _memory(source),
        "pictures": lambda: _pictures(source),
        "optimisers": lambda: _optimisers(source),
        "shapes": lambda: _shapes(options.mesh),
        "search": lambda: _search(options.mesh),
        "kernel": _kernel,
        "bias": lambda: _bias(options.bias_picture or source, options.bias_seconds),
    }
    for part in options.parts:
        parts[part]()
        print(flush=True)


def cropped(source: str, side: int = CROP) -> Picture:
    """The middle of a picture."""
    pixels = Picture.open(source).pixels
    top, left = ((n - side) // 2 for n in pixels.shape[:2])
    return Picture(pixels[top : top + side, left : left + side], "crop")


def least_seconds(work: Callable[[], object], repeats: int) -> float:
    """Least time of this process that ``work`` takes, after one run that is not counted."""
    times = []
    for _ in range(repeats + 1):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times[1:])


def network(name: str, signal: Signal, preset: str, **changes: Any) -> Coordinate:
    """An untrained field of that name, of 3 x 128 unless the changes say otherwise."""
    sizes = {"width": CROP, "hidden_layers": 2}
    recipe: Any = preset_recipe("coordinate", preset, signal.facts, seed=SEED)
    recipe = recipe.changed(NETWORKS[name], signal.facts.type).changed({**sizes, **changes}, signal.facts.type)
    assert isinstance(recipe, CoordinateRecipe)
    field = build_field(recipe, signal.facts)
    assert isinstance(field, Coordinate)
    return field


def _steps(source: str) -> None:
    picture = cropped(source)
    print(f"## One step with all {CROP} x {CROP} pixels, 3 x {CROP}: loss and gradient, milliseconds\n")
    print("| network | plain PyTorch | fieldcore | gain | gradients differ by at most |")
    print("|---|---|---|---|---|")
    for name in PUBLICATION:
        print(_step_row(name, network(name, picture, "paper"), picture, repeats=5), flush=True)


def _large(source: str) -> None:
    picture = Picture.open(source)
    width, height = picture.facts.resolution
    print(f"## The same for {width} x {height} pixels, 4 x 256\n")
    print("| network | plain PyTorch | fieldcore | gain | gradients differ by at most |")
    print("|---|---|---|---|---|")
    field = network("finer", picture, "paper", width=256, hidden_layers=3)
    print(_step_row("finer", field, picture, repeats=1))


def _step_row(name: str, field: Coordinate, picture: Picture, repeats: int) -> str:
    plain = PlainNetwork(field)
    grid = Grid(picture.facts.resolution, (-1, -1), (1, 1))
    x, wanted = grid.points(0, grid.count), 2 * torch.from_numpy(picture.pixels).flatten(0, 1) - 1

    def plainly() -> None:
        plain.zero_grad()
        (plain(x) - wanted).square().mean().backward()

    def ours() -> None:
        field.zero_grad()
        field.loss(picture, torch.Generator()).backward()

    field.train()
    ours()
    plainly()
    pairs = zip(field.network.weights, plain.weights, strict=True)
    differences = [_difference(one.grad, other.grad) for one, other in pairs]
    before, after = (1e3 * least_seconds(work, repeats) for work in (plainly, ours))
    return f"| {name} | {before:.1f} | {after:.1f} | {before / after:.2f} x | {max(differences):.1e} |"


def _difference(one: Any, other: Any) -> float:
    other = torch.stack([other.real, other.imag]) if other.is_complex() else other
    return float((one - other).norm() / other.norm())


def _memory(source: str) -> None:
    """In processes of their own, since a process never gives back what it once took."""
    print("## Peak memory of five steps with all pixels of the whole picture, 4 x 256 FINER\n")
    print("| code | MB above what the process had before |")
    print("|---|---|")
    for way in ("ours", "plain"):
        program = f"from benchmarks.coordinate import memory_row; print(memory_row({source!r}, {way!r}))"
        command = [sys.executable, "-c", program]
        row = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
        print(row.stdout.strip().splitlines()[-1] if row.returncode == 0 else f"| {way} | killed |", flush=True)


def memory_row(source: str, way: str) -> str:
    """The row of one way; to be called in a process of its own."""
    torch.set_num_threads(1)
    picture = Picture.open(source)
    field = network("finer", picture, "paper", width=256, hidden_layers=3).train()
    small = network("finer", cropped(source), "paper", width=256, hidden_layers=3).train()
    small.loss(cropped(source), torch.Generator()).backward()  # what is taken once, by libraries too
    grid = Grid(picture.facts.resolution, (-1, -1), (1, 1))
    x, wanted = grid.points(0, grid.count), 2 * torch.from_numpy(picture.pixels).flatten(0, 1) - 1
    plain, before = PlainNetwork(field), _resident_mb("VmRSS")
    for _ in range(5 if way == "ours" else 1):
        if way == "ours":
            field.loss(picture, torch.Generator()).backward()
        else:
            (plain(x) - wanted).square().mean().backward()
    name = {"ours": "fieldcore", "plain": "plain PyTorch, one step"}[way]
    return f"| {name} | {_resident_mb('VmHWM') - before:.0f} |"


def _resident_mb(entry: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{entry}:")).split()[1]) / 1024


def _pictures(source: str) -> None:
    picture = cropped(source)
    print(
        f"## The crop, 3 x {CROP}, 400 steps of 4096 pixels (`preview`) beside the published recipe in the same time\n"
    )
    print("| network | seconds | PSNR dB | SSIM | between the pixels | published recipe, PSNR dB | its steps |")
    print("|---|---|---|---|---|---|---|")
    for name in NETWORKS:
        field = network(name, picture, "preview")
        seconds = _trained(field, picture, Stop(steps=400))[1]
        values = _values(field, picture)
        similarity = VALUES.compare(values, picture.pixels, picture.facts, _grid(picture))["ssim"]
        published = network(name, picture, "paper")
        steps, _ = _trained(published, picture, Stop(seconds=seconds))
        columns = [
            name,
            f"{seconds:.1f}",
            f"**{psnr(values, picture.pixels, (0, 1)):.1f}**",
            f"{similarity:.3f}",
            f"{between_pixels(field, picture):.1f}",
            f"{psnr(_values(published, picture), picture.pixels, (0, 1)):.1f}",
            str(steps),
        ]
        print("| " + " | ".join(columns) + " |", flush=True)


def _optimisers(source: str) -> None:
    picture = cropped(source)
    print("## Who takes the steps, on the same crop\n")
    print("| network | optimiser | rate | points a step | steps | PSNR dB | seconds |")
    print("|---|---|---|---|---|---|---|")
    for name, optimiser, rate, points, steps in (
        ("finer", "adam", 2e-3, 4096, 400),
        ("finer", "muon", 5e-4, 4096, 400),
        ("finer", "soap", 1e-3, 4096, 400),
        ("finer", "muon", 1e-3, 0, 150),
        ("finer", "soap", 3e-3, 0, 150),
        ("siren", "soap", 3e-3, 0, 150),
        ("pemlp", "muon", 3e-3, 0, 150),
    ):
        changes = {"optimizer": optimiser, "learning_rate": rate, "points_per_step": points, "steps": steps}
        field = network(name, picture, "preview", **changes)
        _, seconds = _trained(field, picture, Stop(steps=steps))
        found = psnr(_values(field, picture), picture.pixels, (0, 1))
        columns = [name, optimiser, f"{rate:g}", str(points or "all"), str(steps), f"{found:.1f}", f"{seconds:.1f}"]
        print("| " + " | ".join(columns) + " |", flush=True)


def between_pixels(field: Coordinate, picture: Picture) -> float:
    """PSNR on a grid of twice the resolution, against the picture's own interpolation."""
    grid = Grid.covering(picture.facts.half_extent, 2 * max(picture.facts.resolution))
    truth = picture(grid.points(0, grid.count)).reshape(*grid.shape, -1)
    return psnr(evaluate(field, grid).numpy(), truth.numpy(), (0, 1))


def _grid(picture: Picture) -> Grid:
    return Grid.covering(picture.facts.half_extent, max(picture.facts.resolution))


def _values(field: Coordinate, picture: Picture) -> Any:
    return evaluate(field, _grid(picture)).numpy()


def _trained(field: Coordinate, signal: Signal, stop: Stop) -> tuple[int, float]:
    """Steps and seconds of a training."""
    signal.prepare()
    if isinstance(signal, Shape):
        signal.fill_pool()  # else its thread's time would be counted
    *_, last = fit(field, signal, stop=stop, clock=time.process_time)
    return last.step, last.elapsed


def _shapes(mesh: Path) -> None:
    if not mesh.exists():
        return
    shape = Shape.open(mesh)
    print(f"## '{shape.facts.name}', 3 x {CROP}, {SHAPE_STEPS} steps of 8192 exact distances, scored on 64^3 cells\n")
    print("| network | numbers | IoU | Chamfer | seconds |")
    print("|---|---|---|---|---|")
    for name in PUBLICATION:
        print(_shape_row(name, shape, network(name, shape, "preview")), flush=True)


def _shape_row(name: str, shape: Shape, field: Coordinate) -> str:
    """Train the field and score it."""
    _, seconds = _trained(field, shape, Stop(steps=SHAPE_STEPS))
    grid = Grid.covering(shape.facts.half_extent, 64)
    truth = shape(grid.points(0, grid.count)).reshape(*grid.shape, 1).numpy()
    found = SHAPES.compare(evaluate(field, grid).numpy(), truth, shape.facts, grid)
    names = (*field.recipe.activation_type.numbers, "learning_rate")
    numbers = ", ".join(f"{each} {value:.3g}" for each in names if (value := getattr(field.recipe, each)) is not None)
    return f"| {name} | {numbers} | {found['iou']:.4f} | {found['chamfer']:.5f} | {seconds:.1f} |"


def _search(mesh: Path) -> None:
    """Published numbers beside the preset's and those that a search from the published ones finds, at equal steps."""
    if not mesh.exists():
        return
    shape = Shape.open(mesh)
    shape.fill_pool()
    print(f"## Numbers on '{shape.facts.name}', 3 x {CROP}, {SHAPE_STEPS} steps of 8192 exact distances\n")
    print("| network | numbers | IoU | Chamfer | seconds |")
    print("|---|---|---|---|---|")
    x, distances = shape.examples(1 << 14, torch.Generator().manual_seed(0))

    def score(recipe: Recipe, stop: Stop) -> float:
        field = build_field(recipe, shape.facts)
        for _ in fit(field, shape, stop=stop):
            pass
        with torch.no_grad():
            return -10 * math.log10(float((field(x) - distances).square().mean()))

    for name in ("siren", "finer", "gauss", "wire"):
        preset = network(name, shape, "preview")
        published = {**NETWORKS[name], **preset.recipe.activation_type.published}
        published["learning_rate"] = preset.recipe.learning_rate
        start = Entry(name, published)

        def recipe_of(entry: Entry, seed: int) -> Recipe:
            changes = {**entry.changes, **entry.tuned, "steps": SHAPE_STEPS}
            return replace(network(entry.name, shape, "preview", **changes).recipe, seed=seed)

        found = tuned(start, recipe_of, score, Stop(steps=SHAPE_STEPS))
        for title, changes in (("published", published), ("searched", {**published, **found.tuned}), ("preset", {})):
            field = network(name, shape, "preview", **changes)
            print(_shape_row(f"{name}, {title}", shape, field), flush=True)


def _kernel() -> None:
    picture = Picture.open("sample:astronaut", max_size=32)
    print("## The kernel of 32 x 32 points, 4 x 256\n")
    print("| network | kernel, ms | eigenvalues and vectors, ms | effective rank | 99 % in |")
    print("|---|---|---|---|---|")
    grid = _grid(picture)
    x = grid.points(0, grid.count)
    for name in PUBLICATION:
        field = network(name, picture, "paper", width=256, hidden_layers=3)
        kernel = tangent_kernel(field, x)
        first, second = (
            1e3 * least_seconds(work, 3)
            for work in (
                partial(tangent_kernel, field, x),
                partial(kernel_spectrum, kernel),
            )
        )
        spectrum = kernel_spectrum(kernel)
        print(
            f"| {name} | {first:.0f} | {second:.0f} | {spectrum.effective_rank:.1f} | {spectrum.count_99} |", flush=True
        )


_BIASES: dict[str, dict[str, Any]] = {
    "siren": {"learning_rate": 1e-2, "adam_rate_share": 2.0},
    "finer": {"first_bias": 20.0, "learning_rate": 6e-4, "adam_rate_share": 0.5},
}
"""The networks of figure 6 with how they are trained: with omega 1 the weights of a SIREN have a long way to go; where
biases are large, a step of the first layer turns phases by much, so that it takes smaller ones."""


def _bias(source: str, seconds: float) -> None:
    """Figure 6 of FINER: with omega 1 the biases alone decide which frequencies there are. Both networks at once."""
    print(f"## Omega 1, 4 x 256, all of the picture at 512 pixels, {seconds:g} s of one core each, both at once\n")
    print("| network | PSNR dB | steps |")
    print("|---|---|---|", flush=True)
    programs = [
        f"from benchmarks.coordinate import bias_row; print(bias_row({source!r}, {name!r}, {seconds!r}))"
        for name in _BIASES
    ]
    folder = Path(__file__).parents[1]
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=folder)
        for program in programs
    ]
    for name, one in zip(_BIASES, running, strict=True):
        lines = one.communicate()[0].strip().splitlines()
        print(lines[-1] if one.returncode == 0 and lines else f"| {name} | failed | |", flush=True)


def bias_row(source: str, name: str, seconds: float) -> str:
    """The row of one network; to be called in a process of its own."""
    torch.set_num_threads(1)
    picture = Picture.open(source, max_size=512)
    shared = {"omega_first": 1.0, "omega_hidden": 1.0, "width": 256, "hidden_layers": 3, "optimizer": "muon"}
    field = network(name, picture, "standard", **shared, **_BIASES[name])
    steps, _ = _trained(field, picture, Stop(seconds=seconds))
    found = psnr(_values(field, picture), picture.pixels, (0, 1))
    return f"| {name} {_BIASES[name]} | {found:.1f} | {steps} |"


if __name__ == "__main__":
    main()
