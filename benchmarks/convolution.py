"""Convolution by repeated integration: how exact and how fast, beside what was aimed at. Prints Markdown.

    python -m benchmarks.convolution [--picture FILE]

Exact values are Gauss-Legendre sums over every polynomial piece of kernel and picture. Times are processor times;
``OMP_NUM_THREADS=1`` makes them those of one core. The machine it ran on is printed first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import scipy.fft
import torch
import tyro
from jaxtyping import Float
from torch import Tensor

from benchmarks.machine import machine_description
from fieldcore import BSpline, Gaussian, Grid, Kernel, Picture, Profile, Tent, Video, fit_profile, products_of_picture
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.gaussian_profile import as_kernel
from fieldcore.fields.integral import Integral
from fieldcore.fields.repeated_integral import RepeatedIntegral
from fieldcore.fields.smooth_lattice import Line
from fieldcore.filters import Box
from fieldcore.kernel_sources import curve_of_formula, picture_of_formula
from fieldcore.picture_truth import smooth_picture
from fieldcore.videos import read_clip

SHARED = Path(__file__).parents[2] / "shared" / "data"
PICTURE = SHARED / "pictures" / "div2k_00.png"
FILM = SHARED / "video" / "gargoyle_loop_base.mp4"
SIDE = 512
HALF_SIZES_PX = (0.3, 0.7, 1.0, 1.28, 2.6, 5.1, 12.8, 25.6, 64.0, 128.0, 700.0)
KERNELS = {"box": Box, "tent": Tent, "quadratic": BSpline}
POINTS = 400

Row = tuple[str, str, str]


@dataclass(frozen=True)
class Options:
    """Benchmark the repeated integral."""

    picture: Path | None = PICTURE if PICTURE.exists() else None
    """Picture of 512 x 512 or more, of which the middle is taken; by default a photograph, or where that is not at hand
    one of scikit-image."""


def main() -> None:
    """Measure and print."""
    options = tyro.cli(Options)
    picture = middle(Picture.open(options.picture or "sample:astronaut"))
    print(f"Machine: {machine_description()}, {torch.get_num_threads()} threads\n")
    print(f"Picture: {options.picture.name if options.picture else 'astronaut.png'}, {SIDE} x {SIDE} x 3\n")
    print("| | measured | target |\n|---|---|---|")
    field = build_field(preset_recipe("integral", "solved", picture.facts), picture.facts)
    assert isinstance(field, Integral)
    field.prepare(picture)
    for rows in (_precision, _shared, _per_point, _table, _gaussian, _fitting, _disc):
        for row in rows(field, picture):
            print("| " + " | ".join(row) + " |", flush=True)
    for row in (*_film(), *_volume()):
        print("| " + " | ".join(row) + " |", flush=True)


def middle(picture: Picture) -> Picture:
    """Its middle 512 x 512, without transparency."""
    height, width = picture.pixels.shape[:2]
    top, left = (height - SIDE) // 2, (width - SIDE) // 2
    return Picture(picture.pixels[top : top + SIDE, left : left + SIDE, :3])


def decibels(error: Float[np.ndarray, "*n"]) -> float:
    """PSNR of values in [0, 1]."""
    return -10 * math.log10(max(float(np.mean(np.square(error))), 1e-40))


def _precision(field: Integral, picture: Picture) -> Iterator[Row]:
    exact_field = _copy_in_double(field, picture)
    x = 2 * torch.rand(POINTS, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    for name, target in (("box", 150), ("tent", 150), ("quadratic", 120)):
        found = {}
        for size in HALF_SIZES_PX:
            kernel = KERNELS[name](torch.full((POINTS, 1), 2 * size / SIDE, dtype=torch.float64))
            exact = by_quadrature(picture.pixels, x.numpy(), kernel.terms[0][0], size)
            found[size] = decibels(exact_field(x, kernel).detach().numpy() - exact)
        worst = min(found, key=lambda size: found[size])
        yield (
            f"{name}, float64, own size a point, {HALF_SIZES_PX[0]:g} to {HALF_SIZES_PX[-1]:g} px, border included",
            f"{found[worst]:.0f} dB or more (least at {worst:g} px)",
            f">= {target} dB",
        )


def _copy_in_double(field: Integral, picture: Picture) -> Integral:
    copy = build_field(field.recipe, field.facts)
    assert isinstance(copy, Integral)
    copy.prepare(picture)
    return copy.double()


def by_quadrature(
    pixels: Float[np.ndarray, "h w c"], x: Float[np.ndarray, "n 2"], profile: Profile, half_size_px: float
) -> Float[np.ndarray, "n c"]:
    """The mirrored bilinear picture under a product of two profiles at points, by Gauss's sums along either axis."""
    height, width, channels = pixels.shape
    columns = _quadrature_weights((x[:, 0] + 1) / 2 * width - 0.5, width, profile, half_size_px)
    rows = _quadrature_weights((x[:, 1] + 1) / 2 * height - 0.5, height, profile, half_size_px)
    along = (rows @ pixels.astype(np.float64).reshape(height, -1)).reshape(len(x), width, channels)
    return np.einsum("nw,nwc->nc", columns, along)


def _quadrature_weights(
    position: Float[np.ndarray, "n"], count: int, profile: Profile, half_size: float
) -> Float[np.ndarray, "n count"]:
    """What each sample is worth at each position, by quadrature over every piece of the kernel in every cell."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    matrix = np.zeros((len(position), count))
    for row, at in zip(matrix, position, strict=True):
        knots = at - profile.knots.numpy()[::-1] * half_size
        edges = np.union1d(knots, np.arange(math.ceil(knots[0]), math.floor(knots[-1]) + 1))
        half = np.diff(edges)[:, None] / 2
        v = (edges[:-1, None] + half * (1 + nodes)).ravel()
        values = profile.values(torch.from_numpy((at - v) / half_size)).numpy() / half_size
        worth = values * (half * weights).ravel()
        cell = np.floor(v).astype(np.int64)
        for sample, share in ((cell, 1 - (v - cell)), (cell + 1, v - cell)):
            turned = sample % (2 * count)
            row += np.bincount(np.minimum(turned, 2 * count - 1 - turned), worth * share, count)
    return matrix


def _milliseconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Least processor time of several runs, after one that is not counted: other programs do not add to it."""
    work()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return 1e3 * min(times)


def _grid() -> Grid:
    return Grid.covering((1.0, 1.0), SIDE)


def _shared(field: Integral, picture: Picture) -> Iterator[Row]:
    axes = _grid().axes()
    fitted, _ = fit_profile(*curve_of_formula("gaussian"), 1, 13)
    kinds: dict[str, Callable[..., Kernel]] = {**KERNELS, "13 knots": partial(Kernel, fitted)}
    times = {name: _milliseconds(_another_size(partial(field.on_lattice, axes), kind)) for name, kind in kinds.items()}
    yield (
        f"one kernel for all of {SIDE} x {SIDE} x 3: {' / '.join(times)}",
        " / ".join(f"{each:.0f}" for each in times.values()) + " ms",
        "<= 40 ms",
    )


def _another_size(work: Callable[..., object], kernel_of: Callable[[float], object]) -> Callable[[], object]:
    """The work with a slightly larger kernel each time, as a slider asks for it: matrices are kept of the same one."""
    sizes = (0.1 * (1 + 1e-4 * step) for step in count())
    return lambda: work(kernel_of(next(sizes)))


def _per_point(field: Integral, picture: Picture) -> Iterator[Row]:
    for what, side, targets in (("own size at every point", SIDE, (250, 600, 3200)), ("coarse picture", 64, (60,) * 3)):
        grid = Grid.covering((1.0, 1.0), side)
        x = grid.points(0, grid.count)
        sizes = 2 / SIDE * 64 ** ((x[:, 1:] + 1) / 2)  # from 1 px at the top to 64 px at the bottom
        with torch.no_grad():
            found = [_milliseconds(partial(field, x, kind(sizes)), 3) for kind in KERNELS.values()]
        yield (
            f"{what}, {side} x {side} x 3: {' / '.join(KERNELS)}",
            " / ".join(f"{each:.0f}" for each in found) + " ms",
            "<= " + " / ".join(map(str, targets)) + " ms",
        )


def _table(field: Integral, picture: Picture) -> Iterator[Row]:
    x, sizes = torch.zeros(1, 2), torch.full((1, 2), 0.5, dtype=torch.float64)
    found, megabytes = [], 0.0
    for degree in range(3):
        profiles = [[Profile.minimal(degree)] * 2]

        def build(profiles: list[list[Profile]] = profiles) -> RepeatedIntegral:
            fresh = RepeatedIntegral(field.lines, field.samples)
            fresh.at(x, profiles, sizes)
            return fresh

        found.append(_milliseconds(build, 3) / 1e3)
        megabytes = max(megabytes, build().table_bytes / 1e6)
    yield (
        f"building one table of {SIDE} x {SIDE} x 3: {' / '.join(KERNELS)}",
        " / ".join(f"{each:.2f}" for each in found) + f" s, {megabytes:.1f} MB",
        "<= 0.3 s, <= 7 MB",
    )


def _gaussian(field: Integral, picture: Picture) -> Iterator[Row]:
    found = []
    deviations = (4.27, 8.0, 12.8)
    for deviation in deviations:
        gaussian = Gaussian(torch.tensor((2 * deviation / SIDE) ** 2, dtype=torch.float64))
        values = picture.truth().values(as_kernel(gaussian, 2), _grid())
        found.append(decibels(values - smooth_picture(picture, gaussian)))
    yield (
        f"Gaussian of 8 Diracs and degree 2 against exact, deviation {' / '.join(map(str, deviations))} px",
        " / ".join(f"{each:.1f}" for each in found) + " dB",
        ">= 75 dB",
    )


def _fitting(field: Integral, picture: Picture) -> Iterator[Row]:
    u = np.linspace(-1, 1, 201)
    drawn = np.exp(-4 * u**2) * (1 + 0.4 * np.sin(7 * u))
    _, residual = fit_profile(u, drawn, 1, 13)
    seconds = _milliseconds(partial(fit_profile, u, drawn, 1, 13), 2) / 1e3
    yield f"fitting a drawn curve, 13 knots (leaves {100 * residual:.1f} %)", f"{seconds:.2f} s", "<= 0.2 s"


def _disc(field: Integral, picture: Picture) -> Iterator[Row]:
    """A disc of radius 25.6 px, whose values at pixels are linear between them, against the Fourier transform."""
    side = 53
    values = picture_of_formula("disc", side)
    exact = _by_fft(picture.pixels, values / values.sum())
    found = []
    for terms in (4, 8):
        products, _ = products_of_picture(values, 1, terms)
        kernel = Kernel.sum_of(products, torch.tensor((side + 1) / SIDE, dtype=torch.float64))
        found.append(decibels(field.on_lattice(_grid().axes(), kernel).numpy().reshape(SIDE, SIDE, 3) - exact))
    yield (
        "disc of 53 px as a sum of 4 / 8 products",
        " / ".join(f"{each:.0f}" for each in found) + " dB",
        ">= 65 / 80 dB",
    )


def _by_fft(pixels: Float[np.ndarray, "h w c"], kernel: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "h w c"]:
    """Pixels on the mirrored torus under a kernel whose values, like theirs, are linear between."""
    height, width = pixels.shape[:2]
    whole = np.concatenate([pixels, pixels[::-1]]).astype(np.float64)
    whole = np.concatenate([whole, whole[:, ::-1]], 1)
    torus = np.zeros(whole.shape[:2])
    torus[: len(kernel), : len(kernel)] = kernel
    torus = np.roll(torus, (-(len(kernel) // 2),) * 2, (0, 1))
    for axis in (0, 1):  # a tent under a tent is worth 2/3 at its middle, and 1/6 beside it
        torus = 2 / 3 * torus + (np.roll(torus, 1, axis) + np.roll(torus, -1, axis)) / 6
    transfer = scipy.fft.rfft2(torus)[..., None]
    smooth = scipy.fft.irfft2(scipy.fft.rfft2(whole, axes=(0, 1)) * transfer, s=torus.shape, axes=(0, 1))
    return smooth[:height, :width]


def _film() -> Iterator[Row]:
    """Along time, at random pixels of a film, against sums in double precision."""
    if FILM.exists():
        frames = read_clip(FILM, stop=120).frames[:, ::8, ::8]
    else:
        frames = np.random.default_rng(0).integers(0, 256, (120, 24, 32, 3), np.uint8)
    video = Video(np.ascontiguousarray(frames))
    field = build_field(preset_recipe("integral", "solved", video.facts), video.facts)
    assert isinstance(field, Integral)
    field.prepare(video)
    length = len(frames)
    when = np.arange(length)
    axes = [torch.from_numpy((2 * np.arange(n) + 1) / n - 1) * half for n, half in zip(
        video.facts.resolution, video.facts.half_extent, strict=True)]  # fmt: skip
    found = {}
    for name in ("box", "tent"):
        for size in (0.75, 2.0, 8.0, 30.0):
            kernel = KERNELS[name](torch.tensor([0.0, 0.0, 2 * size / length], dtype=torch.float64))
            weights = _quadrature_weights(when.astype(np.float64), length, kernel.terms[0][0], size)
            exact = np.tensordot(weights, frames / 255, 1).reshape(-1, 3)
            found[name, size] = decibels(field.on_lattice(axes, kernel).numpy() - exact)
    yield (
        f"film of {length} frames along time, box and tent of 0.75 to 30 frames, float32",
        f"{min(found.values()):.0f} dB or more",
        ">= 100 dB",
    )


def _volume() -> Iterator[Row]:
    n = 96
    at = torch.linspace(-1, 1, n)
    distance = (at[:, None, None] ** 2 + at[:, None] ** 2 + at**2).sqrt()[None] - 0.6
    integral = RepeatedIntegral([Line(-1.0, 2 / (n - 1), n, 1.0, "mirror")] * 3, distance)
    axes: list[Tensor] = [at.double()] * 3
    profiles = [[Profile.minimal(degree)] * 3 for degree in range(3)]
    found = [
        _milliseconds(_another_size(partial(integral.on_lattice, axes, [along]), lambda size: [size] * 3))
        for along in profiles
    ]
    times = " / ".join(f"{each:.0f}" for each in found)
    yield f"distances on a lattice of {n}^3: {' / '.join(KERNELS)}", f"{times} ms", "<= 50 ms"


if __name__ == "__main__":
    main()
