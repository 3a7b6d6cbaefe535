"""Fields on a photograph: quality for training time, speed and memory. Prints Markdown.

    python -m benchmarks.fields [--picture FILE] [--seconds 15 60] [--parts quality choices memory cuda]

Every figure in docs/benchmarks.md is printed by this. Run it on an otherwise idle machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import tyro
from skimage.transform import resize

from benchmarks.machine import fastest, machine_description, matrix_product_rate
from fieldcore import (
    Gaussian,
    Grid,
    Picture,
    Recipe,
    Signal,
    Stop,
    build_field,
    calibrate,
    choose_device,
    covariance_filters,
    evaluate,
    field_type,
    fit,
    preset_recipe,
    score,
    standard_filters,
)
from fieldcore.fields.field import Field, has_bfloat16
from fieldcore.images import write_image
from fieldcore.scoring import psnr_at_points
from fieldcore.standard_filters import VARIANCES

SHARED_PHOTOGRAPH = Path(__file__).parents[2] / "shared" / "data" / "pictures" / "div2k_00.png"
KIND_NAMES = ("pyramid", "spectral", "scale_space")
DENSE_LAYERS = 3  # square layers of the dense kinds; the encoding's output is the first one's input


@dataclass(frozen=True)
class Options:
    """Benchmark the three kinds of field."""

    picture: str = str(SHARED_PHOTOGRAPH) if SHARED_PHOTOGRAPH.exists() else "sample:astronaut"
    """Photograph to train on."""
    seconds: tuple[float, ...] = (15.0, 60.0)
    """Training times."""
    parts: tuple[Literal["quality", "choices", "memory", "cuda"], ...] = ("quality", "choices", "memory", "cuda")
    """What to measure."""
    kinds: tuple[str, ...] = KIND_NAMES
    """Kinds of field."""


def main() -> None:
    """Measure what was asked for and print it."""
    options = tyro.cli(Options)
    print(f"Machine: {machine_description()}\n")
    if "quality" in options.parts:
        _quality(options)
    if "choices" in options.parts:
        _choices(options)
    if "memory" in options.parts:
        _memory()
    if "cuda" in options.parts:
        _cuda()


def _quality(options: Options) -> None:
    device = choose_device("auto")
    picture = Picture.open(options.picture).to(device)
    width, height = picture.facts.resolution
    print(f"## Quality for training time: '{picture.facts.name}', {width} x {height}, on {device.type}\n")
    print("PSNR in dB against the exact truth, 3-sigma border cropped. Training and evaluation in million points a")
    print("second; share of this machine's own matrix product rate in the arithmetic that the kind trains in.\n")
    variances = " | ".join(f"{variance:g}" for variance in VARIANCES)
    print(f"| kind | training | {variances} | mean | 20 covariances | trains | share | evaluates |")
    print("|---" * (len(VARIANCES) + 7) + "|")
    for kind in options.kinds:
        for seconds in options.seconds:
            print(_quality_row(kind, seconds, picture), flush=True)
    print()


def _quality_row(kind: str, seconds: float, picture: Signal) -> str:
    field = build_field(preset_recipe(kind, "preview", picture.facts), picture.facts).to(picture.device)
    last = list(fit(field, picture, stop=Stop(seconds=seconds)))[-1]
    if field.calibrated:
        calibrate(field)
    psnr = [entry.psnr for entry in score(field, picture, standard_filters())]
    covariance_psnr = [entry.psnr for entry in score(field, picture, covariance_filters())]
    columns = [
        kind,
        f"{seconds:g} s, {last.step} steps",
        *(f"{value:.1f}" for value in psnr),
        f"**{np.mean(psnr):.1f}**",
        f"{np.mean(covariance_psnr):.1f} (least {min(covariance_psnr):.1f})",
        f"{last.points_per_second / 1e6:.3f}",
        _dense_share(field, last.points_per_second),
        f"{_evaluation_rate(field) / 1e6:.2f}",
    ]
    return "| " + " | ".join(columns) + " |"


def _choices(options: Options) -> None:
    """Settings where a preset departs from the publication or from the obvious, each beside what it replaces."""
    picture = Picture.open(options.picture).to(choose_device("auto"))
    print(f"## Choices, each beside what it replaces: '{picture.facts.name}'\n")
    print("PSNR in dB on 8192 seeded points. Orthogonal maps of scale_space after 400 equal steps (two seeds);")
    print("arithmetic of the dense layers after 20 s of training.\n")
    variances = " | ".join(f"{variance:g}" for variance in VARIANCES)
    print(f"| kind | setting | steps | ms a step | {variances} | mean |")
    print("|---" * (len(VARIANCES) + 5) + "|")
    for seed in (0, 1):
        for name in ("matrix_exp", "cayley"):
            recipe = preset_recipe("scale_space", "preview", picture.facts, seed=seed, steps=400)
            recipe = replace(recipe, orthogonal_map=name)  # type: ignore[call-arg]
            print(_choice_row(recipe, f"map {name}, seed {seed}", Stop(steps=400), picture), flush=True)
    for kind in KIND_NAMES:
        for precision in ("float32", "bfloat16"):
            recipe = replace(preset_recipe(kind, "preview", picture.facts), precision=precision)
            print(_choice_row(recipe, precision, Stop(seconds=20), picture), flush=True)
    print()


def _choice_row(recipe: Recipe, setting: str, stop: Stop, picture: Signal) -> str:
    field = build_field(recipe, picture.facts).to(picture.device)
    last = list(fit(field, picture, stop=stop))[-1]
    if field.calibrated:
        calibrate(field)
    psnr = list(psnr_at_points(field, picture).values())
    columns = [recipe.kind, setting, str(last.step), f"{1e3 * last.elapsed / last.step:.0f}"]
    return "| " + " | ".join([*columns, *(f"{value:.1f}" for value in psnr), f"{np.mean(psnr):.1f}"]) + " |"


def _dense_share(field: Field, points_per_second: float) -> str:
    """Share of the matrix product rate that training reaches; forward and backward are three products a layer."""
    if not hasattr(field.recipe, "width") or field.kind == "pyramid":
        return "-"
    half = field.recipe.precision != "float32" and has_bfloat16(field.device)
    dtype = torch.bfloat16 if half else torch.float32
    rate = matrix_product_rate(dtype, field.device)
    reached = _training_flop_per_point(field.recipe.width, field.facts.channels) * points_per_second
    return f"{reached / rate:.0%} of {rate / 1e9:.0f} GFLOP/s ({str(dtype).removeprefix('torch.')})"


def _training_flop_per_point(width: int, channels: int) -> int:
    return 3 * 2 * (DENSE_LAYERS * width**2 + width * channels)


def _evaluation_rate(field: Field) -> float:
    grid = Grid.covering(field.facts.half_extent, 512)
    return grid.count / fastest(lambda: evaluate(field, grid, Gaussian(1e-3)), field.device, repeats=3)


def _memory() -> None:
    print("## Memory: peak resident set of the whole process\n")
    print("| command | peak GB |")
    print("|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        photo, field, out = (str(Path(folder) / name) for name in ("big.png", "big.safetensors", "big_out.png"))
        source = Picture.open("sample:astronaut").pixels
        large = resize(source, (4096, 4096), order=1) + 0.02 * np.random.default_rng(0).normal(size=(4096, 4096, 1))
        write_image(Path(photo), large.astype(np.float32))
        del large
        for command in (
            ["fit", "picture", photo, "--seconds", "20", "--out", field],
            ["evaluate", field, "--variance", "1e-5", "--size", "8192", "--out", out],
        ):
            words = " ".join(command).replace(folder + os.sep, "")
            print(f"| `python -m fieldcore {words}` | {_peak_gb(command):.2f} |", flush=True)
    print()


def _peak_gb(command: list[str]) -> float:
    process = subprocess.Popen([sys.executable, "-m", "fieldcore", *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"'fieldcore {' '.join(command)}' failed with status {status}")
    return usage.ru_maxrss / 2**20


def _cuda() -> None:
    """Milliseconds a step of the publications' sizes, against what the same products alone would take."""
    if not torch.cuda.is_available():
        print("## CUDA\n\nskipped: this machine has no CUDA device\n")
        return
    device = torch.device("cuda")
    rate = matrix_product_rate(torch.bfloat16, device, size=8192)
    picture = Picture.open("sample:astronaut").to(device)
    points = 100_000
    flop = points * _training_flop_per_point(1024, 3)
    ideal_ms = 1e3 * flop / rate
    print(f"## CUDA: 4 x 1024, {points} points a step\n")
    print(
        f"{flop / 1e12:.2f} TFLOP a step take {ideal_ms:.2f} ms at this card's bf16 rate, {rate / 1e12:.0f} TFLOP/s.\n"
    )
    print("| kind | arithmetic | ms a step | times the ideal |")
    print("|---|---|---|---|")
    for kind in ("spectral", "scale_space"):
        for name, precision, matmul in (
            ("fp32", "float32", "highest"),
            ("tf32", "float32", "high"),
            ("bf16", "bfloat16", "high"),
        ):
            torch.set_float32_matmul_precision(matmul)
            step_ms = 1e3 * _seconds_a_step(kind, precision, points, picture)
            print(f"| {kind} | {name} | {step_ms:.2f} | {step_ms / ideal_ms:.1f} |", flush=True)
    print()


def _seconds_a_step(kind: str, precision: str, points: int, picture: Signal) -> float:
    paper = field_type(kind).presets["paper"]
    recipe = replace(paper, precision=precision, points_per_step=points)
    field = build_field(recipe, picture.facts).to(picture.device)
    training = fit(field, picture)
    for _ in range(10):
        next(training)
    steps = 30

    def run_steps() -> None:
        for _ in range(steps):
            next(training)

    return fastest(run_steps, picture.device, repeats=3) / steps


if __name__ == "__main__":
    main()
