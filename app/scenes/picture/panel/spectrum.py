"""The group *Spectrum*: which frequencies the picture has, and which the filter lets through."""

from __future__ import annotations

import math

import dearpygui.dearpygui as dpg
import numpy as np
import torch
from jaxtyping import Float
from scipy.special import i0e

from fieldcore.filters import Filter
from fieldcore.spectrum import Spectrum, half_power_ellipse

from ....covariance import Covariance, distinct_variances, gaussian_of
from ....gl.colormap import magma
from ....panel import theme
from ....panel.board import Board, Tag
from ....panel.plots import Curves, Image, coloured
from ....plane.agreement import SPECTRUM_PX
from ..controls import Controls
from ..state import pictures

_SIDE_PT, _PLOT_PT = 180, 156
_DIRECTIONS = 32
_DECADES = 8.0
"""Of power, down the plot."""

_INSET = (
    "the picture's power by frequency, in powers of ten from black (least) to pale yellow (most): frequency 0 in the "
    "middle, the highest that its pixels carry at the edges. Inside the ellipse the filter lets more than half through"
)
_HALF = "the frequencies at which the filter lets half the power through, along its long and its short axis"
_CURVES = (
    "power by frequency, averaged over all directions: of the picture, and what the filter leaves of it. The thin "
    "lines are the share that the filter lets through along its long and its short axis, 0 being all"
)


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    with board.row("power spectrum", _INSET):
        inset = _Inset(board)
    half = board.fact("half power at", _HALF)
    curves = _Curves(board)
    shown: list[object] = [None]

    def refresh() -> None:
        state = pictures(session)
        spectrum, controls = state.spectrum, state.controls
        now = (id(spectrum), controls.smoothing)
        if now == shown[0]:
            return
        shown[0] = now
        half.show(_half_power(controls.covariance) if controls.is_gaussian else "shown for Gaussians")
        if spectrum is not None:
            inset.show(spectrum, controls.covariance if controls.is_gaussian else None)
            curves.show(spectrum, controls)

    board.refreshed(header, refresh)


def passed_share(frequencies: Float[np.ndarray, "k"], long: float, short: float) -> Float[np.ndarray, "k"]:
    """log10 of the share of the power that a Gaussian lets through, its mean over all directions.

    The mean of ``exp(-4 pi^2 f^2 (short + (long - short) cos^2 t))`` over t, in closed form.
    """
    exponent = 4 * math.pi**2 * frequencies**2
    return (-short * exponent + np.log(i0e((long - short) / 2 * exponent))) / math.log(10)


def passed_by(
    filter: Filter, frequencies: Float[np.ndarray, "k"]
) -> tuple[tuple[Float[np.ndarray, "k"], Float[np.ndarray, "k"]], Float[np.ndarray, "k"]]:
    """The same for any filter: along the width and along the height, and the mean over directions."""
    turns = torch.arange(_DIRECTIONS) * (math.pi / _DIRECTIONS)
    ways = torch.stack([turns.cos(), turns.sin()], -1)
    points = torch.from_numpy(frequencies).float()[:, None, None] * ways
    power = filter.response(points.flatten(0, 1)).abs().square().reshape(-1, _DIRECTIONS).double()
    shares = power[:, 0], power[:, _DIRECTIONS // 2], power.mean(1)
    logarithms = [share.clamp_min(1e-30).log10().numpy() for share in shares]
    return (logarithms[0], logarithms[1]), logarithms[2]


def _half_power(covariance: Covariance) -> str:
    variances = [variance for variance in distinct_variances(covariance) if variance > 0]
    if not variances:
        return "none: all pass"
    frequencies = (math.sqrt(math.log(2) / variance) / (2 * math.pi) for variance in variances)
    return " by ".join(f"{frequency:.3g}" for frequency in frequencies) + " cycles a unit"


class _Inset:
    """The spectrum as a picture, with the filter's ellipse."""

    def __init__(self, board: Board) -> None:
        self._spectrum: Spectrum | None = None
        self._colours = magma()
        self._image = Image(board, (SPECTRUM_PX, SPECTRUM_PX), (_SIDE_PT, _SIDE_PT))
        self._outline = dpg.draw_polyline(
            [(0, 0), (0, 0)], color=theme.colours.accent, thickness=1.5 * board.unit, parent=self._image.canvas
        )

    def show(self, spectrum: Spectrum, covariance: Covariance | None) -> None:
        """Show that picture, with what a Gaussian lets through."""
        if spectrum is not self._spectrum:
            self._spectrum = spectrum
            low, high = np.quantile(spectrum.log_power, (0.01, 1.0))
            self._image.show(coloured(spectrum.log_power, low, max(high, low + 1e-6), self._colours))
        dpg.configure_item(self._outline, show=covariance is not None)
        if covariance is None:
            return
        ellipse = half_power_ellipse(gaussian_of(covariance), longest=2 * spectrum.f_max).numpy() / spectrum.f_max
        dpg.configure_item(self._outline, points=((ellipse + 1) * self._image.side[0] / 2).tolist())


class _Curves:
    """Power over frequency, before and after the filter."""

    def __init__(self, board: Board) -> None:
        lines = {
            "long": theme.colours.blue,
            "short": theme.colours.red,
            "picture": theme.colours.quiet,
            "filtered": theme.colours.accent,
        }
        self._plot = Curves(
            board, "cycles per domain unit", "log10 power", lines, _CURVES, legend=True, height_pt=_PLOT_PT
        )

    def show(self, spectrum: Spectrum, controls: Controls) -> None:
        """Show that picture through that filter."""
        frequencies, power = spectrum.frequencies, spectrum.radial_log_power
        if controls.is_gaussian:
            variances = distinct_variances(controls.covariance)
            long, short = variances[0], variances[-1]
            along = passed_share(frequencies, long, long), passed_share(frequencies, short, short)
            passed = passed_share(frequencies, long, short)
        else:
            along, passed = passed_by(controls.filter, frequencies)
        highest = float(power.max())
        values = {"long": along[0], "short": along[1], "picture": power, "filtered": power + passed}
        lowest = highest - _DECADES
        lines = {name: (frequencies.tolist(), np.maximum(line, lowest - 1).tolist()) for name, line in values.items()}
        self._plot.show(lines, ((0, spectrum.f_max), (lowest, max(highest, 0.0) + 0.5)))
