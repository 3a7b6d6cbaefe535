"""The insets as images: the spectrum of what a pane shows, and isolines of a filter, drawn by Pillow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

from ..covariance import covariance_matrix
from ..filter.controls import Smoothing
from ..gl.canvas import (
    ACCENT,
    BACKING,
    LEAST_FONT_PX,
    TEXT,
    Canvas,
    Font,
    Mask,
    Paint,
    baseline_in,
    canvas_of,
    font_of,
    line_mask,
    rounded_mask,
)
from .spectra import SpectrumInset

DEVIATIONS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Of the isolines."""

_TITLE_EM = 1.7
_CROSS: Paint = (0.66, 0.69, 0.74), 0.22
_BELOW_ZERO: Paint = (0.36, 0.62, 1.0), 1.0


def title_height_px(em_px: float) -> int:
    """What a title takes above an inset."""
    return round(_TITLE_EM * max(em_px, LEAST_FONT_PX))


def title_image(title: str, width: int, em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """A title in the middle of so many pixels, in letters that fit."""
    font, height = _font_for(title, width, em_px), title_height_px(em_px)
    canvas = Canvas(np.zeros((height, width), np.float32), BACKING)
    canvas.write(title, (width - font.getlength(title)) / 2, baseline_in(height, font), font, TEXT)
    return canvas.pixels()


def spectrum_image(inset: SpectrumInset, em_px: float) -> UInt8[np.ndarray, "h w 4"]:
    """A spectrum in a thin frame, with a title above."""
    size, top = len(inset.shades), title_height_px(em_px)
    canvas = canvas_of(size, size + top, 0.3 * top, BACKING)
    title, font = "spectrum", _font_for("spectrum", size, em_px)
    canvas.write(title, (size - font.getlength(title)) / 2, baseline_in(top, font), font, TEXT)
    grey = inset.shades[1:-1, 1:-1].astype(np.float32) / 255
    canvas.put(np.repeat(grey[..., None], 3, 2), 1, top + 1)
    return canvas.pixels()


def filter_image(smoothing: Smoothing, reach: float, size_px: int) -> UInt8[np.ndarray, "h w 4"]:
    """A filter about the middle of a plate, true to scale.

    Args:
        smoothing: the covariance of a Gaussian, whose isolines are drawn, or a kernel, whose values are.
        reach: how far the plate reaches on either side, in the units of the filter.
        size_px: sides of the plate.
    """
    canvas = canvas_of(size_px, size_px, 0.06 * size_px, BACKING)
    thin = max(1, size_px // 160)
    canvas.fill(0, (size_px - thin) // 2, size_px, thin, _CROSS)
    canvas.fill((size_px - thin) // 2, 0, thin, size_px, _CROSS)
    if isinstance(smoothing[0], str):
        _draw_kernel(canvas, smoothing[0], smoothing[1], reach, size_px)
    else:
        _draw_isolines(canvas, covariance_matrix(smoothing), reach, size_px)
    return canvas.pixels()


def _draw_isolines(canvas: Canvas, covariance: Float[np.ndarray, "2 2"], reach: float, size_px: int) -> None:
    variances, axes = np.linalg.eigh(covariance)
    deviations_px = np.sqrt(variances.clip(0)) * size_px / (2 * reach)
    turn = np.linspace(0, 2 * np.pi, 97)
    circle = np.stack([np.cos(turn), np.sin(turn)], -1)
    stroke = max(1.0, size_px / 110)
    plate = rounded_mask(size_px, size_px, 0.06 * size_px)
    dot = 0.7 * stroke
    if 3 * deviations_px.max() <= dot:
        canvas.lay(line_mask(size_px / 2 + dot * circle, size_px, 2 * dot), 0, 0, ACCENT)
        return
    for deviation in DEVIATIONS:
        outline = circle * np.maximum(deviation * deviations_px, 0.5) @ axes.T
        paint = ACCENT[0], 1.15 - 0.28 * deviation
        canvas.lay(line_mask(size_px / 2 + outline, size_px, stroke) * plate, 0, 0, (paint[0], min(paint[1], 1.0)))


def _draw_kernel(canvas: Canvas, kernel: str, half_size: Sequence[float], reach: float, size_px: int) -> None:
    """Its values, as shares of the largest: what is below 0 is blue."""
    values = _kernel_values(kernel, half_size, reach, size_px)
    values = values / (np.abs(values).max() or 1.0)
    plate = rounded_mask(size_px, size_px, 0.06 * size_px)
    for sign, paint in ((1, ACCENT), (-1, _BELOW_ZERO)):
        canvas.lay((sign * values).clip(0, 1) * plate, 0, 0, paint)


def _kernel_values(kernel: str, half_size: Sequence[float], reach: float, size_px: int) -> Mask:
    import torch

    from fieldcore.kernel_names import kernel_of

    cells = (torch.arange(size_px, dtype=torch.float64) + 0.5) / size_px * 2 - 1
    least = 1.0 / size_px  # of the plate's reach: a kernel that is thinner is a line
    across, down = (cells / max(size / reach, least) for size in half_size)
    terms = kernel_of(kernel, 1.0).terms
    values = sum((torch.outer(term[-1].values(down), term[0].values(across)) for term in terms), torch.zeros(()))
    found: Mask = values.numpy().astype(np.float32)
    return found


def _font_for(title: str, width: int, em_px: float) -> Font:
    """The font of that size, or a smaller one in which a title fits."""
    wanted = max(round(0.95 * em_px), LEAST_FONT_PX)
    fitting = (size for size in range(wanted, LEAST_FONT_PX, -1) if font_of(size).getlength(title) <= width)
    return font_of(next(fitting, LEAST_FONT_PX))
