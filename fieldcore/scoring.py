"""How well a field is its signal, smoothed: PSNR, SSIM and FLIP against the truth at many filters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import flip_evaluator
import numpy as np
import torch
from jaxtyping import Float
from skimage.metrics import structural_similarity
from torch import Tensor

from .errors import InputError
from .evaluation import Grid, evaluate
from .fields.field import Field
from .filters import Gaussian
from .images import display_from_linear
from .perceptual import lpips_distance
from .sampling import random_covariances, sobol
from .signals import Picture, Signal, SignalFacts
from .truth import smooth_cells, smooth_picture, smooth_points

VARIANCES = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
"""The standard variances, in squared domain units."""

COVARIANCE_COUNT = 20
FORMULA_RESOLUTION = 128  # cells an axis for signals without pixels
_POINT_SAMPLES = {3: 256}  # by the number of coordinates: Monte-Carlo samples a point of the closing score
_SSIM_WINDOW = 7  # pixels a side
_LEAST_SIDE = 16  # pixels that cropping always leaves, enough for SSIM's window


@dataclass(frozen=True)
class Score:
    """Agreement of a field with the truth under one filter.

    Attributes:
        gaussian: the filter.
        psnr: dB, relative to the signal's value range.
        ssim: mean structural similarity (Wang et al. 2004, 7 x 7 window), 1 is equal; None below 7 x 7 pixels.
        flip: mean FLIP error (Andersson et al. 2020) of the display-encoded pictures, 0 is equal.
        lpips: LPIPS distance (Zhang et al. 2018), None where its weights are not at hand.
        standard_error: root mean square of the truth's own standard error, 0 where the truth is exact.
        border_px: pixels cropped at the (left and right, top and bottom) borders.
    """

    gaussian: Gaussian
    psnr: float
    ssim: float | None
    flip: float
    lpips: float | None
    standard_error: float
    border_px: tuple[int, ...]


def standard_filters() -> list[Gaussian]:
    """One isotropic Gaussian for each of the standard variances."""
    return [Gaussian(variance) for variance in VARIANCES]


def covariance_filters(seed: int = 0, dim: int = 2) -> list[Gaussian]:
    """The fixed set of 20 covariances: eigenvalues log-uniform in 1e-5..1e-1, random orientation."""
    generator = torch.Generator().manual_seed(seed)
    exponents = -5 + 4 * torch.rand(COVARIANCE_COUNT, dim, generator=generator, dtype=torch.float64)
    return [Gaussian(matrix) for matrix in random_covariances(exponents, generator)]


def score(field: Field, signal: Signal, filters: list[Gaussian]) -> Iterator[Score]:
    """Score ``field`` against ``signal`` under each filter, on the signal's own pixel grid.

    Three standard deviations of the filter are cropped at every border (16 pixels are always left): what the
    truth is there depends on how the border is continued.

    Raises:
        InputError: the signal's shape or channels are not those the field was trained on.
    """
    check_same_shape(field, signal)
    resolution = signal.facts.resolution or (FORMULA_RESOLUTION,) * signal.dim
    grid = Grid(resolution, tuple(-h for h in signal.facts.half_extent), signal.facts.half_extent)
    for gaussian in filters:
        truth, standard_error = _truth_on(grid, signal, gaussian)
        values = evaluate(field, grid, gaussian).double().cpu().numpy()
        ratio, similarity = agreement(values, truth, signal.facts, gaussian, grid)
        border = border_px(gaussian, grid)
        shown, shown_truth = (shown_values(_cropped(part, border), signal.facts) for part in (values, truth))
        yield Score(
            gaussian=gaussian,
            psnr=ratio,
            ssim=similarity,
            flip=float(flip_evaluator.evaluate(shown_truth, shown, "LDR")[1]),
            lpips=lpips_distance(shown_truth, shown),
            standard_error=standard_error,
            border_px=border,
        )


def agreement(
    values: Float[np.ndarray, "h w c"],
    truth: Float[np.ndarray, "h w c"],
    facts: SignalFacts,
    gaussian: Gaussian,
    grid: Grid,
) -> tuple[float, float | None]:
    """PSNR (dB) and SSIM of values against the truth, both of the whole signal under one filter, border cropped.

    What ``score`` says of the two, without what takes long.

    Args:
        facts: of the signal, which say what black and white are.
        gaussian: the filter, of which three standard deviations are cropped at every border (16 pixels are left).
        grid: the cells of ``values`` and ``truth``.

    Returns:
        PSNR relative to the value range, and mean SSIM, which is None below 7 x 7 pixels.
    """
    border = border_px(gaussian, grid)
    values, truth = _cropped(values, border), _cropped(truth, border)
    return psnr(values, truth, facts.value_range), _ssim(shown_values(values, facts), shown_values(truth, facts))


def psnr_at_points(field: Field, signal: Signal, count: int = 8192, seed: int = 0) -> dict[str, float]:
    """PSNR in dB at the standard variances on seeded points only: quick enough to close every training with.

    Keys are the variances as text, such as ``"0.001"``.
    """
    result = {}
    for gaussian in standard_filters():
        x = _points_inside(signal, gaussian, count, seed)
        truth = _truth_at(signal, x, gaussian)
        with torch.no_grad():
            values = field.eval()(x.to(field.device), gaussian.to(field.device)).cpu()
        result[f"{float(gaussian.variance):.6g}"] = psnr(values.numpy(), truth.numpy(), signal.facts.value_range)
    return result


def psnr(
    values: Float[np.ndarray, "*shape"], truth: Float[np.ndarray, "*shape"], value_range: tuple[float, float]
) -> float:
    """Peak signal-to-noise ratio in dB, at most 200."""
    error = float(np.mean((values.astype(np.float64) - truth) ** 2))
    return -10 * math.log10(max(error / (value_range[1] - value_range[0]) ** 2, 1e-20))


def border_px(gaussian: Gaussian, grid: Grid) -> tuple[int, ...]:
    """Pixels within three standard deviations of the borders across each axis, leaving 16 in the middle."""
    deviations = gaussian.covariance(len(grid.resolution)).double().cpu().diagonal().sqrt().tolist()
    border = []
    for deviation, n, low, high in zip(deviations, grid.resolution, grid.lower, grid.upper, strict=True):
        wanted = math.ceil(3 * deviation * n / (high - low))
        border.append(min(wanted, max(0, (n - _LEAST_SIDE) // 2)))
    return tuple(border)


def check_same_shape(field: Field, signal: Signal) -> None:
    """Raise InputError unless the signal's box and channels are those the field was trained on."""
    for what in ("half_extent", "channels"):
        of_field, of_signal = getattr(field.facts, what), getattr(signal.facts, what)
        if of_field != of_signal:
            raise InputError(
                f"signal '{signal.facts.name}': its {what.replace('_', ' ')} is {of_signal}, "
                f"but the field was trained on '{field.facts.name}' with {of_field}"
            )


def _truth_on(grid: Grid, signal: Signal, gaussian: Gaussian) -> tuple[np.ndarray, float]:
    if isinstance(signal, Picture):
        return smooth_picture(signal, gaussian), 0.0
    return smooth_cells(signal, gaussian, grid, samples=1024)


def _points_inside(signal: Signal, gaussian: Gaussian, count: int, seed: int) -> Float[Tensor, "n d"]:
    """Seeded points outside the cropped border: pixel centres of a picture, where its truth is exact."""
    resolution = signal.facts.resolution or (1024,) * signal.dim
    half = signal.facts.half_extent
    border = border_px(gaussian, Grid(resolution, tuple(-h for h in half), half))
    noise = sobol(count, signal.dim, seed)
    columns = []
    for axis, (n, b, h) in enumerate(zip(resolution, border, half, strict=True)):
        index = b + (noise[:, axis] * (n - 2 * b)).long()
        columns.append(h * ((2 * index + 1) / n - 1))
    return torch.stack(columns, -1).float()


def _truth_at(signal: Signal, x: Float[Tensor, "n d"], gaussian: Gaussian) -> Float[Tensor, "n c"]:
    if not isinstance(signal, Picture):
        samples = _POINT_SAMPLES.get(signal.dim, 1024)
        return smooth_points(signal.sampled, x.to(signal.device), gaussian, samples=samples).mean.cpu()
    smooth = smooth_picture(signal, gaussian)
    height, width = smooth.shape[:2]
    half_x, half_y = signal.facts.half_extent
    column = (((x[:, 0] / half_x + 1) * width - 1) / 2).round().long().numpy()
    row = (((x[:, 1] / half_y + 1) * height - 1) / 2).round().long().numpy()
    return torch.from_numpy(smooth[row, column])


def _cropped(values: np.ndarray, border: tuple[int, ...]) -> np.ndarray:
    height, width = values.shape[:2]
    return values[border[1] : height - border[1], border[0] : width - border[0]]


def _ssim(shown: Float[np.ndarray, "h w 3"], truth: Float[np.ndarray, "h w 3"]) -> float | None:
    if min(shown.shape[:2]) < _SSIM_WINDOW:
        return None
    return float(structural_similarity(truth, shown, channel_axis=2, data_range=1.0, win_size=_SSIM_WINDOW))


def shown_values(values: Float[np.ndarray, "h w c"], facts: SignalFacts) -> Float[np.ndarray, "h w 3"]:
    """What a screen would show: value range to [0, 1], display-encoded, three channels, float32."""
    low, high = facts.value_range
    shown = (values - low) / (high - low)
    if facts.encoding == "linear":
        shown = display_from_linear(shown)
    shown = shown.clip(0, 1).astype(np.float32)
    return np.repeat(shown, 3, axis=2) if shown.shape[2] == 1 else np.ascontiguousarray(shown[..., :3])
