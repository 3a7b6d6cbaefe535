"""Fields on a photograph: quality for training time, speed and memory. Prints Markdown.

    python -m benchmarks.fields [--picture FILE] [--seconds 15 60] [--parts solved large quality choices memory cuda]

Every figure in docs/benchmarks.md is printed by this. Run it on an otherwise idle machine.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import torch
import tyro
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from benchmarks.machine import fastest, machine_description, matrix_product_rate, synchronize
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
    psnr,
    save_field,
    score,
    smooth_picture,
    standard_filters,
)
from fieldcore.fields.field import Field, has_bfloat16
from fieldcore.filter_sets import VARIANCES
from fieldcore.images import write_image
from fieldcore.scoring import border_px, psnr_at_points

SHARED_PHOTOGRAPH = Path(__file__).parents[2] / "shared" / "data" / "pictures" / "div2k_00.png"
KIND_NAMES = ("trained_pyramid", "spectral", "scale_space")
CPU = torch.device("cpu")
STREAK = [[1e-2, 0.0], [0.0, 1e-5]]
DIAGONAL = [[5e-3, 4.9e-3], [4.9e-3, 5e-3]]
LARGE = (2048, 4096)
Part = Literal["solved", "large", "quality", "choices", "memory", "cuda"]
DENSE_LAYERS = 3  # square layers of the dense kinds; the encoding's output is the first one's input


@dataclass(frozen=True)
class Options:
    """Benchmark the kinds of field."""

    picture: str = str(SHARED_PHOTOGRAPH) if SHARED_PHOTOGRAPH.exists() else "sample:astronaut"
    """Photograph to train on."""
    seconds: tuple[float, ...] = (15.0, 60.0)
    """Training times."""
    parts: tuple[Part, ...] = get_args(Part)
    """What to measure."""
    kinds: tuple[str, ...] = KIND_NAMES
    """Kinds of field that are trained."""


def main() -> None:
    """Measure what was asked for and print it."""
    options = tyro.cli(Options)
    print(f"Machine: {machine_description()}\n")
    if "solved" in options.parts:
        _solved(options)
        _lattices(options)
    if "large" in options.parts:
        _large()
    if "quality" in options.parts:
        _quality(options)
    if "choices" in options.parts:
        _choices(options)
    if "memory" in options.parts:
        _memory()
    if "cuda" in options.parts:
        _cuda()


def _solved(options: Options) -> None:
    """What a pyramid that is solved for is worth, beside the seconds that it takes."""
    device = choose_device("auto")
    print(f"## Solved for, on {device.type}\n")
    print(
        "PSNR in dB against the exact truth, 3-sigma border cropped, of the pyramid that `fit picture` makes, with one"
    )
    print("filter for all points; in the last column the same filters, handed over one a point.\n")
    variances = " | ".join(f"{variance:g}" for variance in VARIANCES)
    columns_of_quality = (
        f"{variances} | 20 covariances | streak (1e-2, 1e-5) | one a point: 1e-4 to 1e-1, streak, slanted"
    )
    print(f"| picture | solved in | file | {columns_of_quality} |")
    print("|---" * (len(VARIANCES) + 6) + "|")
    others = sorted(SHARED_PHOTOGRAPH.parent.glob("div2k_*.png")) if SHARED_PHOTOGRAPH.exists() else []
    for name in dict.fromkeys(["sample:astronaut", options.picture, *map(str, others)]):
        picture = Picture.open(name).to(device)
        field, seconds = _solved_field(picture)
        isotropic = [_psnr(field, picture, Gaussian(variance)) for variance in VARIANCES]
        covariances = [_psnr(field, picture, gaussian) for gaussian in covariance_filters()]
        columns = [
            f"{picture.facts.name}, {' x '.join(map(str, picture.facts.resolution))}",
            f"{seconds:.2f} s",
            f"{_file_mb(field):.2f} MB",
            *map(_decibels, isotropic),
            f"{np.mean(covariances):.1f} (least {min(covariances):.1f})",
            f"{_psnr(field, picture, Gaussian(STREAK)):.1f}",
            ", ".join(_decibels(_psnr(field, picture, gaussian, apart=True)) for gaussian in _anisotropic_last()),
        ]
        print("| " + " | ".join(columns) + " |", flush=True)
    print()


def _anisotropic_last() -> list[Gaussian]:
    return [*(Gaussian(variance) for variance in VARIANCES if variance), Gaussian(STREAK), Gaussian(DIAGONAL)]


def _decibels(psnr_db: float) -> str:
    """PSNR to print; above 140 dB, float32 leaves nothing to tell from the truth."""
    return "exact" if psnr_db > 140.0 else f"{psnr_db:.1f}"


def _psnr(field: Field, picture: Picture, gaussian: Gaussian, apart: bool = False) -> float:
    """PSNR of a lattice with one filter for all points, or with the same one for each (``apart``)."""
    grid = Grid.covering(picture.facts.half_extent, max(picture.facts.resolution))
    inside = [slice(cut, n - cut) for cut, n in zip(border_px(gaussian, grid), grid.resolution, strict=True)]
    asked = _one_a_point(gaussian, grid.count).to(picture.device) if apart else gaussian
    values = evaluate(field, grid, asked).cpu().numpy()
    return psnr(values[inside[1], inside[0]], smooth_picture(picture, gaussian)[inside[1], inside[0]], (0.0, 1.0))


def _one_a_point(gaussian: Gaussian, count: int) -> Gaussian:
    covariance = gaussian.covariance(2).float()
    is_isotropic = not covariance[0, 1] and covariance[0, 0] == covariance[1, 1]
    return Gaussian(covariance[0, 0].expand(count) if is_isotropic else covariance.expand(count, 2, 2))


def _solved_field(picture: Signal) -> tuple[Field, float]:
    """A solved pyramid, and the shortest of three times that solving took."""
    recipe = preset_recipe("pyramid", "picture", picture.facts)
    seconds = []
    for _ in range(3):
        field = build_field(recipe, picture.facts).to(picture.device)
        started = time.perf_counter()
        field.prepare(picture)
        synchronize(picture.device)
        seconds.append(time.perf_counter() - started)
    return field, min(seconds)


def _file_mb(field: Field) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "field.safetensors"
        save_field(path, field)
        return path.stat().st_size / 1e6


def _lattices(options: Options) -> None:
    """A whole picture filtered, beside the blurs that image libraries have, all in one run."""
    picture = Picture.open(options.picture)
    field, _ = _solved_field(picture)
    grid = Grid.covering(field.facts.half_extent, 512)
    # OpenCV and SciPy blur the array of pixels, reflected at its borders, as far as four standard deviations.
    pixels = np.ascontiguousarray(picture.pixels)
    px_per_unit = max(picture.facts.resolution) / 2
    filters = {f"{variance:g}": Gaussian(variance) for variance in VARIANCES}
    filters |= {"streak (1e-2, 1e-5)": Gaussian(STREAK), "slanted": Gaussian(DIAGONAL)}
    print(f"## A lattice of {' x '.join(map(str, grid.resolution))} points, filtered, in milliseconds\n")
    print("The least of nine times on the processor. OpenCV's and SciPy's blur of the array, float32, for comparison:")
    print("they know its own pixels only, where a field answers on any lattice.\n")
    print("| filter | pyramid, one filter for all | OpenCV | SciPy | pyramid, one filter a point |")
    print("|---|---|---|---|---|")
    for name, gaussian in filters.items():
        covariance = gaussian.covariance(2)
        deviations = (covariance.double().diagonal().sqrt() * px_per_unit).tolist()
        apart = _one_a_point(gaussian, grid.count)
        columns = [
            f"{1e3 * fastest(partial(evaluate, field, grid, gaussian), CPU, repeats=9):.1f}",
            *(_blur_ms(blur, pixels, deviations) if not covariance[0, 1] else "-" for blur in (_opencv, _scipy)),
            f"{1e3 * fastest(partial(evaluate, field, grid, apart), CPU, repeats=3):.0f}",
        ]
        print(f"| {name} | " + " | ".join(columns) + " |", flush=True)
    print()


def _blur_ms(blur: Callable[[np.ndarray, list[float]], np.ndarray], pixels: np.ndarray, deviations: list[float]) -> str:
    if not any(deviations):
        return "-"
    return f"{1e3 * fastest(lambda: blur(pixels, deviations), CPU, repeats=9):.1f}"


def _opencv(pixels: np.ndarray, deviations: list[float]) -> np.ndarray:
    size = [2 * math.ceil(4 * deviation) + 1 for deviation in deviations]
    x, y = (max(deviation, 1e-3) for deviation in deviations)
    blurred: np.ndarray = cv2.GaussianBlur(pixels, size, sigmaX=x, sigmaY=y, borderType=cv2.BORDER_REFLECT)
    return blurred


def _scipy(pixels: np.ndarray, deviations: list[float]) -> np.ndarray:
    blurred: np.ndarray = gaussian_filter(pixels, (deviations[1], deviations[0], 0.0), mode="reflect")
    return blurred


def _large() -> None:
    """Pictures at their full resolution: time, memory of the whole process, and file."""
    print("## Large pictures, each in a process of its own\n")
    print("| picture | solved in | peak of the process | file | evaluated at its own size, variance 1e-3 |")
    print("|---|---|---|---|---|")
    for size in LARGE:
        command = [sys.executable, "-c", f"from benchmarks.fields import large_row; print(large_row({size}))"]
        row = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
        print(row.stdout.strip().splitlines()[-1], flush=True)
    print()


def large_row(size: int) -> str:
    """The row of one large picture; peak memory is that of this process."""
    source = resize(Picture.open("sample:astronaut").pixels, (size, size), order=1)
    picture = Picture((np.round(source * 255) / 255).astype(np.float32), "large")
    del source
    field = build_field(preset_recipe("pyramid", "picture", picture.facts), picture.facts)
    started = time.perf_counter()
    field.prepare(picture)
    seconds = time.perf_counter() - started
    peak_gb = _peak_resident_gb()
    grid = Grid.covering(picture.facts.half_extent, size)
    evaluated = fastest(partial(evaluate, field, grid, Gaussian(1e-3)), CPU, repeats=1)
    columns = f"{seconds:.1f} s | {peak_gb:.2f} GB | {_file_mb(field):.1f} MB | {evaluated:.2f} s"
    return f"| {size} x {size} | {columns} |"


def _peak_resident_gb() -> float:
    """Of this process alone: what ``getrusage`` says begins with what its parent held when it was started."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 2**20


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
    isotropic = [entry.psnr for entry in score(field, picture, standard_filters())]
    covariance_psnr = [entry.psnr for entry in score(field, picture, covariance_filters())]
    columns = [
        kind,
        f"{seconds:g} s, {last.step} steps",
        *(f"{value:.1f}" for value in isotropic),
        f"**{np.mean(isotropic):.1f}**",
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
    by_variance = list(psnr_at_points(field, picture).values())
    columns = [recipe.kind, setting, str(last.step), f"{1e3 * last.elapsed / last.step:.0f}"]
    return (
        "| " + " | ".join([*columns, *(f"{value:.1f}" for value in by_variance), f"{np.mean(by_variance):.1f}"]) + " |"
    )


def _dense_share(field: Field, points_per_second: float) -> str:
    """Share of the matrix product rate that training reaches; forward and backward are three products a layer."""
    if not hasattr(field.recipe, "width") or field.kind == "trained_pyramid":
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
            ["fit", "picture", photo, "--kind", "trained_pyramid", "--seconds", "20", "--out", field],
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
