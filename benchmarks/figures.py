"""The figures of docs/images: ``scales.png``, one photograph at five variances, the truth, the three kinds and their
errors; ``hero.png``, one pyramid field under five filters; ``light_stage.png``, the shipped stage under lights of four
sizes; ``convolution.png``, one integral field under kernels.

    python -m benchmarks.figures [--out docs/images]

Uses the shipped fields (assets/), so anyone gets the same picture in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import torch
import tyro
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from fieldcore import (
    Gaussian,
    Grid,
    Kernel,
    LightStage,
    Picture,
    Profile,
    evaluate,
    light_of,
    load_field,
    smooth_lights,
    smooth_picture,
    train,
)
from fieldcore.filter_sets import VARIANCES
from fieldcore.kernel_names import kernel_of
from fieldcore.lights.stage_facts import stage_grid
from fieldcore.measures import psnr, shown_values
from fieldcore.scoring import border_px

matplotlib.use("Agg")
from matplotlib import pyplot as plt

ASSETS = Path(__file__).parents[1] / "assets"
KIND_NAMES = ("pyramid", "spectral", "scale_space")
LARGEST_ERROR = 0.1
_INK = "#e8e8ea"
_PAPER = "#16171b"


@dataclass(frozen=True)
class Options:
    """Draw the figures."""

    out: Path = Path("docs/images")
    """Folder to write to."""


def main() -> None:
    """Evaluate the shipped fields and draw them."""
    out = tyro.cli(Options).out
    out.mkdir(parents=True, exist_ok=True)
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": _INK})
    for name, figure in (
        ("hero.png", _hero()),
        ("scales.png", _scales()),
        ("light_stage.png", _light_stage()),
        ("convolution.png", _convolution()),
    ):
        figure.savefig(out / name, dpi=110, facecolor=_PAPER)
        print(out / name)


def _hero() -> Figure:
    field = load_field(ASSETS / "pyramid.safetensors")
    grid = Grid.covering(field.facts.half_extent, 360)
    filters = {
        "unfiltered": None,
        "variance 1e-3": Gaussian(1e-3),
        "variance 1e-2": Gaussian(1e-2),
        "covariance 1e-2, 0, 1e-4": Gaussian([[1e-2, 0.0], [0.0, 1e-4]]),
        "one a point": Gaussian(2e-2 * grid.points(0, grid.count).add(torch.tensor([0.13, 0.6])).square().sum(1) ** 2),
    }
    figure, axes = plt.subplots(1, len(filters), figsize=(13, 2.9), facecolor=_PAPER)
    for axis, (title, gaussian) in zip(axes, filters.items(), strict=True):
        _show(axis, evaluate(field, grid, gaussian).numpy())
        axis.set_title(title, color=_INK, pad=6)
        axis.set_axis_off()
    figure.subplots_adjust(left=0.006, right=0.994, top=0.89, bottom=0.02, wspace=0.03)
    return figure


def _light_stage() -> Figure:
    stage = LightStage.open(ASSETS / "ammonite_stage")
    field = train("relight", stage, basis="photos")
    light = light_of(stage.facts, [-0.5, 0.45, 0.74])
    grid = stage_grid(stage.facts, light)
    filters = {
        "a point light": None,
        "variance 1e-2": Gaussian(1e-2),
        "variance 1e-1": Gaussian(1e-1),
        "a strip of light": Gaussian([[2e-1, 0.0], [0.0, 1e-5]]),
    }
    pictures = {
        title: evaluate(field, grid, None if one is None else one.on_axes((2, 3), 4))
        .numpy()
        .reshape(*grid.shape[-2:], 3)
        for title, one in filters.items()
    }
    pictures["the strip, exactly"] = smooth_lights(stage, light, filters["a strip of light"])[1].numpy()
    figure, axes = plt.subplots(1, len(pictures), figsize=(13, 2.9), facecolor=_PAPER)
    for axis, (title, values) in zip(axes, pictures.items(), strict=True):
        _show(axis, shown_values(values, stage.facts))
        axis.set_title(title, color=_INK, pad=6)
        axis.set_axis_off()
    figure.subplots_adjust(left=0.006, right=0.994, top=0.89, bottom=0.02, wspace=0.03)
    return figure


def _convolution() -> Figure:
    """One integral field under kernels: another size at every row, a difference of B-splines, streaks, a disc."""
    picture = Picture.open("sample:astronaut")
    field = train("integral", picture)
    grid = Grid.covering(field.facts.half_extent, 360)
    away = (grid.points(0, grid.count)[:, 1:] + 0.35).abs()
    sizes = 0.002 * 75 ** ((away - 0.2) / 0.6).clamp(0, 1)
    kernels = {
        "a photograph": None,
        "tilt-shift: a size a point": Kernel(Profile.quadratic(), sizes.double()),
        "difference of B-splines": kernel_of("difference:1.6", 0.02),
        "a streak": Kernel(Profile.box(), [0.2, 0.0]),
        "a disc": kernel_of("sample:disc", 0.05),
    }
    figure, axes = plt.subplots(1, len(kernels), figsize=(13, 2.9), facecolor=_PAPER)
    for axis, (title, kernel) in zip(axes, kernels.items(), strict=True):
        values = evaluate(field, grid, kernel).numpy()
        _show(axis, 0.5 + 4 * values if title.startswith("difference") else values)
        axis.set_title(title, color=_INK, pad=6)
        axis.set_axis_off()
    figure.subplots_adjust(left=0.006, right=0.994, top=0.89, bottom=0.02, wspace=0.03)
    return figure


def _scales() -> Figure:
    picture = Picture.open("sample:astronaut")
    width, height = picture.facts.resolution
    grid = Grid((width, height), tuple(-h for h in picture.facts.half_extent), picture.facts.half_extent)
    rows = 1 + 2 * len(KIND_NAMES)
    figure, axes = plt.subplots(rows, len(VARIANCES), figsize=(10.4, 14.6), facecolor=_PAPER)
    truths = {variance: smooth_picture(picture, Gaussian(variance)) for variance in VARIANCES}
    for column, variance in enumerate(VARIANCES):
        _show(axes[0, column], truths[variance])
        axes[0, column].set_title(f"variance {variance:g}" if variance else "unfiltered", color=_INK, pad=6)
    _label(axes[0, 0], "truth")
    for index, kind in enumerate(KIND_NAMES):
        field = load_field(ASSETS / f"{kind}.safetensors")
        for column, variance in enumerate(VARIANCES):
            gaussian = Gaussian(variance)
            values = evaluate(field, grid, gaussian).numpy()
            above, below = axes[1 + 2 * index, column], axes[2 + 2 * index, column]
            _show(above, values)
            error = np.abs(values - truths[variance]).mean(-1)
            below.imshow(error, cmap="magma", vmin=0, vmax=LARGEST_ERROR)
            _mark_scored(below, border_px(gaussian, grid), values, truths[variance])
        _label(axes[1 + 2 * index, 0], kind)
        _label(axes[2 + 2 * index, 0], "error")
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
    figure.subplots_adjust(left=0.05, right=0.995, top=0.972, bottom=0.05, wspace=0.03, hspace=0.03)
    _scale_bar(figure)
    return figure


def _show(axis: Axes, values: np.ndarray) -> None:
    axis.imshow(values.clip(0, 1))


def _label(axis: Axes, text: str) -> None:
    axis.set_ylabel(text, color=_INK)


def _mark_scored(axis: Axes, border: tuple[int, ...], values: np.ndarray, truth: np.ndarray) -> None:
    """Outline the part that is scored, three deviations from the border, and write its PSNR."""
    height, width = truth.shape[:2]
    x, y = border
    inside = (slice(y, height - y), slice(x, width - x))
    outline = plt.Rectangle((x, y), width - 2 * x, height - 2 * y, fill=False, color=_INK, linewidth=0.6)
    axis.add_patch(outline)
    text = f"{psnr(values[inside], truth[inside], (0.0, 1.0)):.1f} dB"
    canvas = {"facecolor": _PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    axis.text(0.97, 0.04, text, transform=axis.transAxes, ha="right", color=_INK, bbox=canvas)


def _scale_bar(figure: Figure) -> None:
    axis = figure.add_axes((0.3, 0.034, 0.4, 0.007))
    bar = figure.colorbar(ScalarMappable(Normalize(0, LARGEST_ERROR), "magma"), cax=axis, orientation="horizontal")
    bar.outline.set_visible(False)
    axis.tick_params(colors=_INK, labelsize=8, length=2)
    axis.set_xlabel(
        "mean absolute error; PSNR inside the outline, three standard deviations from the border",
        fontsize=8,
        color=_INK,
    )


if __name__ == "__main__":
    main()
